namespace Backprop.Tests.Catalog.Operations;

/// <summary>Reductions: sums, products, norms, moments, extremes, soft maxima, counts.</summary>
internal sealed class ReductionSamples : ICatalogEntry
{
    private const string Positions = "positions have no gradient";
    private const string Counts = "counts have no gradient";
    private const string Truth = "truth values have no gradient";
    private static readonly Type range = typeof(ArgumentOutOfRangeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type shape = typeof(ShapeException);

    public IEnumerable<Sample> Samples() => [.. Sums(), .. Products(), .. Norms(), .. Extremes(), .. Softs(), .. Countings()];

    public IEnumerable<ErrorCase> Errors() =>
    [
        new("product", "an axis that isn't there", range, [Values.Reals(2, 3)], t => t[0].Product(2), ["axis 2", "-2", "1"]),
        new("product", "an axis named twice", shape, [Values.Reals(2, 3)], t => t[0].Product([0, -2]), ["-2", "twice"]),
        new("norm", "integers", type, [Values.Positions(3, 4)], t => t[0].Norm(), ["int64", "To(DType.Float32)"]),
        new("norm", "p of NaN", range, [Values.Reals(3)], t => t[0].Norm(double.NaN), ["p", "NaN"]),
        new("norm", "an axis that isn't there", range, [Values.Reals(3)], t => t[0].Norm(2, 1), ["axis 1"]),
        new("norm", "the largest of no elements", shape, [Values.Reals(2, 0)], t => t[0].Norm(double.PositiveInfinity, 1), ["[2, 0]", "no elements"]),
        new("standard_deviation", "integers", type, [Values.Positions(3, 4)], t => t[0].StandardDeviation(), ["int64"]),
        new("max", "an axis named twice", shape, [Values.Reals(2, 3)], t => t[0].Max([1, 1]), ["twice"]),
        new("min", "an axis that isn't there", range, [Values.Reals(2, 3)], t => t[0].Min(-3), ["axis -3"]),
        new("log_sum_exp", "an axis that isn't there", range, [Values.Reals(2, 3)], t => t[0].LogSumExp(2), ["axis 2"]),
        new("count_non_zero", "an axis that isn't there", range, [Values.Reals(2, 3)], t => t[0].CountNonZero(2), ["axis 2"]),
        new("any", "an axis of a scalar", range, [Values.Mask()], t => t[0].Any(0), ["axis 0", "scalar"]),
        new("all", "an axis named twice", shape, [Values.Mask(2, 2)], t => t[0].All([0, 0]), ["twice"]),
    ];

    private static IEnumerable<Sample> Sums() =>
    [
        new("sum", "all elements", [Values.Reals(3, 4)], t => t[0].Sum()) { Large = () => [Values.Reals(70_000)] },
        new("sum", "rows", [Values.Reals(3, 4)], t => t[0].Sum(1)) { Large = () => [Values.Reals(300, 250)] },
        new("sum", "two axes, kept", [Values.Reals(2, 3, 4)], t => t[0].Sum([0, -1], keepDimensions: true)) { Large = () => [Values.Reals(30, 50, 60)] },
        new("sum", "no elements", [Values.Reals(0, 3)], t => t[0].Sum(0)),
        new("sum", "integers", [Values.Positions(9, 3, 4)], t => t[0].Sum(0)) { Order = 0, WhyOrder = "integers" },
        new("mean", "all elements", [Values.Reals(3, 4)], t => t[0].Mean()) { Large = () => [Values.Reals(70_000)] },
        new("mean", "columns, kept", [Values.Reals(3, 4)], t => t[0].Mean(0, keepDimensions: true)),
        new("mean", "two axes", [Values.Reals(2, 3, 4)], t => t[0].Mean([1, 2])),
        new("variance", "all elements", [Values.Reals(3, 4)], t => t[0].Variance()) { IsComposite = true, Large = () => [Values.Reals(70_000)] },
        new("variance", "rows, of the population", [Values.Reals(3, 4)], t => t[0].Variance(1, correction: 0)) { IsComposite = true },
        new("variance", "two axes, kept", [Values.Reals(2, 3, 2)], t => t[0].Variance([0, 1], keepDimensions: true)) { IsComposite = true },
        new("standard_deviation", "all elements", [Values.Reals(3, 4)], t => t[0].StandardDeviation())
        {
            IsComposite = true, Large = () => [Values.Reals(70_000)],
        },
        new("standard_deviation", "rows", [Values.Reals(3, 4)], t => t[0].StandardDeviation(1, correction: 0, keepDimensions: true)) { IsComposite = true },
        new("standard_deviation", "two axes", [Values.Reals(2, 3, 2)], t => t[0].StandardDeviation([0, 2])) { IsComposite = true },
    ];

    private static IEnumerable<Sample> Products() =>
    [
        new("product", "all elements", [Values.Reals(2, 4)], t => t[0].Product()) { Large = () => [1 + (1e-4 * Values.Reals(40_000))] },
        new("product", "rows", [Values.Reals(3, 4)], t => t[0].Product(1)) { Large = () => [Values.Reals(300, 150)] },
        new("product", "columns, kept", [Values.Reals(3, 4)], t => t[0].Product(0, keepDimensions: true)) { Large = () => [Values.Reals(150, 300)] },
        new("product", "two axes", [Values.Reals(2, 3, 2)], t => t[0].Product([0, -1])) { Large = () => [Values.Reals(20, 150, 15)] },
        new("product", "one zero", [Tensor.From([1.5, 0, -0.7, 2])], t => t[0].Product()),
        new("product", "rows with one zero, two and three", [Tensor.From([1.5, 0, -0.7, 0, 2, 0, 0, 0, 0], 3, 3)], t => t[0].Product(1)),
        new("product", "a scalar", [Values.Reals()], t => t[0].Product()),
        new("product", "no elements", [Values.Reals(2, 0)], t => t[0].Product(1)),
        new("product", "integers", [Values.Positions(9, 3, 4)], t => t[0].Product(1)) { Order = 0, WhyOrder = "integers" },
        new("product", "truth values", [Values.Mask(3, 4)], t => t[0].Product(0)) { Order = 0, WhyOrder = "integers" },
    ];

    private static IEnumerable<Sample> Norms() =>
    [
        new("norm", "all elements", [Values.Reals(3, 4)], t => t[0].Norm()) { Large = () => [Values.Reals(70_000)] },
        new("norm", "rows", [Values.Reals(3, 4)], t => t[0].Norm(2, 1)) { Large = () => [Values.Reals(300, 150)] },
        new("norm", "two axes, kept", [Values.Reals(2, 3, 2)], t => t[0].Norm(2, [0, 2], keepDimensions: true)) { Large = () => [Values.Reals(20, 150, 15)] },
        new("norm", "a scalar", [Values.Reals()], t => t[0].Norm()),
        new("norm", "no elements", [Values.Reals(2, 0)], t => t[0].Norm(2, 1)),
        new("norm", "p = 1", [Values.Reals(3, 4)], t => t[0].Norm(1, 1)) { IsComposite = true },
        new("norm", "p = 3", [Values.Reals(3, 4)], t => t[0].Norm(3, 1)) { IsComposite = true, Large = () => [Values.Reals(300, 150)] },
        new("norm", "p = 1/2, two axes", [Values.Reals(2, 3, 2)], t => t[0].Norm(0.5, [0, 2])) { IsComposite = true, DifferenceTolerance = 1e-5 },
        new("norm", "p = −1", [Values.Reals(3, 3)], t => t[0].Norm(-1, 1)) { IsComposite = true, DifferenceTolerance = 1e-5 },
        new("norm", "p = ∞", [Values.Reals(3, 4)], t => t[0].Norm(double.PositiveInfinity, 1)) { IsComposite = true },
        new("norm", "p = −∞", [Values.Reals(3, 4)], t => t[0].Norm(double.NegativeInfinity)) { IsComposite = true },
        new("norm", "p = 0", [Values.Reals(3, 4)], t => t[0].Norm(0, 0)) { IsComposite = true },
    ];

    private static IEnumerable<Sample> Extremes() =>
    [
        new("max", "all elements", [Values.Reals(3, 4)], t => t[0].Max()) { Large = () => [Values.Reals(70_000)] },
        new("max", "rows, kept", [Values.Reals(3, 4)], t => t[0].Max(1, keepDimensions: true)) { Large = () => [Values.Reals(300, 150)] },
        new("max", "two axes", [Values.Reals(2, 3, 2)], t => t[0].Max([0, 2])),
        new("max", "integers", [Values.Positions(9, 3, 4)], t => t[0].Max(0)) { Order = 0, WhyOrder = "integers" },
        new("min", "all elements", [Values.Reals(3, 4)], t => t[0].Min()) { Large = () => [Values.Reals(70_000)] },
        new("min", "columns", [Values.Reals(3, 4)], t => t[0].Min(0)) { Large = () => [Values.Reals(150, 300)] },
        new("min", "two axes, kept", [Values.Reals(2, 3, 2)], t => t[0].Min([1, -1], keepDimensions: true)),
        new("arg_max", "all elements", [Values.Reals(3, 4)], t => t[0].ArgMax()) { Order = 0, WhyOrder = Positions, Large = () => [Values.Reals(70_000)] },
        new("arg_max", "rows", [Values.Reals(3, 4)], t => t[0].ArgMax(1)) { Order = 0, WhyOrder = Positions, Large = () => [Values.Reals(300, 150)] },
        new("arg_min", "all elements", [Values.Reals(3, 4)], t => t[0].ArgMin()) { Order = 0, WhyOrder = Positions, Large = () => [Values.Reals(70_000)] },
        new("arg_min", "columns, kept", [Values.Reals(3, 4)], t => t[0].ArgMin(0, keepDimensions: true)) { Order = 0, WhyOrder = Positions },
    ];

    private static IEnumerable<Sample> Softs() =>
    [
        new("softmax", "rows", [Values.Reals(3, 4)], t => t[0].Softmax()) { Large = () => [Values.Reals(300, 150)] },
        new("softmax", "a middle axis", [Values.Reals(2, 3, 2)], t => t[0].Softmax(1)),
        new("softmax", "a scalar", [Values.Reals()], t => t[0].Softmax()),
        new("softmax", "no elements", [Values.Reals(2, 0)], t => t[0].Softmax()),
        new("log_softmax", "rows", [Values.Reals(3, 4)], t => t[0].LogSoftmax()) { Large = () => [Values.Reals(300, 150)] },
        new("log_softmax", "columns", [Values.Reals(3, 4)], t => t[0].LogSoftmax(0)),
        new("log_sum_exp", "all elements", [Values.Reals(3, 4)], t => t[0].LogSumExp()) { Large = () => [Values.Reals(300, 150)] },
        new("log_sum_exp", "rows, kept", [Values.Reals(3, 4)], t => t[0].LogSumExp(1, keepDimensions: true)) { Large = () => [Values.Reals(300, 150)] },
        new("log_sum_exp", "two axes", [Values.Reals(2, 3, 2)], t => t[0].LogSumExp([0, 2])),
        new("softmax_cross_entropy", "scores and labels", [Values.Reals(4, 3), Values.Positions(3, 4)], t => Tensor.SoftmaxCrossEntropy(t[0], t[1]))
        {
            Large = () => [Values.Reals(500, 80), Values.Positions(80, 500)],
        },
        new("mean_cross_entropy", "scores and labels", [Values.Reals(4, 3), Values.Positions(3, 4)], t => Tensor.MeanCrossEntropy(t[0], t[1]))
        {
            Large = () => [Values.Reals(500, 80), Values.Positions(80, 500)],
        },
        new("mean_cross_entropy", "an ignored class", [Values.Reals(5, 3), Values.Positions(3, 5)], t => Tensor.MeanCrossEntropy(t[0], t[1], ignoreIndex: 1)),
    ];

    private static IEnumerable<Sample> Countings() =>
    [
        new("count_non_zero", "all elements", [Holes()], t => t[0].CountNonZero()) { IsComposite = true, Order = 0, WhyOrder = Counts },
        new("count_non_zero", "rows", [Holes()], t => t[0].CountNonZero(1)) { IsComposite = true, Order = 0, WhyOrder = Counts },
        new("count_non_zero", "truth values over two axes", [Values.Mask(2, 3, 2)], t => t[0].CountNonZero([0, 2], keepDimensions: true))
        {
            IsComposite = true, Order = 0, WhyOrder = Counts, Large = () => [Values.Mask(300, 20, 20)],
        },
        new("any", "all elements", [Values.Mask(3, 4)], t => t[0].Any())
        {
            IsComposite = true, Order = 0, WhyOrder = Truth, Large = () => [Values.Mask(70_000)],
        },
        new("any", "rows of numbers", [Holes()], t => t[0].Any(1, keepDimensions: true)) { IsComposite = true, Order = 0, WhyOrder = Truth },
        new("any", "two axes", [Values.Mask(2, 3, 2)], t => t[0].Any([0, 1])) { IsComposite = true, Order = 0, WhyOrder = Truth },
        new("all", "all elements", [Values.Mask(3, 4)], t => t[0].All())
        {
            IsComposite = true, Order = 0, WhyOrder = Truth, Large = () => [Values.Mask(70_000)],
        },
        new("all", "columns", [Values.Mask(3, 4)], t => t[0].All(0)) { IsComposite = true, Order = 0, WhyOrder = Truth },
        new("all", "integers over two axes", [Values.Positions(3, 2, 3, 2)], t => t[0].All([0, 1])) { IsComposite = true, Order = 0, WhyOrder = Truth },
    ];

    private static Tensor Holes() => Tensor.From([0.0, 2, 0, -1, 0, 0, 3, 4, 5], 3, 3);
}
