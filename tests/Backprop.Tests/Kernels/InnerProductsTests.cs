using System.Numerics;
using Backprop.Kernels.Products;

namespace Backprop.Tests.Kernels;

/// <summary>Products that other kernels ask for: small ones, and those with a matrix that was packed before.</summary>
public unsafe class InnerProductsTests
{
    public static TheoryData<int, int, int> Sizes
    {
        get
        {
            var data = new TheoryData<int, int, int>();
            foreach (var m in new[] { 1, 3, 32, 37 })
            {
                foreach (var n in new[] { 1, 7, 16, 33, 80, 129 })
                {
                    foreach (var k in new[] { 0, 1, 9, 64, 300 })
                    {
                        data.Add(m, n, k);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void SmallProductsAreThoseOfLoops(int m, int n, int k)
    {
        CheckSmall<float>(m, n, k, 1e-4);
        CheckSmall<double>(m, n, k, 1e-12);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void PackedProductsAreThoseOfLoops(int m, int n, int k)
    {
        CheckPacked<float>(m, n, k, 1e-4);
        CheckPacked<double>(m, n, k, 1e-12);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 16)]
    [InlineData(33, 17)]
    [InlineData(32, 128)]
    public void TransposedRowsArePaddedWithZeros(int inner, int columns)
    {
        var source = Draw<float>(columns * (inner + 3), 1);
        var padded = SmallProduct.Padded<float>(columns);
        var target = new float[inner * padded];
        Array.Fill(target, float.NaN);
        fixed (float* from = source, to = target)
        {
            SmallProduct.Transpose(from, inner + 3, inner, columns, to);
        }

        for (var p = 0; p < inner; p++)
        {
            for (var j = 0; j < padded; j++)
            {
                Assert.Equal(j < columns ? source[(j * (inner + 3)) + p] : 0, target[(p * padded) + j]);
            }
        }
    }

    private static void CheckSmall<T>(int m, int n, int k, double tolerance)
        where T : unmanaged, INumber<T>
    {
        foreach (var turned in new[] { false, true })
        {
            var (a, b, c) = (Draw<T>(m * Math.Max(k, 1), 1), Draw<T>(Math.Max(k, 1) * n, 2), Draw<T>(m * n, 3));
            var (aRow, aStep) = turned ? (1, m) : (k, 1);
            foreach (var accumulate in new[] { false, true })
            {
                var result = (T[])c.Clone();
                fixed (T* pa = a, pb = b, pc = result)
                {
                    SmallProduct.Run(m, n, k, pa, aRow, aStep, pb, n, pc, n, accumulate);
                }

                Compare(result, (i, j) => Sum(k, p => a[(i * aRow) + (p * aStep)] * b[(p * n) + j]) + (accumulate ? c[(i * n) + j] : T.Zero), m, n, tolerance);
            }
        }
    }

    private static void CheckPacked<T>(int m, int n, int k, double tolerance)
        where T : unmanaged, INumber<T>
    {
        var (a, b, c, bias) = (Draw<T>(m * Math.Max(k, 1), 1), Draw<T>(Math.Max(k, 1) * n, 2), Draw<T>(m * n, 3), Draw<T>(n, 4));
        foreach (var turned in new[] { false, true })
        {
            var panels = new T[Math.Max(PackedProduct.Size<T>(n, k), 1)];
            foreach (var (accumulate, hasBias) in new[] { (false, false), (true, false), (false, true), (true, true) })
            {
                var result = (T[])c.Clone();
                fixed (T* pa = a, pb = b, pc = result, pp = panels, added = bias)
                {
                    PackedProduct.Pack(n, k, pb, turned ? k : n, turned, pp);
                    PackedProduct.Multiply(m, n, k, pa, k, pp, pc, n, accumulate, hasBias ? added : null);
                }

                Compare(
                    result,
                    (i, j) => Sum(k, p => a[(i * k) + p] * b[turned ? (j * k) + p : (p * n) + j]) + (accumulate ? c[(i * n) + j] : T.Zero)
                        + (hasBias ? bias[j] : T.Zero),
                    m, n, tolerance);
            }
        }
    }

    private static T Sum<T>(int count, Func<int, T> term)
        where T : INumber<T>
    {
        var sum = T.Zero;
        for (var p = 0; p < count; p++)
        {
            sum += term(p);
        }

        return sum;
    }

    private static void Compare<T>(T[] result, Func<int, int, T> expected, int m, int n, double tolerance)
        where T : INumber<T>
    {
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < n; j++)
            {
                Assert.Equal(double.CreateChecked(expected(i, j)), double.CreateChecked(result[(i * n) + j]), tolerance);
            }
        }
    }

    private static T[] Draw<T>(int count, int seed)
        where T : INumber<T>
    {
        var random = new Random(seed);
        var values = new T[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = T.CreateChecked(random.NextDouble() - 0.5);
        }

        return values;
    }
}
