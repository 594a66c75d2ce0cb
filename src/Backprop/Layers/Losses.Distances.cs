namespace Backprop.Layers;

public static partial class Losses
{
    /// <summary>For the cosine c of two vectors: 1 − c where the target is 1, max(0, c − margin) where it is −1.</summary>
    /// <param name="first">[N, D], or [D] for a single pair; any leading axes.</param>
    /// <param name="second">The same shape and dtype.</param>
    /// <param name="target">1 or −1 in the same dtype, without the last axis: [N], or a scalar.</param>
    /// <param name="margin">From −1 to 1; a cosine below it is dissimilar enough.</param>
    /// <param name="reduction">What becomes of the pairs' losses.</param>
    /// <returns>A scalar; in the shape of the target for <see cref="Reduction.None"/>.</returns>
    /// <remarks>
    /// The cosine is <see cref="Tensor.CosineSimilarity"/>, whose divisor is at least 1e-8. PyTorch's loss adds 1e-12 to the squared lengths instead, which
    /// makes a difference for vectors that are nearly 0, whose direction means nothing: their gradients are large in either, and not the same.
    /// </remarks>
    /// <exception cref="ShapeException">The shapes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 1 nor −1, or the margin is not from −1 to 1.</exception>
    /// <seealso cref="Tensor.CosineSimilarity"/>
    public static Tensor CosineEmbedding(Tensor first, Tensor second, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean)
    {
        const string Name = "cosine_embedding";
        ArgumentNullException.ThrowIfNull(target);
        CheckPair(Name, first, second, reduction, nameof(first), nameof(second));
        CheckVectors(Name, nameof(first), first);
        CheckTypes(Name, first, target);
        if (!target.Shape.SequenceEqual(first.Shape[..^1]))
        {
            throw Error.Shape(Name, $"target {Error.Text(target.Shape)} must be {Error.Text(first.Shape[..^1])}, one per vector of "
                + $"{Error.Text(first.Shape)}.");
        }

        if (!(margin is >= -1 and <= 1))
        {
            throw Error.Range(Name, nameof(margin), margin, "from -1 to 1");
        }

        LegalValues.Check<Signs>(Name, nameof(target), target);
        var cosine = first.Wide.CosineSimilarity(second.Wide);
        return Reduce(Tensor.Where(target > 0, 1 - cosine, (cosine - margin).Clamp(0)), reduction, first.DType);
    }

    /// <summary>
    /// max(0, d(a, p) − d(a, n) + margin) for the <see cref="Tensor.PairwiseDistance"/> d of an anchor a from a positive p and a negative n (Balntas
    /// et al., 2016).
    /// </summary>
    /// <param name="anchor">[N, D], or [D] for a single triplet; any leading axes.</param>
    /// <param name="positive">What the anchor should be near, in the same shape and dtype.</param>
    /// <param name="negative">What it should be far from, in the same shape and dtype.</param>
    /// <param name="margin">By how much nearer; finite and above 0.</param>
    /// <param name="p">The norm of the distance, above 0; infinity is the largest difference.</param>
    /// <param name="epsilon">What is added to every difference, so that the distance of equal vectors has a slope.</param>
    /// <param name="swap">Whether to use d(p, n) where it is smaller than d(a, n).</param>
    /// <param name="reduction">What becomes of the triplets' losses.</param>
    /// <returns>A scalar; without the last axis for <see cref="Reduction.None"/>.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static Tensor TripletMargin(
        Tensor anchor,
        Tensor positive,
        Tensor negative,
        double margin = 1,
        double p = 2,
        double epsilon = 1e-6,
        bool swap = false,
        Reduction reduction = Reduction.Mean)
    {
        const string Name = "triplet_margin";
        CheckTriplet(Name, anchor, positive, negative, margin, reduction);
        CheckVectors(Name, nameof(anchor), anchor);
        if (!(p > 0))
        {
            throw Error.Range(Name, nameof(p), p, "above 0");
        }

        CheckNotNegative(Name, nameof(epsilon), epsilon);
        return OfTriplet((x, y) => x.PairwiseDistance(y, p, epsilon), anchor, positive, negative, margin, swap, reduction);
    }

    /// <summary>The same with a distance of your own.</summary>
    /// <param name="anchor">Any shape that the distance takes.</param>
    /// <param name="positive">What the anchor should be near, in the same shape and dtype.</param>
    /// <param name="negative">What it should be far from, in the same shape and dtype.</param>
    /// <param name="distance">The distances of the vectors of two tensors; results of one shape.</param>
    /// <param name="margin">By how much nearer; finite and above 0.</param>
    /// <param name="swap">Whether to use the distance of positive and negative where it is smaller than that of anchor and negative.</param>
    /// <param name="reduction">What becomes of the triplets' losses.</param>
    /// <returns>A scalar; in the shape of the distances for <see cref="Reduction.None"/>.</returns>
    /// <exception cref="ShapeException">The shapes differ, or those of the distances do.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The margin is not finite and above 0.</exception>
    public static Tensor TripletMargin(
        Tensor anchor,
        Tensor positive,
        Tensor negative,
        Func<Tensor, Tensor, Tensor> distance,
        double margin = 1,
        bool swap = false,
        Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(distance);
        CheckTriplet("triplet_margin", anchor, positive, negative, margin, reduction);
        return OfTriplet(distance, anchor, positive, negative, margin, swap, reduction);
    }

    private static Tensor OfTriplet(
        Func<Tensor, Tensor, Tensor> distance, Tensor anchor, Tensor positive, Tensor negative, double margin, bool swap, Reduction reduction)
    {
        var dtype = anchor.DType;
        (anchor, positive, negative) = (anchor.Wide, positive.Wide, negative.Wide);
        var (near, far) = (distance(anchor, positive), distance(anchor, negative));
        CheckDistances(near, far);
        if (swap)
        {
            var other = distance(positive, negative);
            CheckDistances(near, other);
            far = far.Minimum(other);
        }

        return Reduce((near - far + margin).Clamp(0), reduction, dtype);
    }

    private static void CheckDistances(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x, "distance");
        ArgumentNullException.ThrowIfNull(y, "distance");
        if (!x.Shape.SequenceEqual(y.Shape))
        {
            throw Error.Shape("triplet_margin", $"the distances have different shapes, {Error.Text(x.Shape)} and {Error.Text(y.Shape)}.");
        }
    }

    private static void CheckTriplet(string operation, Tensor anchor, Tensor positive, Tensor negative, double margin, Reduction reduction)
    {
        CheckPair(operation, anchor, positive, reduction, nameof(anchor), nameof(positive));
        CheckPair(operation, anchor, negative, reduction, nameof(anchor), nameof(negative));
        CheckPositive(operation, nameof(margin), margin);
    }

    private static void CheckVectors(string operation, string name, Tensor x)
    {
        if (x.Rank == 0)
        {
            throw Error.Shape(operation, $"{name} must be vectors, [N, D] or [D], not a scalar [].");
        }
    }
}
