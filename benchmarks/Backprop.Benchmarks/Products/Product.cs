using System.Runtime.InteropServices;

namespace Backprop.Benchmarks.Products;

/// <summary>A product of one shape with its operands: C[M, N] = op(A) · op(B), the inner dimension K.</summary>
internal sealed unsafe class Product : IDisposable
{
    public Product(int m, int k, int n, bool transposeA, bool transposeB)
    {
        (M, K, N, TransposeA, TransposeB) = (m, k, n, transposeA, transposeB);
        A = Draw(m * k, 1);
        B = Draw(k * n, 2);
        C = Draw(m * n, 3);
    }

    public int M { get; }

    public int K { get; }

    public int N { get; }

    public bool TransposeA { get; }

    public bool TransposeB { get; }

    public float* A { get; }

    public float* B { get; }

    public float* C { get; }

    public int RowA => TransposeA ? M : K;

    public int RowB => TransposeB ? K : N;

    public double Flops => 2.0 * M * K * N;

    /// <summary>Draws the result's place anew, so that it shows who wrote it.</summary>
    public void Clear() => new Span<float>(C, M * N).Fill(float.NaN);

    /// <summary>The result, copied.</summary>
    public float[] Result() => new Span<float>(C, M * N).ToArray();

    /// <summary>The largest difference of two results in units of what rounding may do to a sum of this many products.</summary>
    public double Distance(float[] a, float[] b)
    {
        var largest = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = Math.Abs((double)a[i] - b[i]);
            largest = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(largest, difference);
        }

        return largest / (1e-7 * K);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(A);
        NativeMemory.AlignedFree(B);
        NativeMemory.AlignedFree(C);
    }

    private static float* Draw(int count, int seed)
    {
        var random = new Random(seed);
        var values = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        for (var i = 0; i < count; i++)
        {
            values[i] = random.NextSingle() - 0.5f;
        }

        return values;
    }
}
