using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Decompositions;

/// <summary>P A = L U with partial pivoting, by blocks of columns.</summary>
internal static unsafe class Lu
{
    private const int Block = 32;

    /// <summary>Working memory for <see cref="Factor"/>.</summary>
    public static long Scratch(nint n) => n <= Block ? 0 : Block * (long)n;

    /// <summary>
    /// Overwrites A by L (below the diagonal; its own is ones) and U. The number of the first pivot that is zero, from 1; 0 where there is none.
    /// </summary>
    /// <param name="a">[n, n], contiguous.</param>
    /// <param name="n">The size.</param>
    /// <param name="pivots">[n]: the row that row i was exchanged with.</param>
    /// <param name="scratch"><see cref="Scratch"/> numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Factor(double* a, nint n, double* pivots, double* scratch)
    {
        var zero = 0;
        for (nint start = 0; start < n; start += Block)
        {
            var end = Math.Min(start + Block, n);
            for (var j = start; j < end; j++)
            {
                var pivot = PivotRow(a, n, j);
                pivots[j] = pivot;
                if (pivot != j)
                {
                    Rows.Swap(a + (pivot * n), a + (j * n), n);
                }

                var value = a[(j * n) + j];
                if (value == 0)
                {
                    zero = zero == 0 ? (int)j + 1 : zero;
                    continue;
                }

                for (var i = j + 1; i < n; i++)
                {
                    var factor = a[(i * n) + j] /= value;
                    Rows.AddScaled(-factor, a + (j * n) + j + 1, a + (i * n) + j + 1, end - j - 1);
                }
            }

            Update(a, n, start, end, scratch);
        }

        return zero;
    }

    /// <summary>X = A⁻¹ B, given the factors of A, with B in X.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Solve(double* factors, nint n, double* pivots, double* x, nint columns, double* scratch)
    {
        for (nint i = 0; i < n; i++)
        {
            if ((nint)pivots[i] != i)
            {
                Rows.Swap(x + (i * columns), x + ((nint)pivots[i] * columns), columns);
            }
        }

        Triangular.Solve(factors, n, n, x, columns, isUpper: false, isUnit: true, scratch);
        Triangular.Solve(factors, n, n, x, columns, isUpper: true, isUnit: false, scratch);
    }

    /// <summary>The sign of the determinant and the logarithm of its magnitude: 0 and −∞ for a singular matrix.</summary>
    public static (double Sign, double Log) SignLog(double* factors, nint n, double* pivots)
    {
        double sign = 1, log = 0;
        for (nint i = 0; i < n; i++)
        {
            var value = factors[(i * n) + i];
            sign *= double.IsNaN(value) ? double.NaN : Math.Sign(value) * ((nint)pivots[i] == i ? 1 : -1);
            log += Math.Log(Math.Abs(value));
        }

        return (sign, sign == 0 ? double.NegativeInfinity : log);
    }

    /// <summary>The determinant. Intermediate products neither overflow nor vanish.</summary>
    public static double Determinant(double* factors, nint n, double* pivots)
    {
        double product = 1;
        long exponent = 0;
        for (nint i = 0; i < n; i++)
        {
            product *= (nint)pivots[i] == i ? factors[(i * n) + i] : -factors[(i * n) + i];
            if (product == 0 || !double.IsFinite(product))
            {
                return product;
            }

            var power = Math.ILogB(product);
            product = Math.ScaleB(product, -power);
            exponent += power;
        }

        return Math.ScaleB(product, (int)Math.Clamp(exponent, -5000, 5000));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint PivotRow(double* a, nint n, nint column)
    {
        var best = column;
        var largest = Math.Abs(a[(column * n) + column]);
        for (var i = column + 1; i < n; i++)
        {
            var size = Math.Abs(a[(i * n) + column]);
            if (size > largest)
            {
                (best, largest) = (i, size);
            }
        }

        return best;
    }

    /// <summary>The rows of U beside a block, then what is left of A: A₂₂ −= L₂₁ U₁₂.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Update(double* a, nint n, nint start, nint end, double* scratch)
    {
        var rest = n - end;
        if (rest == 0)
        {
            return;
        }

        for (var i = start + 1; i < end; i++)
        {
            for (var j = start; j < i; j++)
            {
                Rows.AddScaled(-a[(i * n) + j], a + (j * n) + end, a + (i * n) + end, rest);
            }
        }

        var width = end - start;
        for (nint i = 0; i < rest; i++)
        {
            for (nint j = 0; j < width; j++)
            {
                scratch[(i * width) + j] = -a[((end + i) * n) + start + j];
            }
        }

        MatrixProduct.Multiply((int)rest, (int)rest, (int)width, scratch, (int)width, false, a + (start * n) + end, (int)n, false,
            a + (end * n) + end, (int)n, accumulate: true);
    }
}
