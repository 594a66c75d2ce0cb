using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Decompositions;

/// <summary>A = L Lᵀ, by blocks of columns.</summary>
internal static unsafe class CholeskyFactor
{
    private const int Block = 32;

    /// <summary>Working memory for <see cref="Factor"/>.</summary>
    public static long Scratch(nint n) => n <= Block ? 0 : Block * (long)n;

    /// <summary>
    /// Overwrites A by L, with zeros above the diagonal. The number of the first pivot that is not positive, from 1; 0 where all are.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Factor(double* a, nint n, double* scratch)
    {
        for (nint start = 0; start < n; start += Block)
        {
            var end = Math.Min(start + Block, n);
            for (var j = start; j < end; j++)
            {
                var row = a + (j * n) + start;
                var pivot = a[(j * n) + j] - Rows.Dot(row, row, j - start);
                if (!(pivot > 0) || double.IsInfinity(pivot))
                {
                    return (int)j + 1;
                }

                pivot = Math.Sqrt(pivot);
                a[(j * n) + j] = pivot;
                for (var i = j + 1; i < n; i++)
                {
                    a[(i * n) + j] = (a[(i * n) + j] - Rows.Dot(a + (i * n) + start, row, j - start)) / pivot;
                }
            }

            // What is left: A₂₂ −= L₂₁ L₂₁ᵀ.
            var (rest, width) = (n - end, end - start);
            for (nint i = 0; i < rest; i++)
            {
                for (nint j = 0; j < width; j++)
                {
                    scratch[(i * width) + j] = -a[((end + i) * n) + start + j];
                }
            }

            MatrixProduct.Multiply((int)rest, (int)rest, (int)width, scratch, (int)width, false, a + (end * n) + start, (int)n, true,
                a + (end * n) + end, (int)n, accumulate: true);
        }

        for (nint i = 0; i < n; i++)
        {
            new Span<double>(a + (i * n) + i + 1, (int)(n - i - 1)).Clear();
        }

        return 0;
    }
}
