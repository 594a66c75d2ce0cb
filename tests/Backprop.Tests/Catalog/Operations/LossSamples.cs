using Backprop.Layers;
using Reduction = Backprop.Layers.Reduction;

namespace Backprop.Tests.Catalog.Operations;

/// <summary>Losses of pairs of tensors, element by element, and those of class numbers.</summary>
internal sealed class LossSamples : ICatalogEntry
{
    private static readonly Type shape = typeof(ShapeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type range = typeof(ArgumentOutOfRangeException);

    public IEnumerable<Sample> Samples() => [.. Pairs(), .. Likelihoods(), .. Classes()];

    public IEnumerable<ErrorCase> Errors() => [.. PairErrors(), .. LikelihoodErrors(), .. ClassErrors()];

    private static IEnumerable<Sample> Pairs() =>
    [
        Of("mean_squared_error", "the mean", [Values.Reals(3, 4), Values.Others(3, 4)], t => Losses.MeanSquaredError(t[0], t[1])) with
        {
            Large = () => [Values.Reals(200, 150), Values.Others(200, 150)],
        },
        Of("mean_squared_error", "each", [Values.Reals(5), Values.Others(5)], t => Losses.MeanSquaredError(t[0], t[1], Reduction.None)),
        Of("l1", "the sum", [Values.Reals(3, 4), Values.Others(3, 4)], t => Losses.L1(t[0], t[1], Reduction.Sum)),
        new("huber", "a bend at 0.7", [Values.Reals(3, 4), Values.Others(3, 4)], t => Losses.Huber(t[0], t[1], 0.7))
        {
            Large = () => [Values.Reals(200, 150), Values.Others(200, 150)],
        },
        Of("smooth_l1", "a bend at 0.7, each", [Values.Reals(2, 4), Values.Others(2, 4)], t => Losses.SmoothL1(t[0], t[1], 0.7, Reduction.None)),
        Of("smooth_l1", "no bend", [Values.Reals(2, 4), Values.Others(2, 4)], t => Losses.SmoothL1(t[0], t[1], 0)),
        Of("smooth_l1", "two scalars", [Values.Reals(), Values.Others()], t => Losses.SmoothL1(t[0], t[1])),
    ];

    private static IEnumerable<Sample> Likelihoods() =>
    [
        Of("binary_cross_entropy_with_logits", "the mean", [Values.Reals(3, 4), Values.Probabilities(3, 4)],
            t => Losses.BinaryCrossEntropyWithLogits(t[0], t[1])),
        Of("binary_cross_entropy_with_logits", "both weights, each",
            [Values.Reals(2, 3), Values.Probabilities(2, 3), Values.Positives(2, 1), Values.Positives(3)],
            t => Losses.BinaryCrossEntropyWithLogits(t[0], t[1], t[2], t[3], Reduction.None)),
        Of("binary_cross_entropy", "the mean", [Values.Probabilities(3, 4), Values.Positives(3, 4)], t => Losses.BinaryCrossEntropy(t[0], t[1])) with
        {
            Large = () => [Values.Probabilities(150, 200), Values.Probabilities(200, 150).Reshape(150, 200)],
        },
        Of("binary_cross_entropy", "a weight, the sum", [Values.Probabilities(2, 3), Values.Positives(2, 3), Values.Positives(3)],
            t => Losses.BinaryCrossEntropy(t[0], t[1], t[2], Reduction.Sum)),
        Of("kl_divergence", "the mean", [Values.Reals(3, 4), Values.Probabilities(3, 4)], t => Losses.KlDivergence(t[0], t[1])),
        Of("kl_divergence", "targets in logarithms, each", [Values.Reals(2, 3), Values.Others(2, 3)],
            t => Losses.KlDivergence(t[0], t[1], logTarget: true, Reduction.None)),
        Of("kl_divergence", "per sample", [Values.Reals(4, 3), Values.Probabilities(4, 3)],
            t => Losses.KlDivergence(t[0], t[1], reduction: Reduction.BatchMean)),
        Of("poisson_nll", "of logarithms of rates", [Values.Reals(3, 4), Values.Positives(3, 4)], t => Losses.PoissonNll(t[0], t[1])),
        Of("poisson_nll", "of rates, with Stirling's formula", [Values.Positives(2, 3), Values.Positives(2, 3)],
            t => Losses.PoissonNll(t[0], t[1], logInput: false, full: true, epsilon: 1e-3, Reduction.None)),
        Of("gaussian_nll", "a variance each", [Values.Reals(3, 4), Values.Others(3, 4), Values.Positives(3, 4)],
            t => Losses.GaussianNll(t[0], t[1], t[2])),
        Of("gaussian_nll", "a variance per row, in full", [Values.Reals(2, 3), Values.Others(2, 3), Values.Positives(2, 1)],
            t => Losses.GaussianNll(t[0], t[1], t[2], full: true, reduction: Reduction.None)),
        Of("gaussian_nll", "a variance per row, without the axis", [Values.Reals(2, 3), Values.Others(2, 3), Values.Positives(2)],
            t => Losses.GaussianNll(t[0], t[1], t[2], reduction: Reduction.Sum)),
    ];

    private static IEnumerable<Sample> Classes() =>
    [
        Of("cross_entropy", "class numbers", [Values.Reals(4, 3), Values.Positions(3, 4)], t => Losses.CrossEntropy(t[0], t[1])) with
        {
            Large = () => [Values.Reals(300, 40), Values.Positions(40, 300)],
        },
        Of("cross_entropy", "two more axes, one sample ignored", [Values.Reals(2, 3, 2, 2), Labels([0, 2, 1, 9, 1, 1, 0, 2], 2, 2, 2)],
            t => Losses.CrossEntropy(t[0], t[1], ignoreIndex: 9)),
        Constant(1, Of("cross_entropy", "weights and smoothing, each", [Values.Reals(4, 3), Values.Positives(3), Values.Positions(3, 4)],
            t => Losses.CrossEntropy(t[0], t[2], t[1], labelSmoothing: 0.2, reduction: Reduction.None))),
        Of("cross_entropy", "class probabilities, smoothing", [Values.Reals(2, 3, 2), Values.Probabilities(2, 3, 2)],
            t => Losses.CrossEntropy(t[0], t[1], labelSmoothing: 0.1)),
        Of("cross_entropy", "a single sample", [Values.Reals(4), Labels([2])], t => Losses.CrossEntropy(t[0], t[1])),
        Of("negative_log_likelihood", "class numbers", [Values.Reals(4, 3), Values.Positions(3, 4)], t => Losses.NegativeLogLikelihood(t[0], t[1])),
        Constant(1, Of("negative_log_likelihood", "weights, an axis more, one ignored",
            [Values.Reals(2, 3, 2), Values.Positives(3), Labels([0, -1, 2, 1], 2, 2)],
            t => Losses.NegativeLogLikelihood(t[0], t[2], t[1], ignoreIndex: -1))),
    ];

    private static IEnumerable<ErrorCase> PairErrors() =>
    [
        new("mean_squared_error", "integers", type, [I(3), I(3)], t => Losses.MeanSquaredError(t[0], t[1]), ["int64", "To(DType.Float32)"]),
        new("l1", "shapes that would broadcast", shape, [F(3), F(3, 1)], t => Losses.L1(t[0], t[1]), ["[3]", "[3, 1]"]),
        new("huber", "a batch mean", range, [F(3), F(3)], t => Losses.Huber(t[0], t[1], reduction: Reduction.BatchMean), ["BatchMean", "Mean, Sum or None"]),
        new("smooth_l1", "a bend at infinity", range, [F(3), F(3)], t => Losses.SmoothL1(t[0], t[1], double.PositiveInfinity), ["beta", "finite"]),
        new("smooth_l1", "a negative bend", range, [F(3), F(3)], t => Losses.SmoothL1(t[0], t[1], -1), ["beta", "-1", "at least 0"]),
        new("smooth_l1", "dtypes that differ", type, [F(3), D(3)], t => Losses.SmoothL1(t[0], t[1]), ["float32", "float64"]),
    ];

    private static IEnumerable<ErrorCase> LikelihoodErrors() =>
    [
        new("binary_cross_entropy_with_logits", "a weight that doesn't fit", shape, [F(2, 3), F(2, 3), F(2)],
            t => Losses.BinaryCrossEntropyWithLogits(t[0], t[1], t[2]), ["[2]", "[2, 3]"]),
        new("binary_cross_entropy", "a probability above 1", range, [Tensor.From([0.5, 1.5]), D(2)],
            t => Losses.BinaryCrossEntropy(t[0], t[1]), ["probabilities is 1.5 at position 1", "from 0 to 1", "raw scores", "BinaryCrossEntropyWithLogits"]),
        new("binary_cross_entropy", "a probability that is none", range, [Tensor.From([float.NaN]), F(1)],
            t => Losses.BinaryCrossEntropy(t[0], t[1]), ["NaN at position 0"]),
        new("binary_cross_entropy", "shapes that would broadcast", shape, [F(3), F(1)], t => Losses.BinaryCrossEntropy(t[0], t[1]), ["[3]", "[1]"]),
        new("binary_cross_entropy", "integers", type, [F(3), I(3)], t => Losses.BinaryCrossEntropy(t[0], t[1]), ["int64"]),
        new("kl_divergence", "shapes that would broadcast", shape, [F(2, 3), F(3)], t => Losses.KlDivergence(t[0], t[1]), ["[2, 3]", "[3]"]),
        new("kl_divergence", "an unknown reduction", range, [F(2), F(2)], t => Losses.KlDivergence(t[0], t[1], reduction: (Reduction)9), ["9", "BatchMean"]),
        new("kl_divergence", "a batch mean of a scalar", shape, [F(), F()], t => Losses.KlDivergence(t[0], t[1], reduction: Reduction.BatchMean), ["[]", "Sum"]),
        new("kl_divergence", "dtypes that differ", type, [F(2), D(2)], t => Losses.KlDivergence(t[0], t[1]), ["float32", "float64"]),
        new("poisson_nll", "a negative rate", range, [Tensor.From([1.0, -0.5]), D(2)],
            t => Losses.PoissonNll(t[0], t[1], logInput: false), ["prediction is -0.5 at position 1", "at least 0"]),
        new("poisson_nll", "a negative epsilon", range, [F(2), F(2)], t => Losses.PoissonNll(t[0], t[1], epsilon: -1e-3), ["epsilon", "-0.001"]),
        new("poisson_nll", "shapes that would broadcast", shape, [F(2), F()], t => Losses.PoissonNll(t[0], t[1]), ["[2]", "[]"]),
        new("poisson_nll", "integer counts", type, [F(2), I(2)], t => Losses.PoissonNll(t[0], t[1]), ["int64"]),
        new("gaussian_nll", "a negative variance", range, [D(2), D(2), Tensor.From([1.0, -2.0])],
            t => Losses.GaussianNll(t[0], t[1], t[2]), ["variance is -2 at position 1", "at least 0"]),
        new("gaussian_nll", "variances of other samples", shape, [F(2, 3), F(2, 3), F(3)], t => Losses.GaussianNll(t[0], t[1], t[2]), ["[3]", "[2, 3]"]),
        new("gaussian_nll", "targets that would broadcast", shape, [F(2, 3), F(3), F(2, 3)], t => Losses.GaussianNll(t[0], t[1], t[2]), ["[3]", "[2, 3]"]),
        new("gaussian_nll", "no least variance", range, [F(2), F(2), F(2)], t => Losses.GaussianNll(t[0], t[1], t[2], epsilon: 0), ["epsilon is 0"]),
        new("gaussian_nll", "dtypes that differ", type, [F(2), F(2), D(2)], t => Losses.GaussianNll(t[0], t[1], t[2]), ["float32", "float64"]),
    ];

    private static IEnumerable<ErrorCase> ClassErrors() =>
    [
        new("cross_entropy", "weights of other classes", shape, [F(2, 3), I(2), F(2)], t => Losses.CrossEntropy(t[0], t[1], t[2]), ["[2]", "[3]"]),
        new("cross_entropy", "too much smoothing", range, [F(2, 3), I(2)], t => Losses.CrossEntropy(t[0], t[1], labelSmoothing: 1.5), ["1.5", "from 0 to 1"]),
        new("cross_entropy", "labels that are no integers", type, [F(2, 3), F(2)], t => Losses.CrossEntropy(t[0], t[1]), ["float32", "To(DType.Int64)"]),
        new("cross_entropy", "no class", shape, [F(2, 0), I(2)], t => Losses.CrossEntropy(t[0], t[1]), ["[2, 0]"]),
        new("negative_log_likelihood", "a label that is no class", range, [F(2, 3), Labels([0, 3])],
            t => Losses.NegativeLogLikelihood(t[0], t[1]), ["label 3 at position 1", "from 0 to 2"]),
        new("negative_log_likelihood", "labels of other samples", shape, [F(2, 3), I(3)], t => Losses.NegativeLogLikelihood(t[0], t[1]), ["[3]", "[2, 3]"]),
    ];

    private static Sample Of(string operation, string situation, Tensor[] inputs, Func<Tensor[], Tensor> call) =>
        new(operation, situation, inputs, call) { IsComposite = true };

    private static Sample Constant(int input, Sample sample) => sample with { Constants = [input] };

    private static Tensor Labels(long[] labels, params ReadOnlySpan<int> sizes) =>
        sizes.IsEmpty && labels.Length == 1 ? Tensor.Scalar(labels[0]) : sizes.IsEmpty ? Tensor.From(labels) : Tensor.From(labels, sizes);

    private static Tensor F(params ReadOnlySpan<int> sizes) => Tensor.Ones(sizes);

    private static Tensor D(params ReadOnlySpan<int> sizes) => Tensor.Ones(sizes, DType.Float64);

    private static Tensor I(params ReadOnlySpan<int> sizes) => Tensor.Ones(sizes, DType.Int64);
}
