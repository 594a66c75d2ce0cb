namespace Backprop.Tests.Catalog.Operations;

/// <summary>Quantiles, distinct elements, places in sorted rows, histograms; bounds for each element, and products of vectors.</summary>
internal sealed class StatisticsSamples : ICatalogEntry
{
    private const string Positions = "positions have no gradient";

    public IEnumerable<Sample> Samples() =>
    [
        new("quantile", "a third of all elements", [Values.Reals(3, 4)], t => t[0].Quantile(1 / 3.0))
        {
            IsComposite = true, Large = () => [Values.Reals(200, 200)],
        },
        new("quantile", "rows", [Values.Reals(3, 5)], t => t[0].Quantile(0.9, 1)) { IsComposite = true, Large = () => [Values.Reals(300, 150)] },
        new("quantile", "kept columns, at an element", [Values.Reals(5, 2)], t => t[0].Quantile(0.25, 0, keepDimensions: true)) { IsComposite = true },
        new("quantile", "a scalar", [Values.Reals()], t => t[0].Quantile(0.3)) { IsComposite = true },
        new("unique", "integers", [Values.Positions(4, 3, 4)], t => All(t[0].Unique())) { IsComposite = true, Order = 0, WhyOrder = "integers" },
        new("unique", "numbers", [Values.Reals(3, 3).Round()], t => All(t[0].Unique()))
        {
            IsComposite = true, Order = 0, WhyOrder = "which elements are equal is no matter of slopes", Large = () => [Values.Reals(40_000).Round()],
        },
        new("unique", "truth values", [Values.Mask(7)], t => All(t[0].Unique())) { IsComposite = true, Order = 0, WhyOrder = "truth values" },
        new("unique", "no elements", [Values.Positions(4, 0, 3)], t => All(t[0].Unique())) { IsComposite = true, Order = 0, WhyOrder = "integers" },
        new("search_sorted", "a vector", [Sorted(6), Values.Reals(2, 3)], t => t[0].SearchSorted(t[1]))
        {
            Order = 0, WhyOrder = Positions, Large = () => [Sorted(500), Values.Reals(300, 150)],
        },
        new("search_sorted", "rows, behind equal elements", [Sorted(2, 5), Sorted(2, 3)], t => t[0].SearchSorted(t[1], right: true))
        {
            Order = 0, WhyOrder = Positions, Large = () => [Sorted(100, 70), Values.Reals(100, 300)],
        },
        new("search_sorted", "integers in none", [Values.Positions(3, 0), Values.Positions(3, 4)], t => t[0].SearchSorted(t[1]))
        {
            Order = 0, WhyOrder = Positions,
        },
        new("histogram", "from the smallest to the largest", [Values.Reals(4, 5)], t => t[0].Histogram(4).Counts)
        {
            IsComposite = true, Order = 0, WhyOrder = "counts", Large = () => [Values.Reals(300, 150)],
        },
        new("histogram", "between bounds", [Values.Reals(12)], t => Two(t[0].Histogram(3, -1, 1.25))) { IsComposite = true, Order = 0, WhyOrder = "counts" },
        new("clamp", "between tensors", [Values.Reals(3, 4), Values.Others(4) - 1, Values.Others(3, 1) + 1.03], t => t[0].Clamp(t[1], t[2]))
        {
            IsComposite = true, Large = () => [Values.Reals(300, 150), Values.Others(150) - 1, Values.Others(300, 1) + 1],
        },
        new("clamp", "only from above", [Values.Reals(3, 4), Values.Others(3, 4)], t => t[0].Clamp(null, t[1])) { IsComposite = true },
        new("clamp", "integers between a number and a tensor", [Values.Positions(9, 5), Values.Positions(9, 5)], t => t[0].Clamp(2, t[1]))
        {
            IsComposite = true, Order = 0, WhyOrder = "integers",
        },
        new("dot", "two vectors", [Values.Reals(5), Values.Others(5)], t => t[0].Dot(t[1])) { IsComposite = true, Large = () => [Values.Reals(50_000), Values.Others(50_000)] },
        new("dot", "no elements", [Values.Reals(0), Values.Others(0)], t => t[0].Dot(t[1])) { IsComposite = true },
        new("is_finite", "numbers", [Odd()], t => t[0].IsFinite()) { IsComposite = true, Order = 0, WhyOrder = "truth values" },
        new("is_finite", "integers", [Values.Positions(3, 4)], t => t[0].IsFinite()) { IsComposite = true, Order = 0, WhyOrder = "truth values" },
        new("is_infinity", "numbers", [Odd()], t => t[0].IsInfinity()) { IsComposite = true, Order = 0, WhyOrder = "truth values" },
        new("full_like", "a matrix", [Values.Reals(2, 3)], t => Tensor.FullLike(t[0], 7)) { IsComposite = true, Order = 0, WhyOrder = "constants" },
    ];

    public IEnumerable<ErrorCase> Errors() =>
    [
        new("quantile", "beyond the largest", typeof(ArgumentOutOfRangeException), [Values.Reals(3)], t => t[0].Quantile(1.5), ["q", "1.5", "0 to 1"]),
        new("quantile", "no elements", typeof(ShapeException), [Values.Reals(3, 0)], t => t[0].Quantile(0.5, 1), ["[3, 0]", "no elements"]),
        new("quantile", "integers", typeof(DTypeException), [Values.Positions(3, 3)], t => t[0].Quantile(0.5), ["int64", "Float32"]),
        new("quantile", "an axis that isn't there", typeof(ArgumentOutOfRangeException), [Values.Reals(3)], t => t[0].Quantile(0.5, 1), ["axis 1"]),
        new("search_sorted", "rows that are not sorted", typeof(ArgumentException), [Tensor.From([1.0, 3, 2]), Values.Reals(3)],
            t => t[0].SearchSorted(t[1]), ["at 2", "Sort()"]),
        new("search_sorted", "other rows", typeof(ShapeException), [Sorted(2, 3), Values.Reals(3, 3)], t => t[0].SearchSorted(t[1]), ["[2, 3]", "[3, 3]"]),
        new("search_sorted", "another dtype", typeof(DTypeException), [Sorted(3), Values.Positions(3, 3)], t => t[0].SearchSorted(t[1]), ["float64", "int64"]),
        new("histogram", "no bins", typeof(ArgumentOutOfRangeException), [Values.Reals(3)], t => t[0].Histogram(0), ["bins", "0", "from 1"]),
        new("histogram", "bounds in the wrong order", typeof(ArgumentOutOfRangeException), [Values.Reals(3)], t => t[0].Histogram(3, 2, 1), ["low", "2", "below high, 1"]),
        new("histogram", "NaN", typeof(ArgumentOutOfRangeException), [Odd()], t => t[0].Histogram(3), ["finite", "give both"]),
        new("histogram", "truth values", typeof(DTypeException), [Values.Mask(3)], t => t[0].Histogram(), ["bool"]),
        new("clamp", "a bound of another dtype", typeof(DTypeException), [Values.Reals(3), Values.Positions(3, 3)], t => t[0].Clamp(t[1], null), ["float64", "int64"]),
        new("clamp", "a bound that doesn't fit", typeof(ShapeException), [Values.Reals(3), Values.Reals(2)], t => t[0].Clamp(null, t[1]), ["[3]", "[2]"]),
        new("dot", "a matrix", typeof(ShapeException), [Values.Reals(2, 2), Values.Reals(2)], t => t[0].Dot(t[1]), ["[2, 2]", "MatMul"]),
        new("dot", "other lengths", typeof(ShapeException), [Values.Reals(3), Values.Reals(2)], t => t[0].Dot(t[1]), ["[3]", "[2]"]),
        new("dot", "another dtype", typeof(DTypeException), [Values.Reals(3), Values.Positions(3, 3)], t => t[0].Dot(t[1]), ["float64", "int64"]),
        new("full", "a fraction like integers", typeof(ArgumentOutOfRangeException), [Values.Positions(3, 3)], t => Tensor.FullLike(t[0], 0.5), ["0.5", "int64"]),
    ];

    private static Tensor Sorted(params ReadOnlySpan<int> shape) => Values.Others(shape).Sort().Values;

    private static Tensor Odd() => Tensor.From([1.0, double.NaN, double.PositiveInfinity, -2, double.NegativeInfinity]);

    private static Tensor[] All((Tensor Values, Tensor Inverse, Tensor Counts) found) => [found.Values, found.Inverse, found.Counts];

    private static Tensor[] Two((Tensor Counts, Tensor Edges) found) => [found.Counts, found.Edges];
}
