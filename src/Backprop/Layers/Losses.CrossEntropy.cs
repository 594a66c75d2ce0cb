namespace Backprop.Layers;

public static partial class Losses
{
    /// <summary>The label of samples that don't count, unless another one is named: −100.</summary>
    public const long DefaultIgnoreIndex = -100;

    /// <summary>
    /// The cross entropy of logits: −ln softmax(logits)[label], averaged over the samples. Computed without overflow.
    /// </summary>
    /// <param name="logits">Unnormalised scores: [N, C], [N, C, …], or [C] for a single sample.</param>
    /// <param name="labels">
    /// Class numbers of int64 or int32: [N], [N, …], or a scalar; or class probabilities in the shape and dtype of the logits.
    /// </param>
    /// <param name="weight">A weight for every class, [C].</param>
    /// <param name="ignoreIndex">A label whose samples count for nothing, neither in the sum nor in the mean.</param>
    /// <param name="labelSmoothing">ε from 0 to 1: targets become (1 − ε) · target + ε / C (Szegedy et al., 2016).</param>
    /// <param name="reduction">
    /// What becomes of the samples' losses. The mean of class numbers with weights is a weighted one; it is NaN where every sample is ignored.
    /// </param>
    /// <returns>A scalar; in the shape of the labels for <see cref="Reduction.None"/>.</returns>
    /// <exception cref="ShapeException">The labels or the weights don't fit the logits.</exception>
    /// <exception cref="DTypeException">The logits are not floating point, or labels or weights of another dtype than stated.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class, or the smoothing not from 0 to 1.</exception>
    public static Tensor CrossEntropy(
        Tensor logits,
        Tensor labels,
        Tensor? weight = null,
        long ignoreIndex = DefaultIgnoreIndex,
        double labelSmoothing = 0,
        Reduction reduction = Reduction.Mean)
    {
        const string Name = "cross_entropy";
        CheckScores(Name, logits, labels, weight, reduction);
        if (!(labelSmoothing is >= 0 and <= 1))
        {
            throw Error.Range(Name, nameof(labelSmoothing), labelSmoothing, "from 0 to 1");
        }

        if (labels.DType.IsFloating())
        {
            if (labels.Rank == logits.Rank - 1)
            {
                throw Error.DType(Name, labels.DType, $"labels {Error.Text(labels.Shape)} for logits {Error.Text(logits.Shape)} must be class indices, "
                    + "int64 or int32: use To(DType.Int64).");
            }

            return OfProbabilities(logits, labels, weight, ignoreIndex, labelSmoothing, reduction);
        }

        var checkedLabels = ClassLabels.Check(Name, logits, labels, ignoreIndex);
        return weight is null && labelSmoothing == 0
            ? Plain(logits.Wide, checkedLabels, reduction, logits.DType)
            : OfLabels(logits.Wide.LogSoftmax(checkedLabels.Axis), checkedLabels, weight?.Wide, labelSmoothing, reduction, logits.DType);
    }

    /// <summary>−x[label], averaged over the samples, for log-probabilities x, as <see cref="Tensor.LogSoftmax"/> gives them.</summary>
    /// <param name="logProbabilities">[N, C], [N, C, …], or [C] for a single sample.</param>
    /// <param name="labels">Class numbers of int64 or int32: [N], [N, …], or a scalar.</param>
    /// <param name="weight">A weight for every class, [C].</param>
    /// <param name="ignoreIndex">A label whose samples count for nothing, neither in the sum nor in the mean.</param>
    /// <param name="reduction">
    /// What becomes of the samples' losses. The mean with weights is a weighted one; it is NaN where every sample is ignored.
    /// </param>
    /// <returns>A scalar; in the shape of the labels for <see cref="Reduction.None"/>.</returns>
    /// <exception cref="ShapeException">The labels or the weights don't fit.</exception>
    /// <exception cref="DTypeException">The log-probabilities are not floating point, or labels or weights of another dtype than stated.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class.</exception>
    public static Tensor NegativeLogLikelihood(
        Tensor logProbabilities,
        Tensor labels,
        Tensor? weight = null,
        long ignoreIndex = DefaultIgnoreIndex,
        Reduction reduction = Reduction.Mean)
    {
        const string Name = "negative_log_likelihood";
        CheckScores(Name, logProbabilities, labels, weight, reduction);
        var checkedLabels = ClassLabels.Check(Name, logProbabilities, labels, ignoreIndex);
        return OfLabels(logProbabilities.Wide, checkedLabels, weight?.Wide, 0, reduction, logProbabilities.DType);
    }

    /// <summary>Class numbers alone: one fused operation over the rows of [samples, C].</summary>
    private static Tensor Plain(Tensor logits, ClassLabels labels, Reduction reduction, DType dtype)
    {
        var values = labels.Values;
        var rows = logits.Rank switch
        {
            1 => logits.Unsqueeze(0),
            2 => logits,
            var rank => logits.Permute([0, .. Enumerable.Range(2, rank - 2), 1]).Flatten(0, -2),
        };
        var ignored = labels.IgnoreIndex ?? DefaultIgnoreIndex;
        Tensor loss;
        try
        {
            loss = reduction == Reduction.Mean
                ? Tensor.MeanCrossEntropy(rows, values.Flatten(), ignored)
                : Tensor.SoftmaxCrossEntropy(rows, values.Flatten(), ignored).Reshape(values.Shape);
        }
        catch (ArgumentOutOfRangeException)
        {
            // The operation looks at every label anyway, so the loss looks itself only to say which one of its own it is.
            labels.CheckValues();
            throw;
        }

        return reduction == Reduction.Sum ? loss.Sum().To(dtype) : loss.To(dtype);
    }

    /// <summary>Losses of samples with class numbers. With smoothing, a share ε goes to all classes alike.</summary>
    private static Tensor OfLabels(
        Tensor logProbabilities, ClassLabels labels, Tensor? weight, double smoothing, Reduction reduction, DType dtype)
    {
        labels.CheckValues();
        var (axis, kept) = (labels.Axis, labels.Kept());
        var index = labels.Index(kept);
        var loss = -logProbabilities.Gather(axis, index).Squeeze(axis);     // [N, …]

        // How much each sample counts, [N, …]; null where all count 1.
        var share = weight?.Detach().IndexSelect(index.Flatten()).Reshape(loss.Shape);
        loss = share is null ? loss : loss * share;
        if (smoothing > 0)
        {
            var everywhere = weight is null ? logProbabilities : logProbabilities * OnAxis(weight, axis, logProbabilities.Rank);
            loss = ((1 - smoothing) * loss) - (smoothing / logProbabilities.Shape[axis] * everywhere.Sum(axis));
        }

        if (kept is not null)
        {
            loss = Tensor.Where(kept, loss, 0);
            share = share is null ? kept.To(loss.DType) : Tensor.Where(kept, share, 0);
        }

        return reduction == Reduction.Mean && share is not null ? (loss.Sum() / share.Sum()).To(dtype) : Reduce(loss, reduction, dtype);
    }

    private static Tensor OfProbabilities(
        Tensor logits, Tensor probabilities, Tensor? weight, long ignoreIndex, double smoothing, Reduction reduction)
    {
        const string Name = "cross_entropy";
        CheckPair(Name, logits, probabilities, reduction, "logits", "class probabilities");
        if (ignoreIndex != DefaultIgnoreIndex)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{Name}: an ignoreIndex, {ignoreIndex}, goes with class numbers, not with class probabilities."),
                nameof(ignoreIndex));
        }

        var axis = ClassLabels.AxisOf(Name, logits);
        var classes = logits.Shape[axis];
        var given = probabilities.Wide;
        var targets = smoothing > 0 ? (given * (1 - smoothing)) + (smoothing / classes) : given;
        targets = weight is null ? targets : targets * OnAxis(weight.Wide, axis, logits.Rank);
        return Reduce(-(logits.Wide.LogSoftmax(axis) * targets).Sum(axis), reduction, logits.DType);
    }

    /// <summary>A class weight [C] as [C, 1, …], to be multiplied with scores whose classes are on an axis.</summary>
    private static Tensor OnAxis(Tensor weight, int axis, int rank)
    {
        var shape = new int[rank - axis];
        Array.Fill(shape, 1);
        shape[0] = weight.Count;
        return weight.Detach().Reshape(shape);
    }

    private static void CheckScores(string operation, Tensor scores, Tensor labels, Tensor? weight, Reduction reduction)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        CheckReduction(operation, reduction);
        CheckFloating(operation, scores);
        CheckClassWeight(operation, weight, scores, scores.Shape[ClassLabels.AxisOf(operation, scores)]);
    }

    private static void CheckClassWeight(string operation, Tensor? weight, Tensor scores, int classes)
    {
        if (weight is null)
        {
            return;
        }

        CheckTypes(operation, scores, weight);
        if (!weight.Shape.SequenceEqual([classes]))
        {
            throw Error.Shape(operation, $"weight {Error.Text(weight.Shape)} must be [{classes}], one per class.");
        }
    }
}
