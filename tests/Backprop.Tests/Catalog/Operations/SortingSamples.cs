namespace Backprop.Tests.Catalog.Operations;

/// <summary>Order and rank: sorting, the largest, the k-th, the median.</summary>
internal sealed class SortingSamples : ICatalogEntry
{
    private const string Positions = "positions have no gradient";

    public IEnumerable<Sample> Samples() =>
    [
        new("sort", "a vector", [Values.Reals(8)], t => Both(t[0].Sort())) { IsComposite = true, Large = () => [Values.Reals(30_000)] },
        new("sort", "descending, columns", [Values.Reals(5, 3)], t => Both(t[0].Sort(0, descending: true)))
        {
            IsComposite = true, Large = () => [Values.Reals(500, 40)],
        },
        new("sort", "a scalar", [Values.Reals()], t => Both(t[0].Sort())) { IsComposite = true },
        new("sort", "no elements", [Values.Reals(0, 3)], t => Both(t[0].Sort(0))) { IsComposite = true },
        new("sort", "truth values", [Values.Mask(3, 4)], t => Both(t[0].Sort())) { IsComposite = true, Order = 0, WhyOrder = "truth values" },
        new("arg_sort", "rows", [Values.Reals(3, 5)], t => t[0].ArgSort()) { Order = 0, WhyOrder = Positions, Large = () => [Values.Reals(300, 150)] },
        new("arg_sort", "integers, descending", [Values.Positions(4, 3, 5)], t => t[0].ArgSort(1, descending: true)) { Order = 0, WhyOrder = Positions },
        new("top_k", "the largest", [Values.Reals(3, 6)], t => Both(t[0].TopK(2))) { Large = () => [Values.Reals(300, 150)] },
        new("top_k", "the smallest of a middle axis", [Values.Reals(2, 5, 2)], t => Both(t[0].TopK(3, 1, largest: false)))
        {
            Large = () => [Values.Reals(9, 50, 130)],
        },
        new("top_k", "in the order of their positions", [Values.Reals(7)], t => Both(t[0].TopK(4, sorted: false))) { Large = () => [Values.Reals(40_000)] },
        new("top_k", "all", [Values.Reals(4)], t => Both(t[0].TopK(4))),
        new("top_k", "none", [Values.Reals(4)], t => Both(t[0].TopK(0))),
        new("top_k", "a scalar", [Values.Reals()], t => Both(t[0].TopK(1))),
        new("kth_value", "the second smallest of rows", [Values.Reals(3, 5)], t => Both(t[0].KthValue(2))) { Large = () => [Values.Reals(300, 150)] },
        new("kth_value", "kept columns", [Values.Reals(4, 3)], t => Both(t[0].KthValue(4, 0, keepDimensions: true))),
        new("kth_value", "a scalar", [Values.Reals()], t => Both(t[0].KthValue(1))),
        new("median", "all elements", [Values.Reals(3, 4)], t => t[0].Median()) { Large = () => [Values.Reals(40_000)] },
        new("median", "rows of odd length", [Values.Reals(3, 5)], t => Both(t[0].Median(1))) { Large = () => [Values.Reals(300, 151)] },
        new("median", "kept columns of even length", [Values.Reals(4, 3)], t => Both(t[0].Median(0, keepDimensions: true))),
        new("median", "integers", [Values.Positions(9, 3, 4)], t => Both(t[0].Median(1))) { Order = 0, WhyOrder = "integers" },
    ];

    public IEnumerable<ErrorCase> Errors() =>
    [
        new("sort", "an axis that isn't there", typeof(ArgumentOutOfRangeException), [Values.Reals(2, 3)], t => t[0].Sort(2), ["axis 2"]),
        new("arg_sort", "an axis of a scalar", typeof(ArgumentOutOfRangeException), [Values.Reals()], t => t[0].ArgSort(1), ["axis 1", "scalar"]),
        new("top_k", "more than there are", typeof(ArgumentOutOfRangeException), [Values.Reals(2, 3)], t => t[0].TopK(4), ["k", "4", "0 to 3", "axis 1"]),
        new("top_k", "a negative number", typeof(ArgumentOutOfRangeException), [Values.Reals(3)], t => t[0].TopK(-1), ["-1", "0 to 3"]),
        new("kth_value", "rank 0", typeof(ArgumentOutOfRangeException), [Values.Reals(3)], t => t[0].KthValue(0), ["k", "0", "1 to 3"]),
        new("kth_value", "no elements", typeof(ArgumentOutOfRangeException), [Values.Reals(0)], t => t[0].KthValue(1), ["1", "axis 0 is empty"]),
        new("kth_value", "truth values", typeof(DTypeException), [Values.Mask(3)], t => t[0].KthValue(1), ["bool"]),
        new("median", "no elements", typeof(ShapeException), [Values.Reals(3, 0)], t => t[0].Median(1), ["[3, 0]", "no elements"]),
        new("median", "none at all", typeof(ShapeException), [Values.Reals(0)], t => t[0].Median(), ["[0]"]),
        new("median", "an axis that isn't there", typeof(ArgumentOutOfRangeException), [Values.Reals(3)], t => t[0].Median(1), ["axis 1"]),
    ];

    private static Tensor[] Both((Tensor Values, Tensor Indices) chosen) => [chosen.Values, chosen.Indices];
}
