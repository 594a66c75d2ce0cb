namespace Backprop.Layers;

public static partial class Losses
{
    /// <summary>ln(1 + e^(−t x)), averaged over all elements: the logistic loss of targets 1 and −1. Stable for x of any size.</summary>
    /// <param name="prediction">x, any shape.</param>
    /// <param name="target">t, 1 or −1, in the same shape and dtype.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 1 nor −1.</exception>
    public static Tensor SoftMargin(Tensor prediction, Tensor target, Reduction reduction = Reduction.Mean)
    {
        const string Name = "soft_margin";
        CheckPair(Name, prediction, target, reduction);
        LegalValues.Check<Signs>(Name, nameof(target), target);
        return Reduce(Elementwise.Apply<SoftMarginRule>(prediction.Wide, target.Detach().Wide), reduction, prediction.DType);
    }

    /// <summary>For a distance x: x itself where the target is 1, max(0, margin − x) where it is −1, averaged over all elements.</summary>
    /// <param name="prediction">x, any shape.</param>
    /// <param name="target">1 or −1, in the same shape and dtype.</param>
    /// <param name="margin">How far apart dissimilar ones should be; finite.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 1 nor −1, or the margin is not finite.</exception>
    public static Tensor HingeEmbedding(Tensor prediction, Tensor target, double margin = 1, Reduction reduction = Reduction.Mean)
    {
        const string Name = "hinge_embedding";
        CheckPair(Name, prediction, target, reduction);
        CheckFinite(Name, nameof(margin), margin);
        LegalValues.Check<Signs>(Name, nameof(target), target);
        var x = prediction.Wide;
        return Reduce(Tensor.Where(target > 0, x, (margin - x).Clamp(0)), reduction, prediction.DType);
    }

    /// <summary>max(0, margin − t (x − y)), averaged over all elements: x should rank above y where t is 1, below where it is −1.</summary>
    /// <param name="first">x, any shape.</param>
    /// <param name="second">y, in the same shape and dtype.</param>
    /// <param name="target">t, 1 or −1, in the same shape and dtype.</param>
    /// <param name="margin">By how much at least; finite.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is neither 1 nor −1, or the margin is not finite.</exception>
    public static Tensor MarginRanking(Tensor first, Tensor second, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean)
    {
        const string Name = "margin_ranking";
        CheckPair(Name, first, second, reduction, nameof(first), nameof(second));
        CheckPair(Name, first, target, reduction, nameof(first), nameof(target));
        CheckFinite(Name, nameof(margin), margin);
        LegalValues.Check<Signs>(Name, nameof(target), target);
        return Reduce((margin - (target.Detach().Wide * (first.Wide - second.Wide))).Clamp(0), reduction, first.DType);
    }

    /// <summary>
    /// The multi-class hinge loss: Σ max(0, margin − x[y] + x[j])ᵖ over the classes j other than y, divided by the number of classes and weighted by
    /// w[y] (Crammer and Singer, 2001).
    /// </summary>
    /// <param name="scores">x: [N, C], [N, C, …], or [C] for a single sample.</param>
    /// <param name="labels">Class numbers y of int64 or int32: [N], [N, …], or a scalar.</param>
    /// <param name="p">1 or 2.</param>
    /// <param name="margin">How far the right class should be ahead; finite.</param>
    /// <param name="weight">A weight w for every class, [C].</param>
    /// <param name="reduction">What becomes of the samples' losses. The mean is over their number, whatever the weights.</param>
    /// <returns>A scalar; in the shape of the labels for <see cref="Reduction.None"/>.</returns>
    /// <exception cref="ShapeException">The labels or the weights don't fit the scores.</exception>
    /// <exception cref="DTypeException">The scores are not floating point, or labels or weights of another dtype than stated.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class, p is neither 1 nor 2, or the margin is not finite.</exception>
    public static Tensor MultiMargin(
        Tensor scores, Tensor labels, int p = 1, double margin = 1, Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        const string Name = "multi_margin";
        CheckScores(Name, scores, labels, weight, reduction);
        if (p is not (1 or 2))
        {
            throw Error.Range(Name, nameof(p), p, "1 or 2");
        }

        CheckFinite(Name, nameof(margin), margin);
        var checkedLabels = ClassLabels.Check(Name, scores, labels, ignoreIndex: null);
        checkedLabels.CheckValues();
        var axis = checkedLabels.Axis;
        var index = labels.Unsqueeze(axis);
        var x = scores.Wide;
        var ahead = (x - x.Gather(axis, index) + margin).Relu();
        var isLabel = index.EqualTo(OnAxis(Tensor.Arange(checkedLabels.Classes, labels.DType), axis, scores.Rank));
        var loss = Tensor.Where(isLabel, 0, p == 2 ? ahead.Square() : ahead).Sum(axis) / checkedLabels.Classes;
        loss = weight is null ? loss : loss * weight.Detach().Wide.IndexSelect(labels.Flatten()).Reshape(labels.Shape);
        return Reduce(loss, reduction, scores.DType);
    }

    /// <summary>
    /// The multi-label hinge loss: Σ max(0, 1 − x[y] + x[j]) over the labels y of a sample and the classes j that are none of its labels, divided by
    /// the number of classes.
    /// </summary>
    /// <param name="scores">x: [N, C], or [C] for a single sample.</param>
    /// <param name="labels">Class numbers of int64 or int32 in the shape of the scores; a sample's labels end at its first −1.</param>
    /// <param name="reduction">What becomes of the samples' losses.</param>
    /// <returns>A scalar; [N], or a scalar for a single sample, for <see cref="Reduction.None"/>.</returns>
    /// <exception cref="ShapeException">The labels don't fit the scores.</exception>
    /// <exception cref="DTypeException">The scores are not floating point, or the labels not integers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is neither a class nor −1.</exception>
    public static Tensor MultiLabelMargin(Tensor scores, Tensor labels, Reduction reduction = Reduction.Mean)
    {
        const string Name = "multi_label_margin";
        CheckScores(Name, scores, labels, weight: null, reduction);
        var sets = LabelSets.Check(Name, scores, labels);
        var rows = (scores.Rank == 1 ? scores.Unsqueeze(0) : scores).Wide;
        var chosen = rows.Gather(1, sets.Labels).Unsqueeze(2);                          // [N, K, 1]
        var ahead = (rows.Unsqueeze(1) - chosen + 1).Relu();                            // [N, K, C]
        var counts = sets.IsThere.Unsqueeze(2) & !sets.IsLabel.Unsqueeze(1);
        var loss = Tensor.Where(counts, ahead, 0).Sum([1, 2]) / rows.Shape[1];
        return Reduce(scores.Rank == 1 ? loss.Squeeze(0) : loss, reduction, scores.DType);
    }

    /// <summary>
    /// The binary cross entropy of logits, averaged over the classes of each sample: −(1/C) Σ w (t ln σ(x) + (1 − t) ln(1 − σ(x))). Stable for logits
    /// of any size.
    /// </summary>
    /// <param name="logits">x: [N, C], [N, …, C], or [C] for a single sample.</param>
    /// <param name="targets">t, 0 or 1 (or a probability), in the shape and dtype of the logits.</param>
    /// <param name="weight">A weight w for every class, [C].</param>
    /// <param name="reduction">What becomes of the samples' losses.</param>
    /// <returns>A scalar; without the last axis for <see cref="Reduction.None"/>.</returns>
    /// <exception cref="ShapeException">The shapes differ, or the weights are not [C].</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    public static Tensor MultiLabelSoftMargin(Tensor logits, Tensor targets, Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        const string Name = "multi_label_soft_margin";
        CheckPair(Name, logits, targets, reduction, "logits", "targets");
        if (logits.Rank == 0 || logits.Shape[^1] == 0)
        {
            throw Error.Shape(Name, $"logits must be [N, C], [N, …, C] or [C] with at least one class, not {Error.Text(logits.Shape)}.");
        }

        CheckClassWeight(Name, weight, logits, logits.Shape[^1]);
        var loss = Elementwise.Apply<LogisticLossRule>(logits.Wide, targets.Wide);
        return Reduce((weight is null ? loss : loss * weight.Detach().Wide).Mean(-1), reduction, logits.DType);
    }
}
