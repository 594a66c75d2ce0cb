namespace Backprop.Tests.Catalog.Operations;

/// <summary>Views and copies: the elements stay what they are.</summary>
internal sealed class MovementSamples : ICatalogEntry
{
    private static readonly Type shape = typeof(ShapeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type range = typeof(ArgumentOutOfRangeException);

    public IEnumerable<Sample> Samples() =>
    [
        new("reshape", "with a size that is computed", [Values.Reals(2, 6)], t => t[0].Reshape(3, -1)),
        new("reshape", "a scalar", [Values.Reals()], t => t[0].Reshape(1, 1)),
        new("flatten", "inner axes", [Values.Reals(2, 2, 3)], t => t[0].Flatten(1, 2)) { IsComposite = true },
        new("unflatten", "with a size that is computed", [Values.Reals(2, 6)], t => t[0].Unflatten(1, -1, 2)) { IsComposite = true },
        new("permute", "three axes", [Values.Reals(2, 3, 2)], t => t[0].Permute(2, 0, -2)),
        new("transpose", "two axes", [Values.Reals(2, 3, 2)], t => t[0].Transpose(0, 2)) { IsComposite = true },
        new("move_axis", "one", [Values.Reals(2, 3, 2)], t => t[0].MoveAxis(0, -1)) { IsComposite = true },
        new("move_axis", "several", [Values.Reals(2, 3, 2)], t => t[0].MoveAxis([0, 1], [-1, 0])) { IsComposite = true },
        new("rotate90", "one way and the other", [Values.Reals(2, 3)], t => new[] { t[0].Rotate90(), t[0].Rotate90(-1), t[0].Rotate90(2), t[0].Rotate90(0) })
        {
            IsComposite = true,
        },
        new("expand", "a new axis and one of size 1", [Values.Reals(3, 1)], t => t[0].Expand(2, 3, 2)),
        new("broadcast_tensors", "three", [Values.Reals(3, 1), Values.Others(2), Values.Reals()], t => Tensor.BroadcastTensors(t)) { IsComposite = true },
        new("mesh_grid", "rows first", [Values.Reals(3), Values.Others(2), Values.Reals()], t => Tensor.MeshGrid(t)) { IsComposite = true },
        new("mesh_grid", "columns first", [Values.Reals(3), Values.Others(2)], t => Tensor.MeshGrid(t, cartesian: true)) { IsComposite = true },
        new("squeeze", "one axis", [Values.Reals(2, 1, 3)], t => t[0].Squeeze(1)) { IsComposite = true },
        new("squeeze", "all axes of size 1", [Values.Reals(1, 3, 1)], t => t[0].Squeeze()) { IsComposite = true },
        new("unsqueeze", "at the end", [Values.Reals(2, 3)], t => t[0].Unsqueeze(-1)) { IsComposite = true },
        new("alias", "the whole", [Values.Reals(2, 3)], t => t[0][TensorIndex.Ellipsis]),
        new("copy", "a clone", [Values.Reals(2, 3)], t => t[0].Clone()) { Large = () => [Values.Reals(300, 200).T] },
        new("contiguous", "a transposed matrix", [Values.Reals(2, 3)], t => t[0].T.Contiguous()) { IsComposite = true },
        new("slice", "a range with a step", [Values.Reals(7, 2)], t => t[0][TensorIndex.Every(1.., 2)]),
        new("place", "the gradient of a slice of a slice", [Values.Reals(5, 4)], t => t[0][1.., ..^1].Square()) { Large = () => [Values.Reals(200, 300)] },
        new("narrow", "from the end", [Values.Reals(5, 2)], t => t[0].Narrow(0, -3, 2)) { IsComposite = true },
        new("select", "from the end", [Values.Reals(3, 4)], t => t[0].Select(1, -1)) { IsComposite = true },
        new("flip", "two axes", [Values.Reals(2, 3, 2)], t => t[0].Flip(0, -1)) { IsComposite = true },
        new("split", "pieces of one size", [Values.Reals(5, 2)], t => t[0].Split(2)) { IsComposite = true },
        new("split", "pieces of given sizes", [Values.Reals(2, 6)], t => t[0].Split([1, 3, 2], 1)) { IsComposite = true },
        new("chunk", "a last piece that is smaller", [Values.Reals(7)], t => t[0].Chunk(3)) { IsComposite = true },
        new("unbind", "columns", [Values.Reals(2, 3)], t => t[0].Unbind(-1)) { IsComposite = true },
        new("concatenate", "along the last axis", [Values.Reals(2, 2), Values.Others(2, 3)], t => Tensor.Concatenate(t, -1))
        {
            Large = () => [Values.Reals(200, 90), Values.Others(200, 110)],
        },
        new("concatenate", "one of them empty", [Values.Reals(2), Values.Reals(0), Values.Others(3)], t => Tensor.Concatenate(t)),
        new("stack", "along a new axis in the middle", [Values.Reals(2, 3), Values.Others(2, 3)], t => Tensor.Stack(t, 1)) { IsComposite = true },
        new("roll", "along two axes", [Values.Reals(3, 4)], t => t[0].Roll([4, -1], [0, 1])) { Large = () => [Values.Reals(200, 300)] },
        new("roll", "flattened", [Values.Reals(2, 3)], t => t[0].Roll(-2)),
        new("tile", "every axis and a new one", [Values.Reals(2, 3)], t => t[0].Tile(2, 1, 3)) { IsComposite = true },
        new("tile", "more axes than fit on the way", [Values.Reals(1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1)], t => t[0].Tile(2, 2, 2)) { IsComposite = true },
        new("repeat_interleave", "along an axis", [Values.Reals(3, 2)], t => t[0].RepeatInterleave(2, 0)) { IsComposite = true },
        new("repeat_interleave", "flattened", [Values.Reals(3, 2)], t => t[0].RepeatInterleave(2)) { IsComposite = true },
        new("repeat_interleave", "a count for each", [Values.Reals(2, 3)], t => t[0].RepeatInterleave(Tensor.From([1, 0, 3]), -1)) { IsComposite = true },
        new("pad", "a constant around two axes", [Values.Reals(2, 3)], t => t[0].Pad([(1, 0), (2, 1)], value: 0.5)) { Large = () => [Values.Reals(200, 300)] },
        new("pad", "taking some away", [Values.Reals(2, 4)], t => t[0].Pad(-1, 2)),
        new("pad", "a mirror", [Values.Reals(2, 3, 3)], t => t[0].Pad([(2, 1), (1, 2)], PaddingMode.Reflect)) { IsComposite = true },
        new("pad", "a mirror that reaches what is taken away", [Values.Reals(5)], t => t[0].Pad(-2, 4, mode: PaddingMode.Reflect)) { IsComposite = true },
        new("pad", "the edge", [Values.Reals(2, 3)], t => t[0].Pad([(1, 1), (0, 4)], PaddingMode.Replicate)) { IsComposite = true },
        new("pad", "the other end", [Values.Reals(2, 3)], t => t[0].Pad(1, 3, axis: 1, mode: PaddingMode.Circular)) { IsComposite = true },
        new("sliding_windows", "that overlap", [Values.Reals(6, 2)], t => t[0].SlidingWindows(0, 3)),
        new("sliding_windows", "with a step", [Values.Reals(2, 7)], t => t[0].SlidingWindows(-1, 3, 2)),
        new("sliding_windows", "with gaps", [Values.Reals(7)], t => t[0].SlidingWindows(0, 2, 3)),
        new("overlap_add", "the gradient of windows", [Values.Reals(5, 2)], t => t[0].SlidingWindows(0, 3).Square()) { Large = () => [Values.Reals(300, 200)] },
    ];

    public IEnumerable<ErrorCase> Errors() =>
    [
        new("move_axis", "an axis that isn't there", range, [F(2, 3)], t => t[0].MoveAxis(0, 2), ["axis 2", "-2", "1"]),
        new("move_axis", "an axis named twice", shape, [F(2, 3)], t => t[0].MoveAxis([0, -2], [0, 1]), ["[0, -2]", "twice"]),
        new("move_axis", "fewer places than axes", shape, [F(2, 3)], t => t[0].MoveAxis([0, 1], [0]), ["[0, 1]", "[0]"]),
        new("rotate90", "one axis twice", shape, [F(2, 3)], t => t[0].Rotate90(1, 0, -2), ["two axes", "0"]),
        new("rotate90", "a vector", range, [F(2)], t => t[0].Rotate90(), ["axis 1"]),
        new("unflatten", "sizes that don't fit", shape, [F(6, 2)], t => t[0].Unflatten(0, 4, -1), ["[4, -1]", "axis 0", "[6, 2]", "6"]),
        new("unflatten", "two sizes to be found", shape, [F(6)], t => t[0].Unflatten(0, -1, -1), ["[-1, -1]"]),
        new("unflatten", "no sizes", shape, [F(1)], t => t[0].Unflatten(0), ["[]", "[1]"]),
        new("unflatten", "an axis that isn't there", range, [F(6)], t => t[0].Unflatten(1, 2, 3), ["axis 1"]),
        new("chunk", "no chunks", range, [F(6)], t => t[0].Chunk(0), ["count", "0", "at least 1"]),
        new("chunk", "an axis of a scalar", range, [F()], t => t[0].Chunk(2), ["axis 0", "scalar"]),
        new("unbind", "an axis that isn't there", range, [F(2)], t => t[0].Unbind(1), ["axis 1"]),
        new("roll", "an axis that isn't there", range, [F(2)], t => t[0].Roll(1, 1), ["axis 1"]),
        new("roll", "fewer shifts than axes", shape, [F(2, 2)], t => t[0].Roll([1], [0, 1]), ["[1]", "[0, 1]"]),
        new("tile", "a negative repeat", range, [F(2)], t => t[0].Tile(2, -1), ["-1", "at least 0"]),
        new("tile", "too many elements", shape, [F(3)], t => t[0].Tile(int.MaxValue, int.MaxValue), ["too many elements"]),
        new("tile", "too many axes", shape, [F(3)], t => t[0].Tile(new int[17]), ["17", "16"]),
        new("repeat_interleave", "a negative count", range, [F(2)], t => t[0].RepeatInterleave(-1), ["count", "-1", "at least 0"]),
        new("repeat_interleave", "too many elements", shape, [F(2)], t => t[0].RepeatInterleave(int.MaxValue, 0), ["too many elements"]),
        new("repeat_interleave", "an axis that isn't there", range, [F(2)], t => t[0].RepeatInterleave(2, 1), ["axis 1"]),
        new("repeat_interleave", "as many counts as no axis has", shape, [F(3), I(2)], t => t[0].RepeatInterleave(t[1], 0), ["[2]", "axis 0", "3"]),
        new("repeat_interleave", "counts that are no integers", type, [F(3), F(3)], t => t[0].RepeatInterleave(t[1], 0), ["float32", "int64"]),
        new("repeat_interleave", "a negative count among several", range, [F(2), Tensor.From([1L, -3])], t => t[0].RepeatInterleave(t[1], 0), ["-3", "at least 0"]),
        new("pad", "an axis that isn't there", range, [F(2)], t => t[0].Pad(1, 1, axis: 1), ["axis 1"]),
        new("pad", "more pairs than axes", shape, [F(2)], t => t[0].Pad([(1, 1), (1, 1)]), ["2 pairs", "[2]"]),
        new("pad", "taking away too much", shape, [F(2)], t => t[0].Pad(-2, -1), ["(-2, -1)", "[2]", "2"]),
        new("pad", "a mirror that is too small", range, [F(2, 3)], t => t[0].Pad(0, 3, mode: PaddingMode.Reflect), ["3", "at most 2", "Reflect", "axis 1"]),
        new("pad", "more than once around", range, [F(3)], t => t[0].Pad(4, 0, mode: PaddingMode.Circular), ["4", "at most 3", "Circular"]),
        new("pad", "the edge of nothing", range, [F(0)], t => t[0].Pad(1, 0, mode: PaddingMode.Replicate), ["1", "at most 0", "Replicate"]),
        new("pad", "a mode that isn't there", range, [F(3)], t => t[0].Pad(1, 0, mode: (PaddingMode)9), ["mode", "9", "Circular"]),
        new("pad", "a fraction among integers", range, [I(3)], t => t[0].Pad(1, 0, value: 0.5), ["0.5", "int64"]),
        new("pad", "too long", shape, [F(3)], t => t[0].Pad(int.MaxValue, int.MaxValue), ["too long"]),
        new("sliding_windows", "a window that is too long", range, [F(4)], t => t[0].SlidingWindows(0, 5), ["size", "5", "1 to 4"]),
        new("sliding_windows", "no step", range, [F(4)], t => t[0].SlidingWindows(0, 2, 0), ["step", "0", "at least 1"]),
        new("sliding_windows", "an empty axis", range, [F(0)], t => t[0].SlidingWindows(0, 1), ["empty"]),
        new("sliding_windows", "an axis that isn't there", range, [F(4)], t => t[0].SlidingWindows(1, 2), ["axis 1"]),
        new("broadcast_tensors", "shapes that don't broadcast", shape, [F(2), F(3)], t => Tensor.BroadcastTensors(t), ["[2]", "[3]"]),
        new("mesh_grid", "a matrix", shape, [F(2), F(2, 2)], t => Tensor.MeshGrid(t), ["number 1", "[2, 2]"]),
        new("mesh_grid", "nothing", shape, [], t => Tensor.MeshGrid(t), ["at least one"]),
        new("add_in_place", "windows that overlap", typeof(InvalidOperationException), [F(4).SlidingWindows(0, 2)], t => t[0].AddInPlace(1), ["overlapping", "Clone()"]),
    ];

    private static Tensor F(params int[] shape) => Tensor.Zeros(shape);

    private static Tensor I(params int[] shape) => Tensor.Zeros(shape, DType.Int64);
}
