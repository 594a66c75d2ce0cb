namespace Backprop.Tests.Catalog.Operations;

/// <summary>Reads and writes by positions and masks.</summary>
internal sealed class IndexingSamples : ICatalogEntry
{
    private const string Positions = "positions are not continuous";
    private static readonly Type shape = typeof(ShapeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type range = typeof(ArgumentOutOfRangeException);
    private static readonly Type state = typeof(InvalidOperationException);

    public IEnumerable<Sample> Samples() => [.. Reads(), .. Writes(), .. InPlace(), .. Elements(), .. Discrete()];

    public IEnumerable<ErrorCase> Errors() =>
    [
        new("index", "positions that are no integers", type, [F(3), F(2)], t => _ = t[0][t[1]], ["float32", "int64", "bool"]),
        new("index", "the least number", range, [F(3)], t => _ = t[0][int.MinValue], ["-2147483648"]),
        new("index", "a position outside among several", range, [F(2, 3), L(0, 3)], t => _ = t[0][.., t[1]], ["3", "-3 to 2", "axis 1"]),
        new("index", "a position in an empty axis", range, [F(0, 3), L(0)], t => _ = t[0][t[1]], ["0", "axis 0", "empty"]),
        new("index", "index tensors that don't broadcast", shape, [F(3, 3), L(0, 1), L(0, 1, 2)], t => _ = t[0][t[1], t[2]], ["[2]", "[3]", "broadcast"]),
        new("index", "a mask of another size", shape, [F(2, 3), B(2, 2)], t => _ = t[0][t[1]], ["[2, 2]", "[2, 3]", "axis 0"]),
        new("index", "more index tensors than axes", shape, [F(3), L(0)], t => _ = t[0][t[1], t[1]], ["2 items", "[3]", "1 axes"]),
        new("index", "a mask of too many axes", shape, [F(3), B(3, 1)], t => _ = t[0][t[1]], ["2 items", "[3]"]),
        new("index_put", "values that don't fit", shape, [F(3, 2), L(0, 1), F(3)], t => t[0].IndexPut([t[1]], t[2]), ["[3]", "[2, 2]", "[3, 2]"]),
        new("index_put", "values of another dtype", type, [F(3), L(0, 1), D(2)], t => t[0].IndexPut([t[1]], t[2]), ["float32", "float64"]),
        new("index_put", "adding truth values", type, [B(3), L(0, 1), B(2)], t => t[0].IndexPut([t[1]], t[2], accumulate: true), ["bool"]),
        new("index_put", "a position outside", range, [F(3), L(-4)], t => t[0].IndexPut([t[1]], 0), ["-4", "-3 to 2"]),
        new("index_put_in_place", "values that don't fit", shape, [F(3, 2), F(3)], t => t[0][1] = t[1], ["[3]", "[2]", "[3, 2]"]),
        new("index_put_in_place", "a position outside", range, [F(3), L(3)], t => t[0][t[1]] = 1, ["3", "-3 to 2"]),
        new("index_put_in_place", "a leaf while recording", state, [F(3).RequireGradient()], t => t[0][0] = 1, ["leaf", "Recording.Pause()"]),
        new("index_put_in_place", "a value that is recorded", state, [F(3), F().RequireGradient()], t => t[0][0] = t[1], ["recorded", "Detach()"]),
        new("index_put_in_place", "an expanded view", state, [F(1).Expand(3)], t => t[0][0] = 1, ["expanded", "Clone()"]),
        new("index_add", "a position outside", range, [F(3), L(3), F(1)], t => t[0].IndexAdd(t[1], t[2]), ["3", "-3 to 2"]),
        new("index_add", "a source that doesn't fit", shape, [F(3, 2), L(0, 1), F(3, 2)], t => t[0].IndexAdd(t[1], t[2]), ["[3, 2]", "[2, 2]"]),
        new("index_add", "positions that are no vector", shape, [F(3), I(2, 2), F(2)], t => t[0].IndexAdd(t[1], t[2]), ["[2, 2]", "vector"]),
        new("index_copy", "a source of another dtype", type, [F(3), L(0), D(1)], t => t[0].IndexCopy(t[1], t[2]), ["float32", "float64"]),
        new("index_copy", "an axis that isn't there", range, [F(3), L(0), F(1)], t => t[0].IndexCopy(t[1], t[2], 1), ["axis 1"]),
        new("index_fill", "a value that is no scalar", shape, [F(3), L(0), F(1)], t => t[0].IndexFill(t[1], t[2]), ["[1]", "scalar"]),
        new("scatter", "an index that doesn't fit", shape, [F(2, 3), I(3, 1), F(3, 1)], t => t[0].Scatter(1, t[1], t[2]), ["[3, 1]", "[2, 3]", "axis 1"]),
        new("scatter", "a source that doesn't fit", shape, [F(2, 3), I(2, 1), F(2, 2)], t => t[0].Scatter(1, t[1], t[2]), ["[2, 2]", "[2, 1]"]),
        new("scatter", "a scalar", range, [F(), I(), F()], t => t[0].Scatter(0, t[1], t[2]), ["axis 0", "scalar"]),
        new("scatter_add", "a position outside", range, [F(3), L(0, -4), F(2)], t => t[0].ScatterAdd(0, t[1], t[2]), ["-4", "-3 to 2"]),
        new("scatter_add", "truth values", type, [B(3), L(0, 1), B(2)], t => t[0].ScatterAdd(0, t[1], t[2]), ["bool"]),
        new("take_along_axis", "indices of another rank", shape, [F(2, 3), I(2)], t => t[0].TakeAlongAxis(t[1], 1), ["[2]", "[2, 3]", "rank"]),
        new("take_along_axis", "shapes that don't broadcast", shape, [F(2, 3), I(3, 3)], t => t[0].TakeAlongAxis(t[1], 1), ["broadcast"]),
        new("take_along_axis", "positions that are no integers", type, [F(2), F(2)], t => t[0].TakeAlongAxis(t[1], 0), ["float32"]),
        new("take", "a position outside", range, [F(2, 3), L(6)], t => t[0].Take(t[1]), ["6", "-6 to 5"]),
        new("take", "positions that are no integers", type, [F(2), F(2)], t => t[0].Take(t[1]), ["float32"]),
        new("masked_select", "a mask that is none", type, [F(2), F(2)], t => t[0].MaskedSelect(t[1]), ["float32", "bool"]),
        new("masked_select", "a mask that doesn't fit", shape, [F(2), B(3)], t => t[0].MaskedSelect(t[1]), ["[2]", "[3]"]),
        new("masked_fill", "a mask that is none", type, [F(2), I(2)], t => t[0].MaskedFill(t[1], 0), ["int64", "bool"]),
        new("masked_fill", "a mask that doesn't fit", shape, [F(2), B(3)], t => t[0].MaskedFill(t[1], 0), ["[2]", "[3]"]),
        new("masked_fill", "a value that is no scalar", shape, [F(2), B(2), F(2)], t => t[0].MaskedFill(t[1], t[2]), ["[2]", "scalar"]),
        new("masked_fill", "a value of another dtype", type, [F(2), B(2), D()], t => t[0].MaskedFill(t[1], t[2]), ["float32", "float64"]),
        new("where", "a condition alone that is no truth value", type, [F(2)], t => Tensor.Where(t[0]), ["float32", "bool"]),
        new("gather", "an axis that isn't there", range, [F(2, 3), I(2, 3)], t => t[0].Gather(2, t[1]), ["axis 2", "-2", "1"]),
        new("gather", "a scalar", range, [F(), I()], t => t[0].Gather(0, t[1]), ["axis 0", "scalar"]),
        new("gather", "from nothing", range, [F(0, 3), I(1, 3)], t => t[0].Gather(0, t[1]), ["0", "empty"]),
        new("index_select", "an axis that isn't there", range, [F(2, 3), L(0)], t => t[0].IndexSelect(t[1], -3), ["axis -3"]),
        new("index_fill", "a position outside", range, [F(3), L(3)], t => t[0].IndexFill(t[1], 0), ["3", "-3 to 2"]),
        new("scatter_add", "an axis that isn't there", range, [F(2, 3), I(2, 3), F(2, 3)], t => t[0].ScatterAdd(-3, t[1], t[2]), ["axis -3"]),
        new("scatter", "a source of another dtype", type, [F(3), L(0), D(1)], t => t[0].Scatter(0, t[1], t[2]), ["float32", "float64"]),
        new("take", "from nothing", range, [F(0), L(0)], t => t[0].Take(t[1]), ["0", "empty"]),
        new("one_hot", "a class outside", range, [L(0, 3)], t => t[0].OneHot(3), ["3", "-3 to 2"]),
        new("one_hot", "classes that are no integers", type, [F(2)], t => t[0].OneHot(3), ["float32"]),
        new("one_hot", "a negative size", range, [L(0)], t => t[0].OneHot(-1), ["size", "-1", "at least 0"]),
        new("bin_count", "a negative number", range, [L(0, -1)], t => t[0].BinCount(), ["-1", "from 0"]),
        new("bin_count", "no integers", type, [F(2)], t => t[0].BinCount(), ["float32"]),
        new("bin_count", "a negative length", range, [L(0)], t => t[0].BinCount(-1), ["minimumLength", "-1", "at least 0"]),
    ];

    private static IEnumerable<Sample> Reads() =>
    [
        new("index", "rows", [Values.Reals(4, 3), Tensor.From([2L, -4, 2])], t => t[0][t[1]])
        {
            Large = () => [Values.Reals(300, 200), Values.Positions(300, 500)],
        },
        new("index", "rows and columns that broadcast", [Values.Reals(3, 4), Values.Positions(3, 2, 1), Values.Positions(4, 3)], t => t[0][t[1], t[2]])
        {
            Large = () => [Values.Reals(300, 200), Values.Positions(300, 150, 1), Values.Positions(200, 220)],
        },
        new("index", "side by side after a range", [Values.Reals(2, 3, 2, 2), Values.Positions(3, 2), Values.Positions(2, 2)], t => t[0][.., t[1], t[2]]),
        new("index", "apart, so that theirs comes first", [Values.Reals(3, 2, 4), Values.Positions(3, 3), Values.Positions(4, 3)], t => t[0][t[1], .., t[2]])
        {
            Large = () => [Values.Reals(30, 300, 20), Values.Positions(30, 70), Values.Positions(20, 70)],
        },
        new("index", "with a position, apart", [Values.Reals(2, 3, 4), Values.Positions(4, 2)], t => t[0][1, .., t[1]]),
        new("index", "with everything", [Values.Reals(2, 3, 4), Values.Positions(3, 2, 2)], t => t[0][TensorIndex.NewAxis, ^1, t[1], 1..]),
        new("index", "a mask of one axis", [Values.Reals(4, 2), Tensor.From([true, false, true, true])], t => t[0][t[1]]),
        new("index", "a mask of two axes after another", [Values.Reals(2, 2, 3), Values.Mask(2, 3)], t => t[0][TensorIndex.Ellipsis, t[1]]),
        new("index", "a mask beside positions", [Values.Reals(4, 3), Tensor.From([true, false, true, false]), Tensor.From([2, 0])], t => t[0][t[1], t[2]]),
        new("index", "a position as a tensor", [Values.Reals(4, 3), Tensor.Scalar(2L)], t => t[0][t[1]]),
        new("index_adjoint", "twice differentiated", [Values.Reals(3, 2), Tensor.From([1L, 1, 0])], t => t[0][t[1]].Square())
        {
            Large = () => [Values.Reals(200, 300), Values.Positions(200, 500)],
        },
        new("index_select", "rows, some twice", [Values.Reals(4, 3), Tensor.From([1L, -1, 1])], t => t[0].IndexSelect(t[1]))
        {
            Large = () => [Values.Reals(300, 200), Values.Positions(300, 400)],
        },
        new("index_select", "columns", [Values.Reals(2, 3, 2), Tensor.From([2, 0])], t => t[0].IndexSelect(t[1], 1)),
        new("gather", "along the last axis", [Values.Reals(3, 4), Values.Positions(4, 3, 2)], t => t[0].Gather(1, t[1]))
        {
            Large = () => [Values.Reals(300, 200), Values.Positions(200, 300, 150)],
        },
        new("gather", "from fewer rows", [Values.Reals(3, 4), Values.Positions(3, 2, 3)], t => t[0].Gather(0, t[1])),
        new("take_along_axis", "with broadcasting", [Values.Reals(1, 3, 2), Values.Positions(3, 2, 4, 1)], t => t[0].TakeAlongAxis(t[1], -2)) { IsComposite = true },
        new("take", "of a matrix", [Values.Reals(2, 3), Tensor.From([5L, -6], 2, 1)], t => t[0].Take(t[1])),
        new("masked_select", "with broadcasting", [Values.Reals(2, 1), Values.Mask(3)], t => t[0].MaskedSelect(t[1]))
        {
            Large = () => [Values.Reals(300, 200), Values.Mask(300, 200)],
        },
    ];

    private static IEnumerable<Sample> Writes() =>
    [
        new("index_put", "rows", [Values.Reals(4, 2), Values.Others(2, 2), Tensor.From([3L, 0])], t => t[0].IndexPut([t[2]], t[1]))
        {
            Large = () => [Values.Reals(300, 200), Values.Others(400, 200), Values.Positions(300, 400)],
        },
        new("index_put", "the last of several stays", [Values.Reals(3, 2), Values.Others(3, 2), Tensor.From([1L, 0, 1])], t => t[0].IndexPut([t[2]], t[1])),
        new("index_put", "a range", [Values.Reals(4, 3), Values.Others(3)], t => t[0].IndexPut([1..3], t[1])),
        new("index_put", "elements, apart", [Values.Reals(3, 2, 3), Values.Others(2, 2), Tensor.From([2L, 0]), Tensor.From([1L, 1])],
            t => t[0].IndexPut([t[2], Range.All, t[3]], t[1])),
        new("index_put", "a scalar by mask", [Values.Reals(3, 2), Values.Others(), Values.Mask(3, 2)], t => t[0].IndexPut([t[2]], t[1])),
        new("index_put", "adding", [Values.Reals(3, 2), Values.Others(4, 2), Tensor.From([1L, 0, 1, 1])], t => t[0].IndexPut([t[2]], t[1], accumulate: true))
        {
            Large = () => [Values.Reals(300, 200), Values.Others(400, 200), Values.Positions(300, 400)],
        },
        new("index_put", "adding to columns, broadcast", [Values.Reals(2, 3, 2), Values.Others(2, 1), Tensor.From([2L, 0, 2])],
            t => t[0].IndexPut([Range.All, t[2], 1], t[1], accumulate: true)),
        new("index_put", "adding to a range", [Values.Reals(4), Values.Others()], t => t[0].IndexPut([0..2], t[1], accumulate: true)),
        new("index_add", "with a factor", [Values.Reals(3, 2), Values.Others(4, 2), Tensor.From([2L, 0, 2, -1])], t => t[0].IndexAdd(t[2], t[1], alpha: -0.5))
        {
            Large = () => [Values.Reals(300, 200), Values.Others(400, 200), Values.Positions(300, 400)],
        },
        new("index_add", "columns", [Values.Reals(2, 3), Values.Others(2, 2), Tensor.From([1L, 1])], t => t[0].IndexAdd(t[2], t[1], 1)),
        new("index_copy", "rows", [Values.Reals(3, 2), Values.Others(2, 2), Tensor.From([2L, 0])], t => t[0].IndexCopy(t[2], t[1])),
        new("index_fill", "columns", [Values.Reals(2, 3), Values.Others(), Tensor.From([2L, 0])], t => t[0].IndexFill(t[2], t[1], -1)),
        new("scatter", "along the last axis", [Values.Reals(2, 4), Values.Others(2, 2), Tensor.From([3L, 0, 1, 2], 2, 2)], t => t[0].Scatter(1, t[2], t[1])),
        new("scatter", "the last of several stays", [Values.Reals(3, 2), Values.Others(3, 2), Tensor.From([1L, 0, 1, 2, 1, 0], 3, 2)],
            t => t[0].Scatter(0, t[2], t[1])),
        new("scatter_add", "repeated positions", [Values.Reals(2, 3), Values.Others(2, 4), Values.Positions(3, 2, 4)], t => t[0].ScatterAdd(1, t[2], t[1]))
        {
            Large = () => [Values.Reals(300, 200), Values.Others(300, 250), Values.Positions(200, 300, 250)],
        },
    ];

    private static IEnumerable<Sample> InPlace() =>
    [
        new("index_put_in_place", "rows", [Values.Reals(4, 2), Values.Others(2, 2), Tensor.From([3L, 0])],
            t => t[0].Detach().Clone().IndexPutInPlace([t[2]], t[1].Detach()))
        {
            Order = 0,
            WhyOrder = "a change in place is not recorded",
            Large = () => [Values.Reals(300, 200), Values.Others(400, 200), Values.Positions(300, 400)],
            IsComposite = true,
        },
        new("index_put_in_place", "adding by mask", [Values.Reals(4, 2), Values.Others(), Values.Mask(4)],
            t => t[0].Detach().Clone().IndexPutInPlace([t[2]], t[1].Detach(), accumulate: true))
        {
            Order = 0,
            WhyOrder = "a change in place is not recorded",
            IsComposite = true,
        },
    ];

    private static IEnumerable<Sample> Elements() =>
    [
        new("where", "with broadcasting", [Values.Mask(2, 1), Values.Reals(3), Values.Others(2, 3)], t => Tensor.Where(t[0], t[1], t[2]))
        {
            Large = () => [Values.Mask(300, 1), Values.Reals(200), Values.Others(300, 200)],
        },
        new("masked_fill", "a number", [Values.Reals(2, 3), Values.Mask(3)], t => t[0].MaskedFill(t[1], -1.5))
        {
            IsComposite = true, Large = () => [Values.Reals(300, 150), Values.Mask(150)],
        },
        new("masked_fill", "a scalar with a gradient", [Values.Reals(2, 3), Values.Others(), Values.Mask(2, 3)], t => t[0].MaskedFill(t[2], t[1]))
        {
            IsComposite = true,
        },
    ];

    private static IEnumerable<Sample> Discrete() =>
    [
        new("non_zero", "of a mask", [Values.Mask(3, 4)], t => t[0].NonZero()) { Order = 0, WhyOrder = Positions, Large = () => [Values.Mask(300, 200)] },
        new("non_zero", "of numbers", [Values.Reals(2, 2).Clamp(low: 0)], t => t[0].NonZero()) { Order = 0, WhyOrder = Positions },
        new("where", "positions of truth", [Values.Mask(3, 4)], t => Tensor.Where(t[0])) { Order = 0, WhyOrder = Positions, IsComposite = true },
        new("one_hot", "numbers", [Values.Positions(4, 3, 2)], t => t[0].OneHot(4, DType.Int64)) { Order = 0, WhyOrder = Positions, Large = () => [Values.Positions(4, 20000)] },
        new("one_hot", "truth values", [Values.Positions(4, 3)], t => t[0].OneHot(5, DType.Bool)) { Order = 0, WhyOrder = Positions },
        new("bin_count", "with a least length", [Values.Positions(4, 9)], t => t[0].BinCount(6)) { Order = 0, WhyOrder = Positions, IsComposite = true },
        new("index_plan", "two tensors of integers", [Values.Positions(9, 3, 4), Values.Positions(3, 2, 1), Values.Positions(4, 2)], t => t[0][t[1], t[2]])
        {
            Order = 0,
            WhyOrder = "integers have no derivative",
            Large = () => [Values.Positions(9, 300, 400), Values.Positions(300, 300, 1), Values.Positions(400, 200)],
        },
        new("axis_plan", "integers gathered", [Values.Positions(9, 3, 4), Values.Positions(3, 2, 4)], t => t[0].Gather(0, t[1]))
        {
            Order = 0,
            WhyOrder = "integers have no derivative",
            Large = () => [Values.Positions(9, 300, 400), Values.Positions(300, 300, 400)],
        },
        new("mask_plan", "truth values chosen", [Values.Mask(3, 4), Values.Mask(3)], t => t[0][t[1]])
        {
            Order = 0,
            WhyOrder = "truth values have no derivative",
            Large = () => [Values.Mask(300, 400), Values.Mask(300)],
        },
        new("index_winners", "the gradient of what was replaced", [Values.Reals(3), Values.Others(3), Tensor.From([1L, 0, 1])],
            t => t[0].IndexPut([t[2]], t[1]))
        {
            Large = () => [Values.Reals(300, 200), Values.Others(400, 200), Values.Positions(300, 400)],
        },
    ];

    private static Tensor F(params int[] shape) => Tensor.Zeros(shape);

    private static Tensor D(params int[] shape) => Tensor.Zeros(shape, DType.Float64);

    private static Tensor I(params int[] shape) => Tensor.Zeros(shape, DType.Int64);

    private static Tensor B(params int[] shape) => Tensor.Zeros(shape, DType.Bool);

    private static Tensor L(params long[] values) => Tensor.From(values);
}
