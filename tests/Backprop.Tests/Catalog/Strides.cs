namespace Backprop.Tests.Catalog;

/// <summary>Numbers as tensors, and the same numbers with other strides.</summary>
internal static class Strides
{
    /// <summary>An odd number of rows and columns, so that registers are left partly full.</summary>
    public const int Rows = 7, Columns = 37;

    public static readonly string[] Kinds = ["transposed", "sliced", "reversed", "offset"];

    /// <summary>A matrix filled with the points over and over.</summary>
    public static Tensor Matrix(double[] points, DType dtype = DType.Float64, int shift = 0) =>
        Tensor.From(Enumerable.Range(0, Rows * Columns).Select(i => points[(i + shift) % points.Length]).ToArray(), Rows, Columns).To(dtype);

    /// <summary>A view with the same elements that are laid out in another way.</summary>
    public static Tensor View(Tensor x, string kind) => kind switch
    {
        "transposed" => x.Transpose().Contiguous().Transpose(),
        "sliced" => Tensor.Stack([x, x], axis: -1).Flatten(-2)[.., TensorIndex.Every(.., 2)],
        "reversed" => x.Flip(0, 1).Contiguous().Flip(0, 1),
        "offset" => Tensor.Concatenate([x, x], axis: 1)[.., Columns..],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a kind"),
    };

    /// <summary>The bits, so that −0 and NaN are told apart.</summary>
    public static long[] Bits(Tensor x) => x.DType == DType.Float64
        ? Array.ConvertAll(x.ToArray<double>(), BitConverter.DoubleToInt64Bits)
        : Array.ConvertAll(x.ToArray<float>(), value => (long)BitConverter.SingleToInt32Bits(value));
}
