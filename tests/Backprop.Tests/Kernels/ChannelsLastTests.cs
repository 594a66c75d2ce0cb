namespace Backprop.Tests.Kernels;

/// <summary>Kernels for images whose channels lie last, beside those for images that lie row-major: many counts of channels, ties, NaN, elements in plenty.</summary>
public sealed class ChannelsLastTests
{
    public static TheoryData<int, int, int, int> Shapes => new()
    {
        { 2, 2, 3, 5 }, { 1, 3, 7, 4 }, { 3, 5, 4, 4 }, { 2, 8, 5, 5 }, { 2, 16, 9, 7 }, { 1, 19, 6, 5 }, { 4, 32, 8, 8 }, { 2, 37, 5, 6 }, { 2, 64, 12, 11 },
        { 1, 130, 3, 3 }, { 2, 1100, 2, 3 }, { 40, 16, 16, 17 }, { 7, 100, 9, 9 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void BatchNormalisation(int samples, int channels, int height, int width)
    {
        foreach (var dtype in new[] { DType.Float64, DType.Float32 })
        {
            var x = (Numbers(1, dtype, samples, channels, height, width) * 3) + 100;
            var residual = Numbers(2, dtype, samples, channels, height, width);
            var g = Numbers(3, dtype, samples, channels, height, width);
            var (weight, bias) = (Numbers(4, dtype, channels), Numbers(5, dtype, channels));
            foreach (var (rectifies, adds) in new[] { (false, false), (true, false), (true, true) })
            {
                Tensor Run(Tensor[] t) => !rectifies ? t[0].BatchNorm(null, null, t[1], t[2], training: true)
                    : t[0].BatchNormRelu(null, null, t[1], t[2], adds ? t[3] : null, training: true);
                Near(Run, g, [x, weight, bias, .. adds ? new[] { residual } : []], dtype == DType.Float64 ? 1e-10 : 2e-4);
            }
        }
    }

    [Fact]
    public void VariancesOfFarAwayNumbersLoseNothing()
    {
        // Each sample lies far from the one before; the first of them apart from all.
        var x = Tensor.Normal([64, 6, 20, 20], generator: new Generator(7)) * 0.01;
        x += Tensor.Arange(64).To(DType.Float32).Reshape([64, 1, 1, 1]) * 0.5;
        x = (x + Tensor.Where(Tensor.Arange(64).Reshape([64, 1, 1, 1]).EqualTo(0), 1000f, 0f)).ChannelsLast();
        var (mean, variance) = (Tensor.Zeros([6]), Tensor.Zeros([6]));
        x.BatchNorm(mean, variance, training: true, momentum: 1);
        var wide = x.To(DType.Float64);
        var (expectedMean, expectedVariance) = (wide.Mean([0, 2, 3]).ToArray<double>(), wide.Variance([0, 2, 3], 1).ToArray<double>());
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(expectedMean[i], mean[i].Item(), 1e-6 * Math.Abs(expectedMean[i]));
            Assert.Equal(expectedVariance[i], variance[i].Item(), 1e-6 * expectedVariance[i]);
        }

        // Nothing but one number: no variance, not even a negative one.
        var same = Tensor.Full([8, 5, 30, 30], 0.1f).ChannelsLast();
        var flat = same.BatchNorm(null, null, training: true, epsilon: 1e-30).ToArray<float>();
        Assert.All(flat, value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Pooling(int samples, int channels, int height, int width)
    {
        foreach (var dtype in new[] { DType.Float64, DType.Float32 })
        {
            // Few different numbers: ties in most windows. Gradients are whole numbers, whose sums are exact.
            var x = (Numbers(1, dtype, samples, channels, height, width) * 4).Round() / 4;
            x = Tensor.Where(Numbers(2, dtype, samples, channels, height, width) > 1.8, double.NaN, x);
            foreach (var (kernel, stride, padding) in new[] { (2, 2, 0), (2, 1, 0), (3, 2, 1), (2, 2, 1), (1, 1, 0), (2, 3, 1) })
            {
                if (Math.Min(height, width) + (2 * padding) < kernel)
                {
                    continue;
                }

                Tensor Max(Tensor[] t) => t[0].MaxPool2d(kernel, stride, padding);
                Tensor Mean(Tensor[] t) => t[0].AvgPool2d(kernel, stride, padding, countIncludePad: false);
                var g = (Numbers(3, dtype, Max([x]).Shape.ToArray()) * 8).Round();
                Near(Max, g, [x], 0);
                Near(Mean, g, [x], dtype == DType.Float64 ? 1e-13 : 1e-5);
            }

            Near(t => t[0].AdaptiveAvgPool2d(2), Tensor.Ones([samples, channels, 2, 2], dtype), [x], dtype == DType.Float64 ? 1e-13 : 1e-5);
            Near(t => t[0].AdaptiveMaxPool2d(2), Tensor.Ones([samples, channels, 2, 2], dtype), [x], 0);
        }
    }

    [Fact]
    public void PoolingOfVolumesThatWindowsCoverInPart()
    {
        var x = Numbers(1, DType.Float32, 2, 18, 5, 7, 5);
        var g = (Numbers(2, DType.Float32, 2, 18, 2, 3, 2) * 8).Round();
        Near(t => t[0].MaxPool3d(2), g, [x], 0);
        Near(t => t[0].AvgPool3d(2), g, [x], 1e-6);
    }

    [Fact]
    public void WhatHasNoElements()
    {
        var x = Tensor.Zeros([0, 3, 4, 4]).ChannelsLast().RequireGradient();
        var y = x.BatchNormRelu(null, null, training: true).MaxPool2d(2).AvgPool2d(2);
        Assert.Equal([0, 3, 1, 1], y.Shape.ToArray());
        y.Sum().Backward();
        Assert.Equal([0, 3, 4, 4], x.Gradient!.Shape.ToArray());
    }

    [Fact]
    public void ResultsKeepTheOrder()
    {
        var x = Tensor.Normal([2, 3, 6, 6]).ChannelsLast();
        Tensor[] results =
        [
            x.BatchNorm(null, null, training: true), x.BatchNormRelu(null, null, residual: x.Contiguous(), training: true),
            x.BatchNorm(Tensor.Zeros([3]), Tensor.Ones([3])), x.MaxPool2d(2), x.AvgPool2d(2), x.Relu(), x + 1, x * x.Contiguous(), x.To(DType.Float64),
            x[.., .., 1.., ..3].Relu(), x.Pad(1, 2, 1), x[.., .., TensorIndex.Every(.., 2), ..].Pad(1, 1), Tensor.Concatenate([x, x], 1),
            Tensor.Where(x > 0, x, 0),
        ];
        Assert.All(results, result => Assert.True(result.Layout.IsChannelsLast, result.Layout.ToString()));
    }

    private static Tensor Numbers(ulong seed, DType dtype, params int[] shape) => Tensor.Normal(shape, dtype: dtype, generator: new Generator(seed));

    /// <summary>Results and gradients for inputs and g in either order, and gradients for a tensor that has one already.</summary>
    private static void Near(Func<Tensor[], Tensor> call, Tensor g, Tensor[] inputs, double tolerance)
    {
        var expected = Run(call, g, inputs, false, false, out var value);
        foreach (var (inputsLast, gLast) in new[] { (true, true), (true, false), (false, true) })
        {
            var actual = Run(call, g, inputs, inputsLast, gLast, out var other);
            AssertNear(value, other, tolerance);
            for (var i = 0; i < inputs.Length; i++)
            {
                AssertNear(expected[i], actual[i], tolerance);
            }
        }
    }

    private static Tensor[] Run(Func<Tensor[], Tensor> call, Tensor g, Tensor[] inputs, bool inputsLast, bool gLast, out Tensor value)
    {
        Tensor[] leaves = [.. inputs.Select(input => (inputsLast ? input.ChannelsLast() : input).Detach().RequireGradient())];
        value = call([.. leaves.Select(leaf => leaf * 1)]);
        value.Backward(gLast ? g.ChannelsLast() : g);
        return [.. leaves.Select(leaf => leaf.Gradient!)];
    }

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance)
    {
        var (xs, ys) = (expected.To(DType.Float64).ToArray<double>(), actual.To(DType.Float64).ToArray<double>());
        Assert.Equal(xs.Length, ys.Length);
        for (var i = 0; i < xs.Length; i++)
        {
            Assert.True(xs[i].Equals(ys[i]) || Math.Abs(xs[i] - ys[i]) <= tolerance * (1 + Math.Abs(xs[i])), $"[{i}] is {ys[i]:R}, not {xs[i]:R}");
        }
    }
}
