using System.Text.Json;

namespace Backprop.Tests.Golden;

/// <summary>A tensor as the file states it.</summary>
internal sealed class GoldenTensor(JsonElement json)
{
    public string Name { get; } = json.GetProperty("name").GetString()!;

    public int[] Shape { get; } = [.. json.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];

    public DType DType { get; } = json.GetProperty("dtype").GetString() switch
    {
        "float64" => DType.Float64,
        "int64" => DType.Int64,
        "bool" => DType.Bool,
        var other => throw new InvalidDataException($"golden data of dtype {other}"),
    };

    public bool RequiresGradient { get; } = json.TryGetProperty("requires_grad", out var required) && required.GetBoolean();

    /// <summary>The elements in row-major order, whatever the dtype.</summary>
    public double[] Data => Numbers(json.GetProperty("data"));

    /// <summary>The tensor with the strides that the file says it had; a leaf where it requires a gradient.</summary>
    public Tensor Build()
    {
        var dense = Dense(Data, Shape, DType);
        var view = json.TryGetProperty("layout", out var layout) ? Strided(dense, layout.GetString()!) : dense;
        view.Name = Name;
        return RequiresGradient ? view.RequireGradient() : view;
    }

    /// <summary>A contiguous tensor.</summary>
    public static Tensor Dense(double[] data, ReadOnlySpan<int> shape, DType dtype) => dtype switch
    {
        DType.Float64 => Tensor.From(data, shape),
        DType.Int64 => Tensor.From(Array.ConvertAll(data, x => (long)x), shape),
        _ => Tensor.From(Array.ConvertAll(data, x => x != 0), shape),
    };

    public static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(Number)];

    /// <summary>A number; the strings stand for what JSON lacks, truth values for 0 and 1.</summary>
    public static double Number(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.String => element.GetString() switch
        {
            "nan" => double.NaN,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            var other => throw new InvalidDataException($"golden number '{other}'"),
        },
        _ => element.GetDouble(),
    };

    private static Tensor Strided(Tensor dense, string layout) => layout switch
    {
        "transposed" => dense.Transpose().Contiguous().Transpose(),
        "sliced" => Tensor.Stack([dense, dense], axis: -1).Flatten(dense.Rank - 1)[TensorIndex.Ellipsis, TensorIndex.Every(.., 2)],
        "expanded" => dense.Narrow(0, 0, 1).Expand(dense.Shape),
        _ => throw new InvalidDataException($"golden layout '{layout}'"),
    };
}
