namespace Backprop.Layers;

/// <summary>
/// Loss functions. Predictions and targets must have the same shape and dtype (nothing is broadcast, because [n] against [n, 1] would silently give
/// [n, n]); labels are checked against the number of classes. Every loss is recorded and differentiable to every order.
/// </summary>
public static partial class Losses
{
    /// <summary>(prediction − target)², averaged over all elements.</summary>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The same shape and dtype.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    public static Tensor MeanSquaredError(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        CheckPair("mean_squared_error", prediction, target, reduction);
        return Reduce(Elementwise.Apply<SquaredErrorRule>(prediction.Wide, target.Wide), reduction, prediction.DType);
    }

    /// <summary>|prediction − target|, averaged over all elements. The gradient is 0 where they are equal.</summary>
    /// <inheritdoc cref="MeanSquaredError"/>
    public static Tensor L1(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        CheckPair("l1", prediction, target, reduction);
        return Reduce(Elementwise.Apply<AbsoluteErrorRule>(prediction.Wide, target.Wide), reduction, prediction.DType);
    }

    /// <summary>With d = prediction − target: d²/2 where |d| ≤ δ, else δ (|d| − δ/2) (Huber, 1964).</summary>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The same shape and dtype.</param>
    /// <param name="delta">Where the parabola becomes a line; above 0.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delta"/> is not above 0.</exception>
    /// <inheritdoc cref="MeanSquaredError"/>
    public static Tensor Huber(Tensor prediction, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean)
    {
        CheckPair("huber", prediction, target, reduction);
        CheckPositive("huber", nameof(delta), delta);
        return Reduce(Elementwise.Apply(new HuberRule(delta), prediction.Wide - target.Wide), reduction, prediction.DType);
    }

    /// <summary>With d = prediction − target: d²/(2β) where |d| &lt; β, else |d| − β/2: <see cref="Huber"/> divided by β.</summary>
    /// <param name="prediction">Any shape.</param>
    /// <param name="target">The same shape and dtype.</param>
    /// <param name="beta">Where the parabola becomes a line; at least 0, where nothing of it is left: |d|.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="beta"/> is negative, or not finite.</exception>
    /// <inheritdoc cref="MeanSquaredError"/>
    public static Tensor SmoothL1(Tensor prediction, Tensor target, double beta = 1, Reduction reduction = Reduction.Mean)
    {
        CheckPair("smooth_l1", prediction, target, reduction);
        CheckNotNegative("smooth_l1", nameof(beta), beta);
        if (beta == 0)
        {
            return Reduce((prediction.Wide - target.Wide).Abs(), reduction, prediction.DType);
        }

        return Reduce(Elementwise.Apply(new HuberRule(beta), prediction.Wide - target.Wide) / beta, reduction, prediction.DType);
    }

    /// <summary>
    /// The binary cross entropy of logits: −w (p t ln σ(x) + (1 − t) ln(1 − σ(x))), averaged over all elements. Stable for logits of any size.
    /// </summary>
    /// <param name="logits">x, any shape.</param>
    /// <param name="targets">t, probabilities from 0 to 1 (0 or 1 for plain labels), in the shape and dtype of the logits.</param>
    /// <param name="weight">w, broadcast to the logits; 1 if not given.</param>
    /// <param name="positiveWeight">p, by how much positive targets count more; broadcast to the logits; 1 if not given.</param>
    /// <param name="reduction">What becomes of the elements' losses. The mean is over their number, whatever the weights.</param>
    /// <exception cref="ShapeException">The shapes differ, or a weight doesn't broadcast.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    public static Tensor BinaryCrossEntropyWithLogits(
        Tensor logits, Tensor targets, Tensor? weight = null, Tensor? positiveWeight = null, Reduction reduction = Reduction.Mean)
    {
        const string Name = "binary_cross_entropy_with_logits";
        CheckPair(Name, logits, targets, reduction, "logits", "targets");
        CheckWeight(Name, nameof(weight), weight, logits);
        CheckWeight(Name, nameof(positiveWeight), positiveWeight, logits);
        var (x, t) = (logits.Wide, targets.Wide);
        var loss = positiveWeight is null
            ? Elementwise.Apply<LogisticLossRule>(x, t)
            : -((positiveWeight.Wide * t * x.LogSigmoid()) + ((1 - t) * (-x).LogSigmoid()));
        return Reduce(weight is null ? loss : loss * weight.Wide, reduction, logits.DType);
    }

    /// <summary>The losses of elements or samples, computed from the inputs' <see cref="Tensor.Wide"/> copies; the result has the inputs' own dtype.</summary>
    private static Tensor Reduce(Tensor loss, Reduction reduction, DType dtype)
    {
        var result = reduction switch
        {
            Reduction.Mean => loss.Mean(),
            Reduction.Sum => loss.Sum(),
            _ => loss,
        };
        return result.To(dtype);
    }

    private static void CheckPair(
        string operation, Tensor prediction, Tensor target, Reduction reduction, string first = "prediction", string second = "target")
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        CheckReduction(operation, reduction);
        if (!prediction.Shape.SequenceEqual(target.Shape))
        {
            throw Error.Shape(operation, $"{first} {Error.Text(prediction.Shape)} and {second} {Error.Text(target.Shape)} must have the same shape; "
                + "nothing is broadcast here. Reshape one of them.");
        }

        CheckTypes(operation, prediction, target);
    }

    private static void CheckTypes(string operation, Tensor x, Tensor y)
    {
        if (x.DType != y.DType)
        {
            throw Error.DTypesDiffer(operation, x.DType, y.DType);
        }

        CheckFloating(operation, x);
    }

    private static void CheckFloating(string operation, Tensor x)
    {
        if (!x.DType.IsFloating())
        {
            throw Error.DType(operation, x.DType, "convert with To(DType.Float32) first.");
        }
    }

    private static void CheckWeight(string operation, string name, Tensor? weight, Tensor x)
    {
        if (weight is null)
        {
            return;
        }

        CheckTypes(operation, x, weight);
        if (!Layout.Broadcast(operation, weight.Shape, x.Shape).AsSpan().SequenceEqual(x.Shape))
        {
            throw Error.Shape(operation, $"{name} {Error.Text(weight.Shape)} does not broadcast to {Error.Text(x.Shape)}.");
        }
    }

    private static void CheckPositive(string operation, string name, double value)
    {
        if (!(value > 0) || !double.IsFinite(value))
        {
            throw Error.Range(operation, name, value, "finite and above 0");
        }
    }

    private static void CheckNotNegative(string operation, string name, double value)
    {
        if (!(value >= 0) || !double.IsFinite(value))
        {
            throw Error.Range(operation, name, value, "finite and at least 0");
        }
    }

    private static void CheckFinite(string operation, string name, double value)
    {
        if (!double.IsFinite(value))
        {
            throw Error.Range(operation, name, value, "finite");
        }
    }

    private static void CheckReduction(string operation, Reduction reduction)
    {
        if (reduction is not (Reduction.Mean or Reduction.Sum or Reduction.None))
        {
            throw Error.Range(operation, nameof(reduction), reduction, "Mean, Sum or None");
        }
    }
}
