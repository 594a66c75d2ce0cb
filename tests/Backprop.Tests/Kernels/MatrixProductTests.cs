using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

[Collection(nameof(Workers))]
public sealed unsafe class MatrixProductTests : IDisposable
{
    private const double Canary = 12345.0;
    private readonly int threadsBefore = Parallelism.Threads;

    public static TheoryData<string> Paths
    {
        get
        {
            var paths = new TheoryData<string>();
            foreach (var path in Enum.GetValues<Instructions>().Where(path => path <= MatrixProduct.Best))
            {
                paths.Add(path.ToString());
            }

            return paths;
        }
    }

    public void Dispose() => Parallelism.Threads = threadsBefore;

    [Theory]
    [MemberData(nameof(Paths))]
    public void RandomProductsMatchTheDefinition(string path)
    {
        var random = new Random(17);
        for (var round = 0; round < 300; round++)
        {
            var problem = Problem.Draw(random, Size(random), Size(random), Size(random));
            Check<float>(path, problem);
            Check<double>(path, problem);
        }
    }

    /// <summary>Shapes on both sides of every choice of the driver: dots, flipped, copied, transposed, packed, narrow, many blocks.</summary>
    [Theory]
    [MemberData(nameof(Paths))]
    public void ShapesAroundEveryThresholdMatchTheDefinition(string path)
    {
        (int M, int N, int K)[] shapes =
        [
            (1, 128, 784), (2, 37, 100), (4, 33, 65), (5, 33, 65), (9, 16, 257), (17, 16, 17), (32, 128, 784), (64, 200, 300),
            (128, 129, 64), (129, 130, 64), (200, 15, 100), (64, 10, 200), (10, 64, 200), (256, 10, 33), (10, 1030, 5), (70, 1030, 40),
            (520, 1025, 8), (1030, 520, 8), (130, 520, 260), (33, 1, 100), (1, 33, 100), (33, 100, 1), (600, 33, 300),
            (14, 47, 1025), (70, 40, 520), (300, 130, 700), (1030, 130, 300), (45, 300, 530), (17, 1100, 1030),
            (37, 10, 128), (64, 4, 300), (41, 3, 520), (200, 7, 70), (33, 5, 64), (90, 12, 257), (50, 2, 131), (300, 6, 40), (9, 11, 1024),
            (160, 4, 70), (301, 3, 200), (260, 2, 140), (2, 333, 150), (3, 90, 20), (21, 6, 300), (40, 8, 50), (30, 1, 300),
        ];
        var random = new Random(18);
        foreach (var (m, n, k) in shapes)
        {
            for (var transposes = 0; transposes < 4; transposes++)
            {
                var drawn = Problem.Draw(random, m, n, k);
                var problem = drawn with { TransposeA = transposes % 2 == 1, TransposeB = transposes / 2 == 1, Batch = 1 };
                Check<float>(path, problem);
                Check<double>(path, problem);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void EmptyInnerDimensionGivesTheStart(string path)
    {
        var random = new Random(19);
        for (var round = 0; round < 64; round++)
        {
            // Every fourth is large enough for operands to be packed.
            var problem = round % 4 == 0 ? Problem.Draw(random, 150, 160, 0) : Problem.Draw(random, Size(random), Size(random), 0);
            Check<float>(path, problem);
            Check<double>(path, problem);
        }
    }

    [Theory]
    [InlineData(0, 5, 3)]
    [InlineData(5, 0, 3)]
    [InlineData(0, 0, 0)]
    public void EmptyResultsTouchNothing(int m, int n, int k)
        => MatrixProduct.Multiply<float>(m, n, k, null, k, false, null, n, false, null, n);

    /// <summary>An element of the result is not finite exactly where its own row and column say so.</summary>
    [Theory]
    [MemberData(nameof(Paths))]
    public void NotFiniteValuesStayInTheirRowsAndColumns(string path)
    {
        var random = new Random(20);
        for (var round = 0; round < 200; round++)
        {
            var problem = Problem.Draw(random, 1 + random.Next(40), 1 + random.Next(60), 1 + random.Next(60));
            Check<float>(path, problem with { Poison = 1 + random.Next(3) });
            Check<double>(path, problem with { Poison = 1 + random.Next(3) });
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void EveryThreadCountGivesTheSameBits(string path)
    {
        (int M, int N, int K)[] shapes = [(64, 200, 784), (300, 300, 130), (257, 130, 300), (1030, 70, 70), (70, 1030, 70)];
        var random = new Random(21);
        foreach (var (m, n, k) in shapes)
        {
            for (var transposes = 0; transposes < 4; transposes++)
            {
                var problem = Problem.Draw(random, m, n, k) with { TransposeA = transposes % 2 == 1, TransposeB = transposes / 2 == 1 };
                Parallelism.Threads = 1;
                var single = Compute<float>(path, problem, out _);
                for (var threads = 2; threads <= 4; threads++)
                {
                    Parallelism.Threads = threads;
                    Assert.True(single.AsSpan().SequenceEqual(Compute<float>(path, problem, out _)), $"{problem}, {threads} threads");
                }
            }
        }
    }

    [Fact]
    public void OtherElementsAreRefused()
        => Assert.Throws<NotSupportedException>(() => MatrixProduct.Multiply<decimal>(1, 1, 1, null, 1, false, null, 1, false, null, 1));

    [Fact]
    public void WarmProductsAllocateNothing()
    {
        Parallelism.Threads = 2;
        float[] a = new float[300 * 300], b = new float[300 * 300], c = new float[300 * 300];
        for (var round = 0; round < 10; round++)
        {
            Multiply();
        }

        Assert.Equal(0, Allocations.Of(Multiply, times: 30));

        void Multiply()
        {
            fixed (float* pa = a, pb = b, pc = c)
            {
                MatrixProduct.Multiply(300, 300, 300, pa, 300, false, pb, 300, true, pc, 300);
                MatrixProduct.Multiply(30, 300, 300, pa, 300, false, pb, 300, true, pc, 300);
            }
        }
    }

    private static int Size(Random random) => random.Next(4) switch
    {
        0 => random.Next(4),
        1 => 1 + random.Next(17),
        2 => 16 * random.Next(1, 5) + random.Next(-1, 2),
        _ => random.Next(1, 120),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Check<T>(string path, Problem problem)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var actual = Compute<T>(path, problem, out var expected);
        for (var i = 0; i < actual.Length; i++)
        {
            var (want, tolerance) = expected[i];
            var got = double.CreateChecked(actual[i]);
            var right = double.IsFinite(want) ? Math.Abs(got - want) <= tolerance : got.Equals(want);
            if (!right)
            {
                Assert.Fail($"{path} {typeof(T).Name} {problem}: element {i} is {got}, not {want} ± {tolerance}");
            }
        }
    }

    /// <summary>Runs a problem. Everything around and between the rows of the result must keep its canary.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T[] Compute<T>(string path, Problem p, out (double Value, double Tolerance)[] expected)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new Random(p.Seed);
        var (rowsA, widthA) = p.TransposeA ? (p.K, p.M) : (p.M, p.K);
        var (rowsB, widthB) = p.TransposeB ? (p.N, p.K) : (p.K, p.N);
        int lda = widthA + p.Gap, ldb = widthB + p.Gap, ldc = p.N + p.Gap;
        var (strideA, strideB, strideC) = (p.SharedA ? 0 : rowsA * lda, p.SharedB ? 0 : rowsB * ldb, p.M * ldc + p.Gap);
        var a = Draw<T>(random, rowsA * lda * p.Batch, p.Poison);
        var b = Draw<T>(random, rowsB * ldb * p.Batch, p.Poison);
        var bias = Draw<T>(random, p.N, 0);
        var c = Draw<T>(random, p.Batch * strideC + 2 * p.Gap, 0);

        expected = new (double, double)[c.Length];
        Array.Fill(expected, (Canary, 0));
        var unit = double.CreateChecked(T.BitIncrement(T.One) - T.One);
        for (var matrix = 0; matrix < p.Batch; matrix++)
        {
            var x = Rows(a, matrix * strideA, p.M, p.K, lda, p.TransposeA);
            var y = Rows(b, matrix * strideB, p.N, p.K, ldb, !p.TransposeB);
            for (var i = 0; i < p.M; i++)
            {
                for (var j = 0; j < p.N; j++)
                {
                    var at = p.Gap + matrix * strideC + i * ldc + j;
                    var (sum, size) = Dot(x.AsSpan(i * p.K, p.K), y.AsSpan(j * p.K, p.K));
                    double start = p.Accumulate ? double.CreateChecked(c[at]) : 0, shift = p.Bias ? double.CreateChecked(bias[j]) : 0;
                    sum += start + shift;
                    size += Math.Abs(start) + Math.Abs(shift);
                    expected[at] = (p.Relu ? Math.Max(sum, 0) : sum, (p.K + 3) * unit * size);
                }
            }
        }

        for (var i = 0; i < c.Length; i++)
        {
            if (expected[i] == (Canary, 0))
            {
                c[i] = T.CreateChecked(Canary);
            }
            else if (!p.Accumulate)
            {
                c[i] = T.NaN;       // must be overwritten, not read
            }
        }

        fixed (T* pa = a, pb = b, pc = c, pBias = bias)
        {
            MatrixProduct.Multiply(
                Enum.Parse<Instructions>(path), p.Batch, p.M, p.N, p.K, pa, lda, p.TransposeA, pb, ldb, p.TransposeB, pc + p.Gap, ldc,
                strideA, strideB, strideC, p.Accumulate, p.Bias ? pBias : null, p.Relu);
        }

        return c;
    }

    /// <summary>A matrix in float64, as rows that run along the inner dimension.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double[] Rows<T>(T[] matrix, int offset, int rows, int inner, int stride, bool transposed)
        where T : INumberBase<T>
    {
        var result = new double[rows * inner];
        for (var i = 0; i < result.Length; i++)
        {
            var (row, step) = (i / inner, i % inner);
            result[i] = double.CreateChecked(matrix[offset + (transposed ? step * stride + row : row * stride + step)]);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Sum, double Size) Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0, size = 0;
        for (var i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
            size += Math.Abs(x[i] * y[i]);
        }

        return (sum, size);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T[] Draw<T>(Random random, int count, int poison)
        where T : IFloatingPointIeee754<T>
    {
        // A spare element keeps the array, and so its pointer, from being empty.
        var values = new T[count + 1];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = T.CreateChecked(Math.Round(random.NextDouble() * 2 - 1, 3));
        }

        for (; poison > 0; poison--)
        {
            values[random.Next(values.Length)] = random.Next(2) == 0 ? T.NaN : T.PositiveInfinity;
        }

        return values;
    }

    private sealed record Problem(int M, int N, int K)
    {
        public bool TransposeA { get; init; }

        public bool TransposeB { get; init; }

        public bool Accumulate { get; init; }

        public bool Bias { get; init; }

        public bool Relu { get; init; }

        public int Gap { get; init; }

        public int Batch { get; init; }

        public bool SharedA { get; init; }

        public bool SharedB { get; init; }

        public int Poison { get; init; }

        public int Seed { get; init; }

        public static Problem Draw(Random random, int m, int n, int k) => new(m, n, k)
        {
            TransposeA = random.Next(2) == 0,
            TransposeB = random.Next(2) == 0,
            Accumulate = random.Next(3) == 0,
            Bias = random.Next(3) == 0,
            Relu = random.Next(3) == 0,
            Gap = random.Next(2) * random.Next(1, 8),
            Batch = random.Next(3) == 0 ? random.Next(1, 5) : 1,
            SharedA = random.Next(4) == 0,
            SharedB = random.Next(3) == 0,
            Seed = random.Next(),
        };
    }
}
