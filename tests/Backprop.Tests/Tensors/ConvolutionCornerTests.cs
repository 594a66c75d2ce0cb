namespace Backprop.Tests.Tensors;

/// <summary>Convolutions whose taps, channels or element types take ways of their own.</summary>
public sealed class ConvolutionCornerTests
{
    private readonly Generator generator = new(17);

    public static TheoryData<int, int, int, int, int> Windows()
    {
        var data = new TheoryData<int, int, int, int, int>();
        foreach (var channels in (int[])[1, 2, 3, 4])
        {
            foreach (var (columns, dilation, padding) in ((int, int, int)[])[(2, 1, 0), (2, 2, 0), (3, 2, 1), (4, 3, 1), (5, 2, 2), (3, 5, 6), (1, 1, 0)])
            {
                data.Add(channels, 16, columns, dilation, padding);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public void WeightGradientsOfDilatedKernels(int channels, int outputs, int columns, int dilation, int padding)
    {
        foreach (var dtype in new[] { DType.Float32, DType.Float64 })
        {
            var x = Tensor.Normal([2, channels, 9, 16], dtype: dtype, generator: generator);
            var weight = Tensor.Normal([outputs, channels, 3, columns], dtype: dtype, generator: generator).RequireGradient();
            var y = Tensor.Conv2d(x, weight, padding: (PerAxis)new int[] { 1, padding }, dilation: new int[] { 1, dilation });
            var g = Tensor.Normal(y.Shape, dtype: dtype, generator: generator);
            foreach (var (images, gradient) in new[] { (x, g), (x.ChannelsLast(), g.ChannelsLast()) })
            {
                weight.ZeroGradient();
                Tensor.Conv2d(images, weight, padding: (PerAxis)new int[] { 1, padding }, dilation: new int[] { 1, dilation }).Backward(gradient);
                var (expected, actual) = (Expected(x, g, weight, dilation, padding), weight.Gradient!.To(DType.Float64).ToArray<double>());
                for (var i = 0; i < expected.Length; i++)
                {
                    Assert.Equal(expected[i], actual[i], dtype == DType.Float32 ? 1e-3 : 1e-10);
                }
            }
        }
    }

    [Fact]
    public void SixteenBitsAreComputedLikeSinglePrecision()
    {
        for (var inputs = 1; inputs <= 20; inputs += 3)
        {
            for (var outputs = 1; outputs <= 20; outputs++)
            {
                var x = Tensor.Normal([2, inputs, 6, 6], generator: generator).To(DType.BFloat16);
                var weight = Tensor.Normal([outputs, inputs, 3, 3], generator: generator).To(DType.BFloat16);
                var bias = Tensor.Normal([outputs], generator: generator).To(DType.BFloat16);
                Tensor[] half = [x.RequireGradient(), weight.RequireGradient(), bias.RequireGradient()];
                Tensor[] single = [.. half.Select(tensor => tensor.Detach().To(DType.Float32).RequireGradient())];
                var (y, expected) = (Tensor.Conv2d(half[0], half[1], half[2], padding: 1), Tensor.Conv2d(single[0], single[1], single[2], padding: 1));
                Near(expected, y);
                var g = Tensor.Normal(expected.Shape, generator: generator).To(DType.BFloat16);
                y.Backward(g);
                expected.Backward(g.To(DType.Float32));
                for (var i = 0; i < half.Length; i++)
                {
                    Near(single[i].Gradient!, half[i].Gradient!);
                }

                Near(Tensor.ConvTranspose2d(g.To(DType.Float32), single[1].Detach()), Tensor.ConvTranspose2d(g, half[1].Detach()));
            }
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(20)]
    public void SumsDoNotDependOnWhichBuffersAreFree(int columns)
    {
        // Channels last as a whole, and a part of such images.
        var x = Tensor.Normal([4, 16, columns, 32], generator: generator).Permute(0, 3, 1, 2)[.., .., .., ..16];
        var bias = Tensor.Normal([32, 1, 1], generator: generator).RequireGradient();
        var weight = Tensor.Normal([4, 32, 16, 16], generator: generator);
        Tensor Step()
        {
            bias.ZeroGradient();
            var loss = (((x + bias) * 1.3).Sin() * weight).Sum();
            loss.Backward();
            return loss;
        }

        _ = Step();
        var expected = bias.Gradient!.ToArray<float>();
        using (TensorScope.Begin())
        {
            _ = Step();
            Assert.Equal(expected, bias.Gradient!.ToArray<float>());
        }

        _ = CapturedStep.Capture(Step).Replay();
        Assert.Equal(expected, bias.Gradient!.ToArray<float>());
    }

    private static void Near(Tensor expected, Tensor actual)
    {
        var (wide, narrow) = (expected.ToArray<float>(), actual.To(DType.Float32).ToArray<float>());
        for (var i = 0; i < wide.Length; i++)
        {
            Assert.True(Math.Abs(wide[i] - narrow[i]) <= 0.02 + (0.01 * Math.Abs(wide[i])), $"element {i} is {narrow[i]}, not {wide[i]}");
        }
    }

    /// <summary>By definition: w[o, c, i, j] = Σ g[n, o, p, q] x[n, c, p + i − 1, q + j d − padding].</summary>
    private static double[] Expected(Tensor x, Tensor g, Tensor weight, int dilation, int padding)
    {
        var (images, gradients) = (x.To(DType.Float64).ToArray<double>(), g.To(DType.Float64).ToArray<double>());
        int channels = x.Shape[1], height = x.Shape[2], width = x.Shape[3], outputs = g.Shape[1], rows = g.Shape[2], columns = g.Shape[3];
        var result = new double[weight.Count];
        for (var at = 0; at < result.Length; at++)
        {
            var (rest, j) = Math.DivRem(at, weight.Shape[3]);
            (rest, var i) = Math.DivRem(rest, 3);
            var (o, c) = Math.DivRem(rest, channels);
            for (var n = 0; n < x.Shape[0]; n++)
            {
                for (var p = Math.Max(0, 1 - i); p < Math.Min(rows, height + 1 - i); p++)
                {
                    for (var q = 0; q < columns; q++)
                    {
                        var column = q + (j * dilation) - padding;
                        if (column >= 0 && column < width)
                        {
                            result[at] += gradients[(((((n * outputs) + o) * rows) + p) * columns) + q]
                                * images[(((((n * channels) + c) * height) + p + i - 1) * width) + column];
                        }
                    }
                }
            }
        }

        return result;
    }
}
