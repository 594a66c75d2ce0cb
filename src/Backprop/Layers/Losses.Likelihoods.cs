namespace Backprop.Layers;

public static partial class Losses
{
    /// <summary>
    /// The binary cross entropy of probabilities: −w (t ln p + (1 − t) ln(1 − p)), averaged over all elements. Logarithms are at least −100, so that
    /// a wrong answer of full certainty costs 100 and not infinity. Where there are logits, <see cref="BinaryCrossEntropyWithLogits"/> is more exact.
    /// </summary>
    /// <param name="probabilities">p from 0 to 1, any shape.</param>
    /// <param name="targets">t, probabilities from 0 to 1 (0 or 1 for plain labels), in the shape and dtype of p.</param>
    /// <param name="weight">w, broadcast to the probabilities; 1 if not given.</param>
    /// <param name="reduction">What becomes of the elements' losses. The mean is over their number, whatever the weights.</param>
    /// <exception cref="ShapeException">The shapes differ, or the weight doesn't broadcast.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A probability is not from 0 to 1.</exception>
    public static Tensor BinaryCrossEntropy(Tensor probabilities, Tensor targets, Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        const string Name = "binary_cross_entropy";
        CheckPair(Name, probabilities, targets, reduction, "probabilities", "targets");
        CheckWeight(Name, nameof(weight), weight, probabilities);
        LegalValues.Check<Probabilities>(Name, nameof(probabilities), probabilities);
        var loss = Elementwise.Apply<BinaryCrossEntropyRule>(probabilities.Wide, targets.Wide);
        return Reduce(weight is null ? loss : loss * weight.Wide, reduction, probabilities.DType);
    }

    /// <summary>
    /// The Kullback–Leibler divergence of a prediction from a target distribution, element by element: t (ln t − x) for log-probabilities x, 0 where
    /// t is 0.
    /// </summary>
    /// <param name="logPrediction">x: log-probabilities, any shape.</param>
    /// <param name="target">t: probabilities in the same shape and dtype; their logarithms with <paramref name="logTarget"/>.</param>
    /// <param name="logTarget">Whether the target holds ln t instead of t.</param>
    /// <param name="reduction">
    /// What becomes of the elements' losses. The divergence itself is <see cref="Reduction.BatchMean"/>, the sum over all elements divided by the first
    /// size; <see cref="Reduction.Mean"/> divides by the number of classes too.
    /// </param>
    /// <exception cref="ShapeException">The shapes differ, or a batch mean is asked for of a scalar.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    public static Tensor KlDivergence(Tensor logPrediction, Tensor target, bool logTarget = false, Reduction reduction = Reduction.Mean)
    {
        const string Name = "kl_divergence";
        if (reduction is not (Reduction.Mean or Reduction.Sum or Reduction.None or Reduction.BatchMean))
        {
            throw Error.Range(Name, nameof(reduction), reduction, "Mean, Sum, None or BatchMean");
        }

        CheckPair(Name, logPrediction, target, reduction == Reduction.BatchMean ? Reduction.Sum : reduction, nameof(logPrediction), nameof(target));
        if (reduction == Reduction.BatchMean && logPrediction.Rank == 0)
        {
            throw Error.Shape(Name, "a scalar [] has no axis of samples for a batch mean; use Sum.");
        }

        var (x, t) = (logPrediction.Wide, target.Wide);
        var loss = logTarget ? t.Exp() * (t - x) : t.XLogY(t) - (t * x);
        return reduction == Reduction.BatchMean ? (loss.Sum() / x.Shape[0]).To(target.DType) : Reduce(loss, reduction, target.DType);
    }

    /// <summary>
    /// Minus the log-likelihood of counts t for a Poisson rate: eˣ − t x for a prediction x of the logarithm of the rate, or x − t ln(x + ε) for one
    /// of the rate itself.
    /// </summary>
    /// <param name="prediction">x, any shape.</param>
    /// <param name="target">The counts t in the same shape and dtype.</param>
    /// <param name="logInput">Whether x is the logarithm of the rate.</param>
    /// <param name="full">Whether to add what doesn't depend on x, ln t!, by Stirling's formula t ln t − t + ½ ln(2πt) where t is above 1.</param>
    /// <param name="epsilon">ε, at least 0: keeps the logarithm of a rate of 0 finite.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate is negative, or <paramref name="epsilon"/> is.</exception>
    public static Tensor PoissonNll(
        Tensor prediction, Tensor target, bool logInput = true, bool full = false, double epsilon = 1e-8, Reduction reduction = Reduction.Mean)
    {
        const string Name = "poisson_nll";
        CheckPair(Name, prediction, target, reduction);
        CheckNotNegative(Name, nameof(epsilon), epsilon);
        if (!logInput)
        {
            LegalValues.Check<NotNegative>(Name, nameof(prediction), prediction);
        }

        var dtype = prediction.DType;
        (prediction, target) = (prediction.Wide, target.Wide);
        var loss = logInput ? Elementwise.Apply<PoissonRule>(prediction, target) : prediction - (target * (prediction + epsilon).Log());
        if (full)
        {
            // The forbidden branch is made harmless first: the slope of 0 ln 0 is infinite.
            var large = target > 1;
            var safe = Tensor.Where(large, target, 1);
            loss += Tensor.Where(large, (safe * safe.Log()) - safe + (0.5 * (2 * Math.PI * safe).Log()), 0);
        }

        return Reduce(loss, reduction, dtype);
    }

    /// <summary>
    /// Minus the log-likelihood of a target t for a normal distribution of predicted mean and variance: ½ (ln v + (x − t)²/v) with v at least ε
    /// (Nix and Weigend, 1994).
    /// </summary>
    /// <param name="prediction">The mean x, any shape.</param>
    /// <param name="target">t, in the same shape and dtype.</param>
    /// <param name="variance">
    /// v ≥ 0 in the same dtype: of the prediction's shape; or one for every row, with the last axis of size 1 or without it.
    /// </param>
    /// <param name="full">Whether to add the constant ½ ln 2π.</param>
    /// <param name="epsilon">ε above 0. A smaller variance counts as ε, but has the gradient that ε would have.</param>
    /// <param name="reduction">What becomes of the elements' losses.</param>
    /// <exception cref="ShapeException">The shapes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A variance is negative, or <paramref name="epsilon"/> is not above 0.</exception>
    public static Tensor GaussianNll(
        Tensor prediction, Tensor target, Tensor variance, bool full = false, double epsilon = 1e-6, Reduction reduction = Reduction.Mean)
    {
        const string Name = "gaussian_nll";
        ArgumentNullException.ThrowIfNull(variance);
        CheckPair(Name, prediction, target, reduction);
        CheckTypes(Name, prediction, variance);
        CheckPositive(Name, nameof(epsilon), epsilon);
        var shape = prediction.Shape;
        var ofRows = shape.Length > 0 && variance.Shape.SequenceEqual(shape[..^1]);
        var fits = ofRows || variance.Shape.SequenceEqual(shape)
            || (shape.Length > 0 && variance.Rank == shape.Length && variance.Shape[^1] == 1 && variance.Shape[..^1].SequenceEqual(shape[..^1]));
        if (!fits)
        {
            throw Error.Shape(Name, $"variance {Error.Text(variance.Shape)} does not fit prediction {Error.Text(shape)}: it must have that shape, or the "
                + "last axis of size 1 or left out.");
        }

        LegalValues.Check<NotNegative>(Name, nameof(variance), variance);
        var dtype = prediction.DType;
        (prediction, target, variance) = (prediction.Wide, target.Wide, variance.Wide);
        var given = ofRows && !variance.Shape.SequenceEqual(shape) ? variance.Unsqueeze(-1) : variance;

        // The bound is a constant beside the variance, so that a variance below it is still told which way to go.
        var v = given + (given.Detach().Clamp(epsilon) - given.Detach());
        var difference = prediction - target;
        var loss = 0.5 * (v.Log() + (difference * (difference / v)));
        return Reduce(full ? loss + (0.5 * Math.Log(2 * Math.PI)) : loss, reduction, dtype);
    }
}
