using System.Text.Json;

namespace Backprop.Tests.Golden;

internal static partial class GoldenOps
{
    private static void AddShapes(OpTable table)
    {
        table.One("reshape", c => c.Input.Reshape(c.Arguments.Integers("shape")));
        table.One("view", c => c.Input.Reshape(c.Arguments.Integers("shape")));
        table.One("permute", c => c.Input.Permute(c.Arguments.Integers("dims")));
        table.One("transpose", c => c.Input.Transpose(c.Arguments.Integer("dim0"), c.Arguments.Integer("dim1")));
        table.One("swapaxes", c => c.Input.Transpose(c.Arguments.Integer("axis0"), c.Arguments.Integer("axis1")));
        table.One("expand", c => c.Input.Expand(c.Arguments.Integers("shape")));
        table.One("squeeze", c => Squeeze(c));
        table.One("unsqueeze", c => c.Input.Unsqueeze(c.Axis));
        table.One("flatten", c => c.Input.Flatten(c.Arguments.Integer("start_dim"), c.Arguments.Integer("end_dim", -1)));
        table.Several("split", c => c.Arguments["split_size_or_sections"].ValueKind == JsonValueKind.Array
            ? c.Input.Split(c.Arguments.Integers("split_size_or_sections"), c.Axis)
            : c.Input.Split(c.Arguments.Integer("split_size_or_sections"), c.Axis));
        table.Several("unbind", c => c.Input.Unbind(c.Axis));
        table.One("movedim", c => c.Input.MoveAxis(c.Arguments.Integers("source"), c.Arguments.Integers("destination")));
        table.One("unflatten", c => c.Input.Unflatten(c.Axis, c.Arguments.Integers("sizes")));
        table.Several("chunk", c => c.Input.Chunk(c.Arguments.Integer("chunks"), c.Axis));
        table.One("roll", c => c.Arguments.Has("dims")
            ? c.Input.Roll(c.Arguments.Integers("shifts"), c.Arguments.Integers("dims"))
            : c.Input.Roll(c.Arguments.Integer("shifts")));
        table.One("rot90", c => c.Input.Rotate90(c.Arguments.Integer("k"), c.Arguments.Integers("dims")[0], c.Arguments.Integers("dims")[1]));
        table.One("tile", c => c.Input.Tile(c.Arguments.Integers("dims")));
        table.One("repeat", c => c.Input.Tile(c.Arguments.Integers("repeats")));
        table.One("repeat_interleave", c => c.Arguments["repeats"].ValueKind == JsonValueKind.Array
            ? c.Input.RepeatInterleave(Tensor.From(c.Arguments.Integers("repeats")), c.Arguments.Has("dim") ? c.Axis : null)
            : c.Input.RepeatInterleave(c.Arguments.Integer("repeats"), c.Arguments.Has("dim") ? c.Axis : null));
        table.One("pad", c => c.Input.Pad(Pairs(c.Arguments.Integers("pad")), Mode(c.Arguments.Text("mode", "constant")), c.Arguments.Number("value", 0)));
        table.One("unfold_dim", c => c.Input.SlidingWindows(c.Arguments.Integer("dimension"), c.Arguments.Integer("size"), c.Arguments.Integer("step")));
        table.Several("broadcast_tensors", c => Tensor.BroadcastTensors(c.Numbered("tensor")));
        table.Several("meshgrid", c => Tensor.MeshGrid(c.Numbered("tensor"), c.Arguments.Text("indexing", "ij") == "xy"));
        table.One("select", c => c.Input.Select(c.Axis, c.Arguments.Integer("index")));
        table.One("narrow", c => c.Input.Narrow(c.Axis, c.Arguments.Integer("start"), c.Arguments.Integer("length")));
        table.One("flip", c => c.Input.Flip(c.Arguments.Integers("dims")));
        table.One("cat", c => Tensor.Concatenate(c.Numbered("tensor"), c.Axis));
        table.One("stack", c => Tensor.Stack(c.Numbered("tensor"), c.Axis));
        table.One("slicing", c => c.Input[Items(c)]);
        table.One("index", c => c.Input[Items(c)]);
        table.One("index_select", c => c.Input.IndexSelect(c["index"], c.Axis));
        table.One("gather", c => c.Input.Gather(c.Axis, c["index"]));
        table.One("take_along_dim", c => c.Arguments.Has("dim") ? c.Input.TakeAlongAxis(c["indices"], c.Axis) : c.Input.Take(c["indices"]));
        table.One("scatter", c => c.Input.Scatter(c.Axis, c["index"], c.Optional("src") ?? c.Arguments.Number("value")));
        table.One("scatter_add", c => c.Input.ScatterAdd(c.Axis, c["index"], c["src"]));
        table.One("index_add", c => c.Input.IndexAdd(c["index"], c["source"], c.Axis, c.Arguments.Number("alpha", 1)));
        table.One("masked_fill", c => c.Input.MaskedFill(c["mask"], c.Arguments.Number("value")));
        table.One("masked_select", c => c.Input.MaskedSelect(c["mask"]));
    }

    /// <summary>PyTorch leaves an axis of another size as it is, where this library refuses.</summary>
    private static Tensor Squeeze(GoldenCall c) => !c.Arguments.Has("dim") ? c.Input.Squeeze()
        : c.Input.Rank > 0 && c.Input.Shape[SizeIndex(c)] == 1 ? c.Input.Squeeze(c.Axis)
        : c.Input;

    private static int SizeIndex(GoldenCall c) => c.Axis < 0 ? c.Axis + c.Input.Rank : c.Axis;

    /// <summary>PyTorch lists before and after from the last axis backwards.</summary>
    private static (int Before, int After)[] Pairs(int[] pad) => [.. pad.Chunk(2).Select(pair => (pair[0], pair[1])).Reverse()];

    private static PaddingMode Mode(string mode) => Enum.Parse<PaddingMode>(mode, ignoreCase: true);

    /// <summary>An index as C# writes it. Python's slices are cut to the axis, C#'s ranges are not, so that is done here.</summary>
    private static TensorIndex[] Items(GoldenCall c)
    {
        var x = c.Input;
        var items = c.Arguments["index"].EnumerateArray().ToArray();
        var consumed = items.Count(item => item.ValueKind != JsonValueKind.String);
        var result = new List<TensorIndex>();
        var axis = 0;
        foreach (var item in items)
        {
            switch (item.ValueKind)
            {
                case JsonValueKind.String when item.GetString() == "newaxis":
                    result.Add(TensorIndex.NewAxis);
                    break;
                case JsonValueKind.String:
                    result.Add(TensorIndex.Ellipsis);
                    axis += x.Rank - consumed;
                    break;
                case JsonValueKind.Number:
                    result.Add(item.GetInt32());
                    axis++;
                    break;
                case JsonValueKind.Object when item.TryGetProperty("tensor", out var name):
                    var tensor = c[name.GetString()!];
                    result.Add(tensor);
                    axis += tensor.DType == DType.Bool ? tensor.Rank : 1;
                    break;
                default:
                    result.Add(Slice(item.GetProperty("slice"), x.Shape[axis++]));
                    break;
            }
        }

        return [.. result];
    }

    private static TensorIndex Slice(JsonElement slice, int size)
    {
        int Bound(int item, int whenMissing) => slice[item].ValueKind == JsonValueKind.Null
            ? whenMissing
            : Math.Clamp(slice[item].GetInt32() < 0 ? slice[item].GetInt32() + size : slice[item].GetInt32(), 0, size);
        var start = Bound(0, 0);
        var range = start..Math.Max(Bound(1, size), start);
        return slice[2].ValueKind == JsonValueKind.Null ? range : TensorIndex.Every(range, slice[2].GetInt32());
    }
}
