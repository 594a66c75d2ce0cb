using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

/// <summary>Both widths and both element types against the definitions in double.</summary>
public unsafe class SoftmaxTests
{
    private const long Ignored = -100;

    // Below, at and above a register, odd tails, several units, rows longer than a block.
    public static readonly TheoryData<int, int> Shapes = new()
    {
        { 1, 1 }, { 5, 2 }, { 700, 10 }, { 3, 7 }, { 3, 8 }, { 2, 16 }, { 2, 17 }, { 2, 31 }, { 2, 32 },
        { 3, 100 }, { 400, 33 }, { 2, 9001 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void AgreesWithTheDefinition(int rows, int columns)
    {
        Check<Lanes512<float>, float>(rows, columns, 3e-6);
        Check<Lanes256<float>, float>(rows, columns, 3e-6);
        Check<Lanes512<double>, double>(rows, columns, 1e-14);
        Check<Lanes256<double>, double>(rows, columns, 1e-14);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(40)]
    public void InfinitiesAndNaN(int columns)
    {
        const float infinity = float.PositiveInfinity;
        var masked = Row(columns, x => x == 1 ? 0.5f : -infinity);
        Assert.Equal(Row(columns, x => x == 1 ? 1 : 0), Forward(masked));
        Assert.Equal(0.5f, LogSumExp(masked));
        Assert.Equal(Row(columns, x => x == 1 ? 0 : -infinity), LogForward(masked));

        var nothing = Row(columns, _ => -infinity);
        Assert.All(Forward(nothing), x => Assert.Equal(float.NaN, x));
        Assert.All(LogForward(nothing), x => Assert.Equal(float.NaN, x));
        Assert.Equal(-infinity, LogSumExp(nothing));

        Assert.Equal(infinity, LogSumExp(Row(columns, x => x == 2 ? infinity : 1)));
        Assert.All(Forward(Row(columns, x => x == 2 ? float.NaN : 1)), x => Assert.Equal(float.NaN, x));
        Assert.Equal(float.NaN, LogSumExp(Row(columns, x => x == 2 ? float.NaN : 1)));

        // Far outside the range of the exponential.
        Assert.Equal(Row(columns, _ => 1f / columns), Forward(Row(columns, _ => 1e30f)), (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.Equal(Row(columns, x => x == 0 ? 1 : 0), Forward(Row(columns, x => x == 0 ? 500 : -500)));
    }

    [Fact]
    public void FindsTheFirstBadLabel()
    {
        var labels = stackalloc long[] { 0, 9, Ignored, 10, -1 };
        Assert.Equal(3, Softmax.FindBadLabel(labels, 5, 10, Ignored));
        Assert.Equal(4, Softmax.FindBadLabel(labels, 5, 11, Ignored));
        Assert.Equal(-1, Softmax.FindBadLabel(labels, 3, 10, Ignored));
    }

    private static float[] Row(int columns, Func<int, float> value) => [.. Enumerable.Range(0, columns).Select(value)];

    private static float[] Forward(float[] x)
    {
        var y = new float[x.Length];
        fixed (float* source = x, destination = y)
        {
            Softmax.Forward(source, destination, 1, x.Length);
        }
        return y;
    }

    private static float[] LogForward(float[] x)
    {
        var y = new float[x.Length];
        fixed (float* source = x, destination = y)
        {
            Softmax.LogForward(source, destination, 1, x.Length);
        }
        return y;
    }

    private static float LogSumExp(float[] x)
    {
        float y;
        fixed (float* source = x)
        {
            Softmax.LogSumExp(source, &y, 1, x.Length);
        }
        return y;
    }

    private static void Check<N, T>(int rows, int columns, double tolerance)
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new Random(rows + columns);
        var n = rows * columns;
        T[] Draw(int length, double scale) =>
            [.. Enumerable.Range(0, length).Select(_ => T.CreateChecked(scale * (random.NextDouble() - 0.5)))];
        var (xs, gs, starts, scales) = (Draw(n, 20), Draw(n, 2), Draw(n, 2), Draw(rows, 2));
        var labels = Enumerable.Range(0, rows).Select(row => row % 5 == 3 ? Ignored : (long)random.Next(columns)).ToArray();
        T[] soft = new T[n], log = new T[n], sums = new T[rows], losses = new T[rows];
        T[] softGradient = [.. starts], logGradient = [.. starts], sumGradient = [.. starts];
        T[] lossGradient = [.. starts], lossGradientAlone = new T[n];
        fixed (T* x = xs, g = gs, scale = scales, y = soft, ly = log, s = sums, loss = losses)
        fixed (T* dy = softGradient, dl = logGradient, ds = sumGradient, dc = lossGradient, da = lossGradientAlone)
        fixed (long* label = labels)
        {
            void Run(Softmax.Operands<T> operands) => Softmax.Run<N, T>(operands, rows);
            Run(new(Softmax.Kind.Softmax, columns) { X = x, Y = y });
            Run(new(Softmax.Kind.LogSoftmax, columns) { X = x, Y = ly });
            Run(new(Softmax.Kind.CrossEntropy, columns) { X = x, Labels = label, Y = loss, LogSumExp = s, Ignore = Ignored });
            Run(new(Softmax.Kind.LogSumExp, columns) { X = x, LogSumExp = s });
            Run(new(Softmax.Kind.SoftmaxGradient, columns) { X = y, G = g, Y = dy, Accumulate = true });
            Run(new(Softmax.Kind.LogSoftmaxGradient, columns) { X = ly, G = g, Y = dl, Accumulate = true });
            Run(new(Softmax.Kind.LogSumExpGradient, columns) { X = x, LogSumExp = s, G = scale, Stride = 1, Y = ds, Accumulate = true });
            var cross = new Softmax.Operands<T>(Softmax.Kind.CrossEntropyGradient, columns)
            {
                X = x,
                Labels = label,
                LogSumExp = s,
                G = scale,
                Stride = 1,
                Ignore = Ignored,
            };
            Run(cross with { Y = dc, Accumulate = true });
            Run(cross with { Y = da });
        }

        static double D(T value) => double.CreateChecked(value);
        for (var row = 0; row < rows; row++)
        {
            var at = row * columns;
            var powers = Enumerable.Range(at, columns).Select(i => Math.Exp(D(xs[i]))).ToArray();
            var sum = powers.Sum();
            var dot = Enumerable.Range(0, columns).Sum(i => powers[i] / sum * D(gs[at + i]));
            var total = Enumerable.Range(0, columns).Sum(i => D(gs[at + i]));
            var counts = labels[row] != Ignored;
            Close(Math.Log(sum), sums[row], 10);
            Close(counts ? Math.Log(sum) - D(xs[at + (int)labels[row]]) : 0, losses[row], 20);
            for (var i = 0; i < columns; i++)
            {
                var (p, start) = (powers[i] / sum, D(starts[at + i]));
                Close(p, soft[at + i], p);
                Close(Math.Log(p), log[at + i], 20);
                Close(start + p * (D(gs[at + i]) - dot), softGradient[at + i], 3);
                Close(start + D(gs[at + i]) - p * total, logGradient[at + i], 3 + Math.Sqrt(columns));
                Close(start + p * D(scales[row]), sumGradient[at + i], 3);
                var gradient = counts ? (p - (i == labels[row] ? 1 : 0)) * D(scales[row]) : 0;
                Close(start + gradient, lossGradient[at + i], 3);
                Close(gradient, lossGradientAlone[at + i], 3);
            }
        }

        void Close(double expected, T actual, double size) => Assert.Equal(expected, D(actual), tolerance * size);
    }
}
