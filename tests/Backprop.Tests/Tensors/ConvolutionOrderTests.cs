namespace Backprop.Tests.Tensors;

/// <summary>Convolutions and their gradients take images and weights that lie channels last, and mean the same.</summary>
public class ConvolutionOrderTests
{
    /// <summary>batch, channels, outputs, groups | sizes | kernel | stride, padding, dilation of all axes.</summary>
    public static TheoryData<string> Cases() =>
    [
        "2 16 32 1 | 9 8 | 3 3 | 1 1 1",
        "3 16 16 1 | 12 7 | 3 3 | 1 0 1",
        "2 32 48 1 | 9 9 | 3 3 | 2 1 1",
        "2 32 32 2 | 8 6 | 3 3 | 1 1 1",
        "1 48 24 2 | 9 11 | 3 2 | 2 1 2",
        "2 17 20 1 | 7 6 | 2 3 | 1 2 1",
        "2 1 32 1 | 12 12 | 3 3 | 1 0 1",
        "2 3 16 1 | 11 12 | 3 3 | 1 1 1",
        "2 4 5 1 | 6 7 | 3 3 | 1 1 1",
        "2 8 8 8 | 6 6 | 3 3 | 1 1 1",
        "2 32 16 1 | 5 6 | 1 1 | 1 0 1",
        "1 16 16 1 | 4 5 6 | 3 2 3 | 1 1 1",
        "2 16 32 2 | 5 6 5 | 2 3 2 | 2 1 1",
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Float32(string sizes) => Check(sizes, DType.Float32, 2e-6);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Float64(string sizes) => Check(sizes, DType.Float64, 1e-14);

    [Theory]
    [MemberData(nameof(Cases))]
    public void SecondOrderThroughTwoConvolutions(string sizes)
    {
        var (x, w, v, _, conv, _) = Parse(sizes, DType.Float64);
        var back = Draw([w.Shape[0], w.Shape[1], .. w.Shape[2..]], DType.Float64, 5);
        var seed = Draw(x.Shape, DType.Float64, 6);
        var wanted = Curvature(x, w, back);
        var actual = Curvature(x.ChannelsLast(), w.ChannelsLast(), back.ChannelsLast());
        for (var i = 0; i < wanted.Length; i++)
        {
            Agree(wanted[i], actual[i], 1e-13, $"gradient {i}");
        }

        // Down and up again: conv, relu, and the transposed convolution.
        Tensor[] Curvature(Tensor images, Tensor first, Tensor second)
        {
            Tensor[] leaves = [Leaf(images), Leaf(first), Leaf(second)];
            var hidden = conv(leaves[0], leaves[1], null).Relu();
            var y = (conv(Up(hidden, leaves[2]).Relu(), leaves[1], null) * v).Sum();
            var slopes = Gradient.Of(y, leaves, record: true);
            var squares = slopes[0].Square().Sum() + slopes[1].Square().Sum() + slopes[2].Square().Sum();
            return [.. slopes, .. Gradient.Of(squares, leaves)];
        }

        // The gradient of a convolution's input has its very shape, whatever the stride leaves over.
        Tensor Up(Tensor hidden, Tensor weight)
        {
            var images = Leaf(seed);
            return Gradient.Of(conv(images, weight, null), images, hidden, record: true);
        }
    }

    private static void Check(string sizes, DType dtype, double tolerance)
    {
        var (x, w, v, bias, conv, transposed) = Parse(sizes, dtype);
        var wanted = Run(conv, x, w, bias, v);
        var inputs = Draw([x.Shape[1]], dtype, 7);
        var again = transposed(v, w, null);
        var h = Draw(again.Shape, dtype, 8);
        var wantedBack = Run(transposed, v, w, inputs, h);
        for (var order = 1; order < 8; order++)
        {
            var (ordered, weight, gradient) = (In(x, order & 1), In(w, order & 2), In(v, order & 4));
            Agree(wanted, Run(conv, ordered, weight, bias, gradient), tolerance, $"order {order}");
            Agree(wantedBack, Run(transposed, gradient, weight, inputs, In(h, order & 1)), tolerance, $"transposed, order {order}");
        }

        static Tensor In(Tensor tensor, int isLast) => isLast == 0 ? tensor : tensor.ChannelsLast();

        static Tensor[] Run(Func<Tensor, Tensor, Tensor?, Tensor> conv, Tensor x, Tensor w, Tensor bias, Tensor g)
        {
            Tensor[] leaves = [Leaf(x), Leaf(w), Leaf(bias)];
            var y = conv(leaves[0], leaves[1], leaves[2]);
            return [y, .. Gradient.Of(y, leaves, g)];
        }
    }

    /// <summary>A leaf that shares the tensor's elements and lies as it lies.</summary>
    private static Tensor Leaf(Tensor tensor)
    {
        var leaf = tensor.Detach().RequireGradient();
        Assert.Equal(tensor.Layout.IsChannelsLast, leaf.Layout.IsChannelsLast);
        return leaf;
    }

    private static void Agree(Tensor[] wanted, Tensor[] actual, double tolerance, string what)
    {
        for (var i = 0; i < wanted.Length; i++)
        {
            Agree(wanted[i], actual[i], tolerance, $"{what}, result {i}");
        }
    }

    private static void Agree(Tensor wanted, Tensor actual, double tolerance, string what)
    {
        Assert.Equal(wanted.Shape.ToArray(), actual.Shape.ToArray());
        var (a, b) = (wanted.To(DType.Float64).ToArray<double>(), actual.To(DType.Float64).ToArray<double>());
        var scale = a.Max(Math.Abs);
        for (var i = 0; i < a.Length; i++)
        {
            Assert.True(Math.Abs(a[i] - b[i]) <= tolerance * scale, $"{what}[{i}]: {b[i]} for {a[i]}");
        }
    }

    private static (Tensor X, Tensor W, Tensor V, Tensor Bias, Func<Tensor, Tensor, Tensor?, Tensor> Conv, Func<Tensor, Tensor, Tensor?, Tensor> Transposed)
        Parse(string text, DType dtype)
    {
        var parts = text.Split('|').Select(part => part.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray()).ToArray();
        var (counts, sizes, kernel) = (parts[0], parts[1], parts[2]);
        var (stride, padding, dilation) = (parts[3][0], parts[3][1], parts[3][2]);
        var (batch, channels, outputs, groups) = (counts[0], counts[1], counts[2], counts[3]);
        var (x, w, bias) = (Draw([batch, channels, .. sizes], dtype, 1), Draw([outputs, channels / groups, .. kernel], dtype, 2), Draw([outputs], dtype, 3));
        var y = Conv(x, w, bias);
        return (x, w, Draw(y.Shape, dtype, 4), bias, Conv, Transposed);

        Tensor Conv(Tensor x, Tensor w, Tensor? b) => sizes.Length == 2
            ? Tensor.Conv2d(x, w, b, stride, padding, dilation, groups)
            : Tensor.Conv3d(x, w, b, stride, padding, dilation, groups);

        Tensor Transposed(Tensor x, Tensor w, Tensor? b) => sizes.Length == 2
            ? Tensor.ConvTranspose2d(x, w, b, stride, padding, 0, groups, dilation)
            : Tensor.ConvTranspose3d(x, w, b, stride, padding, 0, groups, dilation);
    }

    private static Tensor Draw(ReadOnlySpan<int> shape, DType dtype, int seed) =>
        Tensor.Uniform(shape, -1, 1, dtype, new Generator((ulong)seed));
}
