namespace Backprop.Layers;

public static partial class Losses
{
    /// <summary>
    /// Connectionist temporal classification: minus the log-probability of a sequence of labels, summed over all its alignments with the frames of a
    /// longer sequence of predictions (Graves et al., 2006). Computed from log-probabilities by the recursions of <see cref="Tensor.Ctc"/>.
    /// </summary>
    /// <param name="logProbabilities">
    /// [T, N, C]: T frames, N samples, C classes, as <see cref="Tensor.LogSoftmax"/> over the last axis gives them; or [T, C] for a single sample.
    /// </param>
    /// <param name="targets">
    /// Class numbers of int64 or int32 other than the blank: [N, S], what follows a sample's length is not looked at; or the labels of all samples one
    /// after the other; or [S] for a single sample.
    /// </param>
    /// <param name="inputLengths">How many frames each sample has, int64 or int32: [N], or a scalar; at most T.</param>
    /// <param name="targetLengths">How many labels each sample has, int64 or int32: [N], or a scalar; 0 for none.</param>
    /// <param name="blank">The class that stands for no label.</param>
    /// <param name="reduction">
    /// What becomes of the samples' losses. The mean divides each by the number of its labels first, or by 1 where it has none.
    /// </param>
    /// <param name="zeroInfinity">
    /// Whether the loss of a sample with fewer frames than its labels need is 0 instead of infinity. Its gradient is 0 in any case.
    /// </param>
    /// <returns>A scalar; [N] for <see cref="Reduction.None"/> of a batch.</returns>
    /// <exception cref="ShapeException">The shapes don't fit.</exception>
    /// <exception cref="DTypeException">The log-probabilities are not floating point, or targets or lengths not integers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length, a label or the blank is out of range, or a label is the blank.</exception>
    public static Tensor Ctc(
        Tensor logProbabilities,
        Tensor targets,
        Tensor inputLengths,
        Tensor targetLengths,
        int blank = 0,
        Reduction reduction = Reduction.Mean,
        bool zeroInfinity = false)
    {
        CheckReduction("ctc", reduction);
        var loss = Tensor.Ctc(logProbabilities?.Wide!, targets, inputLengths, targetLengths, blank);
        if (zeroInfinity)
        {
            loss = Tensor.Where(loss.EqualTo(double.PositiveInfinity), 0, loss);
        }

        loss = reduction == Reduction.Mean ? loss / targetLengths.Clamp(1).To(loss.DType).Reshape(loss.Shape) : loss;
        return Reduce(loss, reduction, logProbabilities!.DType);
    }
}
