using Backprop.Tests.Layers;

namespace Backprop.Tests.Kernels;

/// <summary>Pooling against loops over windows, on rows of lengths around those of registers, with equal elements and NaN among them.</summary>
public class PoolingTests
{
    public static TheoryData<int, int, int, int, int, int> Windows
    {
        get
        {
            var data = new TheoryData<int, int, int, int, int, int>();
            foreach (var width in new[] { 2, 3, 5, 8, 11, 16, 17, 28, 31, 33, 64, 75 })
            {
                data.Add(5, width, 2, 2, 0, 1);
                data.Add(4, width, 2, 1, 1, 1);
            }

            foreach (var width in new[] { 9, 14, 34, 70 })
            {
                data.Add(7, width, 3, 2, 1, 1);
                data.Add(7, width, 3, 1, 1, 1);
                data.Add(9, width, 3, 3, 0, 1);
                data.Add(9, width, 4, 4, 2, 1);
                data.Add(9, width, 3, 2, 2, 2);
                data.Add(9, width, 2, 1, 1, 3);
            }

            data.Add(40, 30, 2, 2, 0, 1);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public void MaximaAndTheirGradientsAreThoseOfLoops(int height, int width, int kernel, int stride, int padding, int dilation)
    {
        foreach (var dtype in new[] { DType.Float32, DType.Float64 })
        {
            foreach (var withNaN in new[] { false, true })
            {
                var x = Planes(height, width, withNaN, dtype);
                var (values, indices) = x.MaxPool2dWithIndices(kernel, stride, padding, dilation);
                var g = Tensor.Arange(values.Count, dtype).Reshape([.. values.Shape]);
                var (expected, positions) = Loops(x, values.Shape[2], values.Shape[3], kernel, stride, padding, dilation);
                Assert.Equal(expected, values.To(DType.Float64).ToArray<double>());
                Assert.Equal(positions, indices.ToArray<long>());

                var shares = new double[x.Count];
                var upstream = g.To(DType.Float64).ToArray<double>();
                var perPlane = values.Shape[2] * values.Shape[3];
                for (var i = 0; i < positions.Length; i++)
                {
                    shares[(i / perPlane * height * width) + positions[i]] += upstream[i];
                }

                x.RequireGradient();
                Assert.Equal(shares, Gradient.Of(x.MaxPool2d(kernel, stride, padding, dilation), x, g).To(DType.Float64).ToArray<double>());

                // Added to a gradient that is there.
                (x.MaxPool2d(kernel, stride, padding, dilation) * g).Sum().Backward();
                (x.MaxPool2d(kernel, stride, padding, dilation) * g).Sum().Backward();
                Assert.Equal(shares.Select(share => 2 * share), x.Gradient!.To(DType.Float64).ToArray<double>());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public void MeansAndTheirGradientsAreThoseOfLoops(int height, int width, int kernel, int stride, int padding, int dilation)
    {
        if (dilation > 1)
        {
            return;     // means have none
        }

        foreach (var dtype in new[] { DType.Float32, DType.Float64 })
        {
            var x = Planes(height, width, false, dtype).RequireGradient();
            var y = x.AvgPool2d(kernel, stride, padding, countIncludePad: false);
            var (rows, columns) = (y.Shape[2], y.Shape[3]);
            var (input, shares) = (x.To(DType.Float64).ToArray<double>(), new double[x.Count]);
            var expected = new double[y.Count];
            for (var o = 0; o < expected.Length; o++)
            {
                var window = Window(o, height, width, rows, columns, kernel, stride, padding, 1).ToArray();
                foreach (var (at, _) in window)
                {
                    expected[o] += input[at] / window.Length;
                    shares[at] += (o % 7) / (double)window.Length;
                }
            }

            var g = Tensor.From(Enumerable.Range(0, expected.Length).Select(o => (double)(o % 7)).ToArray(), [.. y.Shape]).To(dtype);
            var tolerance = dtype == DType.Float32 ? 1e-5 : 1e-12;
            Numbers.Close(expected, y, tolerance);
            Numbers.Close(shares, Gradient.Of(y, x, g), tolerance);
        }
    }

    /// <summary>Three planes of few different numbers.</summary>
    private static Tensor Planes(int height, int width, bool withNaN, DType dtype)
    {
        var random = new Random(height + width);
        var values = new double[3 * height * width];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = withNaN && random.Next(9) == 0 ? double.NaN : random.Next(-20, 3);
        }

        return Tensor.From(values, [1, 3, height, width]).To(dtype);
    }

    private static (double[] Maxima, long[] Positions) Loops(
        Tensor x, int rows, int columns, int kernel, int stride, int padding, int dilation)
    {
        var (height, width) = (x.Shape[2], x.Shape[3]);
        var values = x.To(DType.Float64).ToArray<double>();
        var (maxima, positions) = (new double[3 * rows * columns], new long[3 * rows * columns]);
        for (var o = 0; o < maxima.Length; o++)
        {
            var isFirst = true;
            foreach (var (at, position) in Window(o, height, width, rows, columns, kernel, stride, padding, dilation))
            {
                if (isFirst || values[at] > maxima[o] || (double.IsNaN(values[at]) && !double.IsNaN(maxima[o])))
                {
                    (maxima[o], positions[o], isFirst) = (values[at], position, false);
                }
            }
        }

        return (maxima, positions);
    }

    /// <summary>The elements of window number <paramref name="o"/> of all planes: where they are, and where in their plane.</summary>
    private static IEnumerable<(int At, int Position)> Window(
        int o, int height, int width, int rows, int columns, int kernel, int stride, int padding, int dilation)
    {
        var (plane, row, column) = (o / (rows * columns), o / columns % rows, o % columns);
        for (var i = 0; i < kernel; i++)
        {
            for (var j = 0; j < kernel; j++)
            {
                var (h, w) = ((row * stride) - padding + (i * dilation), (column * stride) - padding + (j * dilation));
                if (h >= 0 && h < height && w >= 0 && w < width)
                {
                    yield return ((((plane * height) + h) * width) + w, (h * width) + w);
                }
            }
        }
    }
}
