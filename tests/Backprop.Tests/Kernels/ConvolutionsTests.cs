using System.Numerics;
using Backprop.Kernels.Convolutions;

namespace Backprop.Tests.Kernels;

/// <summary>The three kernels of a convolution against its definition, in shapes that take every way through them.</summary>
public class ConvolutionsTests
{
    public static TheoryData<string> Cases() =>
    [
        // batch groups inputs outputs | depth height width | kernel | stride | dilation | padding
        "2 1 16 16 | 1 8 8 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "3 1 32 64 | 1 7 9 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "2 1 20 28 | 1 11 13 | 1 3 3 | 1 1 1 | 1 1 1 | 0 0 0",
        "2 1 16 32 | 1 16 16 | 1 3 3 | 1 2 2 | 1 1 1 | 0 1 1",
        "2 1 24 16 | 1 15 17 | 1 3 3 | 1 2 3 | 1 1 1 | 0 1 0",
        "1 1 16 48 | 1 9 32 | 1 1 1 | 1 1 1 | 1 1 1 | 0 0 0",
        "2 1 40 16 | 1 9 8 | 1 1 1 | 1 2 2 | 1 1 1 | 0 0 0",
        "2 1 17 33 | 1 6 10 | 1 5 3 | 1 1 1 | 1 2 3 | 0 4 3",
        "1 2 16 16 | 1 10 10 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "2 3 12 15 | 1 9 7 | 1 3 2 | 1 2 1 | 1 1 2 | 0 1 2",
        "1 1 16 16 | 5 6 7 | 3 3 3 | 1 1 1 | 1 1 1 | 1 1 1",
        "1 1 14 30 | 6 7 5 | 3 2 3 | 2 1 2 | 2 1 1 | 2 0 1",
        "2 1 16 16 | 1 1 300 | 1 1 5 | 1 1 1 | 1 1 1 | 0 0 2",
        "1 1 64 16 | 1 1 2000 | 1 1 3 | 1 1 2 | 1 1 1 | 0 0 1",
        "3 1 1 32 | 1 12 12 | 1 3 3 | 1 1 1 | 1 1 1 | 0 0 0",
        "2 1 3 16 | 1 16 16 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "2 1 3 48 | 1 16 16 | 1 5 5 | 1 2 2 | 1 1 1 | 0 2 2",
        "2 8 1 1 | 1 9 9 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "2 1 16 16 | 1 4 4 | 1 3 3 | 1 1 1 | 1 1 1 | 0 6 6",
        "2 1 16 16 | 1 5 5 | 1 2 2 | 1 4 4 | 1 1 1 | 0 0 0",
        "2 1 512 16 | 1 4 5 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "1 1 256 16 | 1 3 3 | 1 1 1 | 1 1 1 | 1 1 1 | 0 0 0",
        "9 1 16 40 | 1 32 32 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "1 1 64 16 | 1 40 40 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "70 1 16 16 | 1 2 2 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "2 1 16 16 | 1 9 9 | 1 3 3 | 1 2 2 | 1 1 1 | 0 0 0",
        "3 1 32 20 | 4 5 6 | 2 3 2 | 1 1 1 | 1 1 2 | 0 0 0",
        "1 1 64 16 | 1 30 90 | 1 3 3 | 1 1 1 | 1 2 2 | 0 0 0",
        "2 2 24 40 | 1 6 6 | 1 3 3 | 1 2 1 | 1 1 1 | 0 1 1",
        "2 1 16 512 | 1 6 6 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "2 1 1 16 | 1 13 40 | 1 5 5 | 1 1 1 | 1 1 1 | 0 2 2",
        "2 1 1 24 | 1 13 40 | 1 3 3 | 1 2 2 | 1 1 1 | 0 1 1",
        "2 1 1 16 | 5 6 7 | 3 3 3 | 1 1 1 | 1 1 1 | 1 1 1",
        "2 1 1 16 | 1 9 12 | 1 3 3 | 1 1 1 | 1 2 1 | 0 2 1",
        "2 1 1 16 | 1 2 9 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "1 1 80 32 | 1 9 10 | 1 3 3 | 1 1 1 | 1 1 1 | 0 2 2",
        "1 1 64 128 | 1 8 9 | 1 3 4 | 1 1 1 | 1 1 1 | 0 1 3",
        "2 2 1 16 | 1 7 9 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 0",
        "2 1 32 16 | 1 40 300 | 1 3 3 | 1 1 1 | 1 1 1 | 0 1 1",
        "2 1 32 20 | 3 5 6 | 3 3 3 | 1 2 2 | 1 1 1 | 0 1 2",
        "1 1 16 16 | 1 3 70 | 1 3 3 | 1 7 1 | 1 1 1 | 0 1 1",
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Float64_AgreesWithTheDefinition(string sizes) => Check<double>(Parse(sizes), 1e-12);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Float32_AgreesWithTheDefinition(string sizes) => Check<float>(Parse(sizes), 5e-6);

    /// <summary>However images lie, the same terms are added in the same order; nothing beyond the result is written.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Float64_HasTheSameBitsInEveryOrderOfItsImages(string sizes) => CheckOrders<double>(Parse(sizes));

    /// <inheritdoc cref="Float64_HasTheSameBitsInEveryOrderOfItsImages"/>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Float32_HasTheSameBitsInEveryOrderOfItsImages(string sizes) => CheckOrders<float>(Parse(sizes));

    private static unsafe void CheckOrders<T>(ConvolutionShape shape)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int Guard = 64;
        var random = new Random(11);
        var (inputs, outputs) = (shape.Groups * shape.Inputs, shape.Groups * shape.Outputs);
        var (x, g) = (Draw(shape.Batch * inputs * shape.InputPlane), Draw(shape.Batch * outputs * shape.OutputPlane));
        var w = Draw(shape.Groups * shape.Outputs * shape.Inputs * shape.Taps);
        var (biasOfY, biasOfX) = (Draw(outputs), Draw(inputs));
        var plans = Convolutions.Plans<T>(shape);
        fixed (T* pw = w, pby = biasOfY, pbx = biasOfX)
        {
            var weights = (nint)pw;
            var (perY, perX) = ((nint)pby, (nint)pbx);
            if (plans.Forward.Channels is not null)
            {
                Compare(x, inputs, g.Length, outputs, (from, to) => Convolutions.Forward(shape, from, (T*)weights, (T*)perY, to));
                Compare(x, inputs, g.Length, outputs, (from, to) => Convolutions.Forward(shape, from, (T*)weights, null, to));
            }

            if (plans.InputGradient.Channels is not null)
            {
                Compare(g, outputs, x.Length, inputs, (from, to) => Convolutions.InputGradient(shape, from, (T*)weights, (T*)perX, to));
            }
        }

        if (plans.WeightGradient.Channels is not null)
        {
            var wanted = Weights(false, false);
            Assert.Equal(wanted, Weights(true, false));
            Assert.Equal(wanted, Weights(false, true));
            Assert.Equal(wanted, Weights(true, true));
        }

        T[] Weights(bool isLastX, bool isLastG)
        {
            var result = new T[w.Length + Guard];
            fixed (T* px = Lay(x, inputs, isLastX), pg = Lay(g, outputs, isLastG), to = result)
            {
                Convolutions.WeightGradient(shape, new(px, isLastX), new(pg, isLastG), to, accumulate: false);
            }

            Assert.All(result[w.Length..], value => Assert.Equal(T.Zero, value));
            return result[..w.Length];
        }

        void Compare(T[] source, int channels, int count, int resultChannels, Way<T> run)
        {
            var wanted = Result(false, false);
            Assert.Equal(wanted, Result(true, false));
            Assert.Equal(wanted, Result(false, true));
            Assert.Equal(wanted, Result(true, true));

            T[] Result(bool isSourceLast, bool isResultLast)
            {
                var result = Enumerable.Repeat(T.NaN, count + Guard).ToArray();
                fixed (T* from = Lay(source, channels, isSourceLast), to = result)
                {
                    run(new(from, isSourceLast), new(to, isResultLast));
                }

                Assert.All(result[count..], value => Assert.True(T.IsNaN(value)));
                return Unlay(result[..count], resultChannels, isResultLast);
            }
        }

        // Channels first to the order asked for, and back.
        T[] Lay(T[] images, int channels, bool isLast) => Turn(images, isLast ? channels : 1);

        T[] Unlay(T[] images, int channels, bool isLast) => Turn(images, isLast ? images.Length / shape.Batch / channels : 1);

        T[] Turn(T[] images, int rows)
        {
            var result = new T[images.Length];
            var size = images.Length / shape.Batch;
            var columns = size / rows;
            for (var i = 0; i < images.Length; i++)
            {
                var (image, at) = Math.DivRem(i, size);
                result[(image * size) + (at % columns * rows) + (at / columns)] = images[i];
            }

            return result;
        }

        T[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked((2 * random.NextDouble()) - 1))];
    }

    private static ConvolutionShape Parse(string text)
    {
        var parts = text.Split('|').Select(part => part.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray()).ToArray();
        var (counts, sizes, kernel, stride, dilation, padding) = (parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
        return new ConvolutionShape
        {
            Batch = counts[0],
            Groups = counts[1],
            Inputs = counts[2],
            Outputs = counts[3],
            InputSizes = sizes,
            OutputSizes = [.. Enumerable.Range(0, 3).Select(i => ((sizes[i] + (2 * padding[i]) - (dilation[i] * (kernel[i] - 1)) - 1) / stride[i]) + 1)],
            Kernel = kernel,
            Stride = stride,
            Dilation = dilation,
            Padding = padding,
        };
    }

    private static unsafe void Check<T>(ConvolutionShape shape, double tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new Random(7);
        var x = Draw(shape.Batch * shape.Groups * shape.Inputs * shape.InputPlane);
        var w = Draw(shape.Groups * shape.Outputs * shape.Inputs * shape.Taps);
        var g = Draw(shape.Batch * shape.Groups * shape.Outputs * shape.OutputPlane);
        var (biasOfY, biasOfX) = (Draw(shape.Groups * shape.Outputs), Draw(shape.Groups * shape.Inputs));
        var (y, dx, dw) = (Odd(g.Length), Odd(x.Length), Draw(w.Length));
        var (wantedY, wantedX, wantedW) = Define(shape, x, w, g);
        for (var i = 0; i < wantedY.Length; i++)
        {
            wantedY[i] += double.CreateChecked(biasOfY[i / shape.OutputPlane % biasOfY.Length]);
        }

        for (var i = 0; i < wantedX.Length; i++)
        {
            wantedX[i] += double.CreateChecked(biasOfX[i / shape.InputPlane % biasOfX.Length]);
        }

        for (var i = 0; i < wantedW.Length; i++)
        {
            wantedW[i] += double.CreateChecked(dw[i]);
        }

        fixed (T* px = x, pw = w, pg = g, py = y, pdx = dx, pdw = dw, pby = biasOfY, pbx = biasOfX)
        {
            Images<T> imagesX = new(px, false), imagesG = new(pg, false), imagesY = new(py, false);
            Convolutions.Forward(shape, imagesX, pw, pby, imagesY);
            Convolutions.InputGradient(shape, imagesG, pw, pbx, new(pdx, false));
            Convolutions.WeightGradient(shape, imagesX, imagesG, pdw, accumulate: true);
            Agree(wantedY, y, shape.Inputs * shape.Taps, "y");
            Agree(wantedX, dx, shape.Outputs * shape.Taps, "x");
            Agree(wantedW, dw, shape.Batch * shape.OutputPlane, "w");

            if (Convolutions.Plans<T>(shape).WeightGradient.HasBias)
            {
                var (sums, again) = (Draw(biasOfY.Length), Draw(w.Length));
                var wantedSums = sums.Select(double.CreateChecked).ToArray();
                for (var i = 0; i < g.Length; i++)
                {
                    wantedSums[i / shape.OutputPlane % sums.Length] += double.CreateChecked(g[i]);
                }

                fixed (T* pb = sums, pagain = again)
                {
                    Convolutions.WeightGradient(shape, imagesX, imagesG, pagain, accumulate: false, pb, accumulateBias: true);
                    Agree(wantedSums, sums, shape.Batch * shape.OutputPlane, "bias");
                }
            }

            // Without a bias, and overwriting.
            Convolutions.Forward(shape, imagesX, pw, null, imagesY);
            for (var i = 0; i < wantedY.Length; i++)
            {
                wantedY[i] -= double.CreateChecked(biasOfY[i / shape.OutputPlane % biasOfY.Length]);
            }

            Agree(wantedY, y, shape.Inputs * shape.Taps, "y without a bias");
            Convolutions.WeightGradient(shape, imagesX, imagesG, pdw, accumulate: false);
            Convolutions.WeightGradient(shape, imagesX, imagesG, pdw, accumulate: false);
            random = new Random(7);
            _ = (Draw(x.Length), Draw(w.Length), Draw(g.Length), Draw(biasOfY.Length), Draw(biasOfX.Length));
            var start = Draw(w.Length);
            Agree([.. wantedW.Select((value, i) => value - double.CreateChecked(start[i]))], dw, shape.Batch * shape.OutputPlane, "w, overwritten");
        }

        T[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked((2 * random.NextDouble()) - 1))];

        T[] Odd(int count) => [.. Enumerable.Repeat(T.NaN, count)];

        void Agree(double[] wanted, T[] actual, int terms, string what)
        {
            for (var i = 0; i < wanted.Length; i++)
            {
                var error = Math.Abs(double.CreateChecked(actual[i]) - wanted[i]);
                Assert.True(error <= tolerance * Math.Sqrt(terms + 1), $"{what}[{i}]: {actual[i]} for {wanted[i]}");
            }
        }
    }

    private unsafe delegate void Way<T>(Images<T> from, Images<T> to)
        where T : unmanaged;

    private static (double[] Y, double[] X, double[] W) Define<T>(ConvolutionShape shape, T[] x0, T[] w, T[] g)
        where T : IFloatingPointIeee754<T>
    {
        var (images, weights, gradient) = (Wide(x0), Wide(w), Wide(g));
        var (result, dx, dw) = (new double[g.Length], new double[x0.Length], new double[w.Length]);
        var (height, width, kernelHeight, kernelWidth) = (shape.OutputSizes[1], shape.OutputSizes[2], shape.Kernel[1], shape.Kernel[2]);
        for (var image = 0; image < shape.Batch; image++)
        {
            for (var o = 0; o < shape.Groups * shape.Outputs; o++)
            {
                for (var c = 0; c < shape.Inputs; c++)
                {
                    var channel = (image * shape.Groups * shape.Inputs) + (o / shape.Outputs * shape.Inputs) + c;
                    for (var tap = 0; tap < shape.Taps; tap++)
                    {
                        var (kz, ky, kx) = (tap / kernelWidth / kernelHeight, tap / kernelWidth % kernelHeight, tap % kernelWidth);
                        for (var position = 0; position < shape.OutputPlane; position++)
                        {
                            var z = At(0, position / width / height, kz);
                            var y = At(1, position / width % height, ky);
                            var x = At(2, position % width, kx);
                            if (z < 0 || y < 0 || x < 0)
                            {
                                continue;
                            }

                            var from = (((((channel * shape.InputSizes[0]) + z) * shape.InputSizes[1]) + y) * shape.InputSizes[2]) + x;
                            var to = (((image * shape.Groups * shape.Outputs) + o) * shape.OutputPlane) + position;
                            var weight = (((o * shape.Inputs) + c) * shape.Taps) + tap;
                            result[to] += images[from] * weights[weight];
                            dx[from] += gradient[to] * weights[weight];
                            dw[weight] += images[from] * gradient[to];
                        }
                    }
                }
            }
        }

        return (result, dx, dw);

        int At(int axis, int position, int tap)
        {
            var at = (position * shape.Stride[axis]) + (tap * shape.Dilation[axis]) - shape.Padding[axis];
            return at < shape.InputSizes[axis] ? at : -1;
        }

        static double[] Wide(T[] values) => [.. values.Select(double.CreateChecked)];
    }
}
