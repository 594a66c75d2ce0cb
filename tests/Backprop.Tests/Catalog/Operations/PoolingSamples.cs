namespace Backprop.Tests.Catalog.Operations;

/// <summary>Largest elements, means and norms of windows.</summary>
internal sealed class PoolingSamples : ICatalogEntry
{
    private static readonly Type shape = typeof(ShapeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type range = typeof(ArgumentOutOfRangeException);

    public IEnumerable<Sample> Samples() =>
    [
        new("max_pool", "pairs of pairs", [Values.Reals(1, 2, 4, 6)], t => t[0].MaxPool2d(2))
        {
            Large = () => [Values.Reals(5, 7, 36, 38)],
        },
        new("max_pool", "3 × 3 that overlap, padded", [Values.Reals(1, 1, 6, 7)], t => t[0].MaxPool2d(3, stride: 2, padding: 1))
        {
            Large = () => [Values.Reals(3, 6, 45, 51)],
        },
        new("max_pool", "a width of its own, cut off at the end", [Values.Reals(2, 5, 5)], t => t[0].MaxPool2d([3, 2], [2, 3], [1, 0], ceilMode: true)),
        new("max_pool", "one axis, dilated", [Values.Reals(2, 2, 9)], t => t[0].MaxPool1d(2, stride: 1, padding: 1, dilation: 3)),
        new("max_pool", "one axis at a stride of 3", [Values.Reals(1, 2, 11)], t => t[0].MaxPool1d(4, stride: 3)),
        new("max_pool", "a window for every element", [Values.Reals(2, 24)], t => t[0].MaxPool1d(3, stride: 1, padding: 1))
        {
            Large = () => [Values.Reals(30, 1001)],
        },
        new("max_pool", "three axes", [Values.Reals(1, 3, 4, 4)], t => t[0].MaxPool3d([2, 2, 3], stride: [1, 2, 1], padding: [0, 1, 0]))
        {
            Large = () => [Values.Reals(12, 9, 20, 21)],
        },
        new("max_pool", "adaptive, uneven", [Values.Reals(1, 2, 5, 5)], t => t[0].AdaptiveMaxPool2d([2, 3])),
        new("max_pool", "adaptive, one axis", [Values.Reals(2, 1, 7)], t => t[0].AdaptiveMaxPool1d(3)),
        new("max_pool", "adaptive, three axes", [Values.Reals(1, 2, 4, 5)], t => t[0].AdaptiveMaxPool3d([1, -1, 2])),
        new("max_pool_positions", "with values", [Values.Reals(1, 2, 4, 5)], t => t[0].MaxPool2dWithIndices([2, 3], stride: 1).Indices)
        {
            Order = 0,
            WhyOrder = "positions",
            Large = () => [Values.Reals(5, 7, 33, 34)],
        },
        new("max_pool1d_with_indices", "values and positions", [Values.Reals(2, 6)], t => Both(t[0].MaxPool1dWithIndices(2))) { IsComposite = true },
        new("max_pool3d_with_indices", "values and positions", [Values.Reals(1, 2, 4, 4)], t => Both(t[0].MaxPool3dWithIndices(2))) { IsComposite = true },
        new("adaptive_max_pool1d_with_indices", "values and positions", [Values.Reals(2, 7)], t => Both(t[0].AdaptiveMaxPool1dWithIndices(3)))
        {
            IsComposite = true,
        },
        new("adaptive_max_pool2d_with_indices", "values and positions", [Values.Reals(1, 5, 7)], t => Both(t[0].AdaptiveMaxPool2dWithIndices([2, 3])))
        {
            IsComposite = true,
        },
        new("adaptive_max_pool3d_with_indices", "values and positions", [Values.Reals(1, 3, 4, 5)], t => Both(t[0].AdaptiveMaxPool3dWithIndices(2)))
        {
            IsComposite = true,
        },
        new("mean_pool", "pairs of pairs", [Values.Reals(1, 2, 4, 6)], t => t[0].AvgPool2d(2))
        {
            Large = () => [Values.Reals(5, 7, 36, 38)],
        },
        new("mean_pool", "a window larger than the input", [Values.Reals(1, 1, 3)], t => t[0].AvgPool1d(4, stride: 2, ceilMode: true)),
        new("max_pool", "a window larger than the input", [Values.Reals(1, 1, 3)], t => t[0].MaxPool1d(4, stride: 2, ceilMode: true)),
        new("mean_pool", "the padding counts", [Values.Reals(1, 1, 5, 6)], t => t[0].AvgPool2d(3, stride: 2, padding: 1, ceilMode: true)),
        new("mean_pool", "the padding doesn't count", [Values.Reals(2, 5, 5)], t => t[0].AvgPool2d(3, 2, 1, countIncludePad: false)),
        new("mean_pool", "another divisor", [Values.Reals(1, 2, 4, 4)], t => t[0].AvgPool2d(2, stride: 1, divisorOverride: 3)),
        new("mean_pool", "one axis", [Values.Reals(2, 2, 10)], t => t[0].AvgPool1d(4, stride: 3, padding: 2)),
        new("mean_pool", "one axis at a stride of 1", [Values.Reals(2, 24)], t => t[0].AvgPool1d(3, stride: 1, padding: 1))
        {
            Large = () => [Values.Reals(30, 1001)],
        },
        new("mean_pool", "three axes", [Values.Reals(1, 3, 4, 4)], t => t[0].AvgPool3d([2, 2, 3], stride: 1, padding: [1, 0, 1]))
        {
            Large = () => [Values.Reals(12, 9, 20, 21)],
        },
        new("mean_pool", "adaptive, uneven", [Values.Reals(1, 2, 5, 5)], t => t[0].AdaptiveAvgPool2d([2, 3])),
        new("mean_pool", "adaptive, more windows than elements", [Values.Reals(1, 2, 3)], t => t[0].AdaptiveAvgPool1d(5)),
        new("mean_pool", "the whole plane", [Values.Reals(2, 2, 3, 4)], t => t[0].AdaptiveAvgPool2d(1))
        {
            Large = () => [Values.Reals(12, 30, 14, 14)],
        },
        new("mean_pool", "adaptive, three axes", [Values.Reals(1, 2, 4, 5)], t => t[0].AdaptiveAvgPool3d([1, -1, 2])),
        new("mean_pool_adjoint", "as an operation of its own", [Values.Reals(1, 1, 4, 5)], Slope) { Large = () => [Values.Reals(6, 7, 30, 31)] },
        new("lp_pool1d", "p = 3", [Values.Reals(2, 8)], t => t[0].LpPool1d(3, 2)) { IsComposite = true },
        new("lp_pool2d", "p = 2", [Values.Reals(1, 4, 5)], t => t[0].LpPool2d(2, [2, 3], stride: 1)) { IsComposite = true },
        new("lp_pool2d", "p = 1", [Values.Reals(1, 4, 4)], t => t[0].LpPool2d(1, 2, ceilMode: true)) { IsComposite = true },
        new("lp_pool3d", "p = 2", [Values.Reals(1, 2, 4, 4)], t => t[0].LpPool3d(2, 2)) { IsComposite = true },
    ];

    public IEnumerable<ErrorCase> Errors() =>
    [
        new("max_pool1d", "a rank too small", shape, [Values.Reals(4)], t => t[0].MaxPool1d(2), ["[4]", "[N, C, L]"]),
        new("max_pool2d", "a rank too large", shape, [Values.Reals(1, 1, 1, 4, 4)], t => t[0].MaxPool2d(2), ["[1, 1, 1, 4, 4]", "[N, C, H, W]"]),
        new("max_pool2d", "a window too large", shape, [Values.Reals(1, 4, 4)], t => t[0].MaxPool2d(5), ["[5, 5]", "[4, 4]"]),
        new("max_pool2d", "no height", shape, [Values.Reals(1, 0, 4)], t => t[0].MaxPool2d(1), ["[0, 4]"]),
        new("max_pool2d", "an empty kernel", range, [Values.Reals(1, 4, 4)], t => t[0].MaxPool2d([2, 0]), ["kernelSize", "[2, 0]", "at least 1"]),
        new("max_pool2d", "three sizes for two axes", range, [Values.Reals(1, 4, 4)], t => t[0].MaxPool2d([2, 2, 2]), ["kernelSize", "[2, 2, 2]", "2 axes"]),
        new("max_pool2d", "no size", range, [Values.Reals(1, 4, 4)], t => t[0].MaxPool2d(default), ["kernelSize"]),
        new("max_pool2d", "a stride of 0", range, [Values.Reals(1, 4, 4)], t => t[0].MaxPool2d(2, stride: 0), ["stride", "0", "at least 1"]),
        new("max_pool2d", "padding wider than half a window", range, [Values.Reals(1, 4, 4)], t => t[0].MaxPool2d(2, padding: 2), ["padding", "2", "half"]),
        new("max_pool1d", "a dilation of 0", range, [Values.Reals(1, 4)], t => t[0].MaxPool1d(2, dilation: 0), ["dilation", "at least 1"]),
        new("max_pool1d", "a window of padding only", shape, [Values.Reals(1, 1)], t => t[0].MaxPool1d(2, padding: 1, dilation: 2), ["no element"]),
        new("max_pool1d", "far more than there is", shape, [Values.Reals(1, 4)], t => t[0].MaxPool1d(int.MaxValue, dilation: int.MaxValue), ["[4]"]),
        new("max_pool3d", "integers", type, [Values.Positions(9, 1, 2, 2, 2)], t => t[0].MaxPool3d(2), ["int64", "To(DType.Float32)"]),
        new("avg_pool1d", "integers", type, [Values.Positions(9, 1, 4)], t => t[0].AvgPool1d(2), ["int64"]),
        new("avg_pool2d", "a divisor of 0", range, [Values.Reals(1, 4, 4)], t => t[0].AvgPool2d(2, divisorOverride: 0), ["divisorOverride", "0"]),
        new("avg_pool3d", "a rank too small", shape, [Values.Reals(4, 4, 4)], t => t[0].AvgPool3d(2), ["[4, 4, 4]", "[C, D, H, W]"]),
        new("avg_pool2d", "negative padding", range, [Values.Reals(1, 4, 4)], t => t[0].AvgPool2d(2, padding: -1), ["padding", "-1", "at least 0"]),
        new("adaptive_avg_pool2d", "no windows", range, [Values.Reals(1, 4, 4)], t => t[0].AdaptiveAvgPool2d(0), ["outputSize", "0", "at least 1"]),
        new("adaptive_max_pool1d", "nothing to share out", shape, [Values.Reals(1, 2, 0)], t => t[0].AdaptiveMaxPool1d(2), ["[0]"]),
        new("adaptive_avg_pool3d", "integers", type, [Values.Positions(9, 1, 2, 2, 2)], t => t[0].AdaptiveAvgPool3d(1), ["int64"]),
        new("adaptive_max_pool2d", "no windows", range, [Values.Reals(1, 4, 4)], t => t[0].AdaptiveMaxPool2d([2, 0]), ["outputSize", "0", "at least 1"]),
        new("adaptive_max_pool3d", "a rank too small", shape, [Values.Reals(4, 4, 4)], t => t[0].AdaptiveMaxPool3d(2), ["[4, 4, 4]", "[C, D, H, W]"]),
        new("lp_pool1d", "integers", type, [Values.Positions(9, 1, 4)], t => t[0].LpPool1d(2, 2), ["int64"]),
        new("lp_pool3d", "a rank too small", shape, [Values.Reals(4, 4, 4)], t => t[0].LpPool3d(2, 2), ["[4, 4, 4]", "[C, D, H, W]"]),
        new("lp_pool2d", "a norm of 0", range, [Values.Reals(1, 4, 4)], t => t[0].LpPool2d(0, 2), ["p", "0", "positive"]),
    ];

    private static Tensor[] Both((Tensor Values, Tensor Indices) pair) => [pair.Values, pair.Indices];

    /// <summary>The gradient of a weighted mean pool, which is linear in the weights.</summary>
    private static Tensor Slope(Tensor[] t)
    {
        var x = Tensor.ZerosLike(t[0]).RequireGradient();
        var y = x.AvgPool2d(2, stride: 1);
        return Gradient.Of(y, x, t[0][Ellipsis, ..^1, ..^1], record: true);
    }

    private static TensorIndex Ellipsis => TensorIndex.Ellipsis;
}
