using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Decompositions;

/// <summary>Systems of equations with a triangular matrix. The other triangle is not read.</summary>
internal static unsafe class Triangular
{
    private const int Block = 32;

    /// <summary>Working memory for <see cref="Solve"/>.</summary>
    public static long Scratch(nint n) => n <= Block ? 0 : Block * (long)n;

    /// <summary>X = T⁻¹ X for a triangular T.</summary>
    /// <param name="t">[n, n] with rows <paramref name="stride"/> apart; the diagonal has no zeros.</param>
    /// <param name="stride">Elements from one row of T to the next.</param>
    /// <param name="n">The size of T.</param>
    /// <param name="x">[n, columns], contiguous.</param>
    /// <param name="columns">How many right sides.</param>
    /// <param name="isUpper">Which triangle.</param>
    /// <param name="isUnit">Whether the diagonal counts as ones and is not read.</param>
    /// <param name="scratch"><see cref="Scratch"/> numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Solve(double* t, nint stride, nint n, double* x, nint columns, bool isUpper, bool isUnit, double* scratch)
    {
        for (nint done = 0; done < n; done += Block)
        {
            var size = Math.Min(Block, n - done);
            var start = isUpper ? n - done - size : done;
            var solved = isUpper ? start + size : 0;
            if (done > 0)
            {
                for (nint i = 0; i < size; i++)
                {
                    for (nint j = 0; j < done; j++)
                    {
                        scratch[(i * done) + j] = -t[((start + i) * stride) + solved + j];
                    }
                }

                MatrixProduct.Multiply((int)size, (int)columns, (int)done, scratch, (int)done, false, x + (solved * columns), (int)columns, false,
                    x + (start * columns), (int)columns, accumulate: true);
            }

            for (nint step = 0; step < size; step++)
            {
                var i = isUpper ? start + size - 1 - step : start + step;
                var row = x + (i * columns);
                var (from, to) = isUpper ? (i + 1, start + size) : (start, i);
                for (var j = from; j < to; j++)
                {
                    Rows.AddScaled(-t[(i * stride) + j], x + (j * columns), row, columns);
                }

                if (!isUnit)
                {
                    var pivot = t[(i * stride) + i];
                    for (nint c = 0; c < columns; c++)
                    {
                        row[c] /= pivot;
                    }
                }
            }
        }
    }

    /// <summary>The number of the first zero on the diagonal, from 1; 0 where there is none.</summary>
    public static int FirstZero(double* t, nint n)
    {
        for (nint i = 0; i < n; i++)
        {
            if (t[(i * n) + i] == 0)
            {
                return (int)i + 1;
            }
        }

        return 0;
    }
}
