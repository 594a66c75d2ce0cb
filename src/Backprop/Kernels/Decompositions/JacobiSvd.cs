using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Decompositions;

/// <summary>
/// A = U diag(s) Vᵀ: first A = Q R, then rotations of pairs of R's rows until all are orthogonal (Hestenes), which finds small singular values
/// more accurately than methods by bidiagonal matrices: where the rows of R differ in magnitude, but are otherwise well conditioned, each to high relative
/// accuracy.
/// </summary>
internal static unsafe class JacobiSvd
{
    private const int MostSweeps = 60;

    /// <summary>Sums of squares below this have lost digits, or everything.</summary>
    private const double LeastSquare = 1e-280;

    /// <summary>Working memory for <see cref="Decompose"/>.</summary>
    public static long Scratch(nint rows, nint columns)
    {
        var (m, n) = (Math.Max(rows, columns), Math.Min(rows, columns));
        return (2 * (long)m * n) + (2 * (long)n * n) + n + Householder.Scratch(m, n);
    }

    /// <summary>
    /// The reduced decomposition, singular values in descending order; in each column of V the element of the largest magnitude is positive.
    /// </summary>
    /// <param name="source">[rows, columns] of float or double.</param>
    /// <param name="isSingle">Whether they are float.</param>
    /// <param name="start">The first element.</param>
    /// <param name="rows">Rows of A.</param>
    /// <param name="columns">Columns of A.</param>
    /// <param name="u">[rows, k], written, with k = min(rows, columns).</param>
    /// <param name="s">[k], written.</param>
    /// <param name="v">[columns, k], written.</param>
    /// <param name="scratch"><see cref="Scratch"/> numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Decompose(void* source, bool isSingle, nint start, nint rows, nint columns, double* u, double* s, double* v, double* scratch)
    {
        var isWide = rows < columns;
        var (m, n) = isWide ? (columns, rows) : (rows, columns);
        double* a = scratch, q = a + (m * n), turns = q + (m * n), rest = turns + (n * n);
        if (isWide)
        {
            MatrixBatch.LoadTransposed(source, isSingle, start, a, rows, columns);
        }
        else
        {
            MatrixBatch.Load(source, isSingle, start, a, m * n);
        }

        var exponent = Rows.Normalise(a, m * n);
        if (exponent == int.MinValue)
        {
            return TridiagonalEigen.NotFinite;
        }

        // A = Q R = (Q Jᵀ) (J R) with J R = diag(s) Zᵀ.
        Householder.Decompose(a, q, m, n, rest);
        Rows.SetIdentity(turns, n, n);
        if (!Orthogonalise(a, turns, n))
        {
            return TridiagonalEigen.NoConvergence;
        }

        Arrange(a, turns, s, n);
        double* left = isWide ? v : u, right = isWide ? u : v;
        MatrixProduct.Multiply((int)m, (int)n, (int)n, q, (int)n, false, turns, (int)n, true, left, (int)n);
        for (nint i = 0; i < n; i++)
        {
            s[i] = Math.ScaleB(s[i], exponent);
            for (nint j = 0; j < n; j++)
            {
                right[(i * n) + j] = a[(j * n) + i];
            }
        }

        Rows.FixSigns(v, columns, u, rows, n);
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Orthogonalise(double* a, double* turns, nint n)
    {
        var tolerance = 2.2e-16 * Math.Sqrt(Math.Max(n, 4));
        for (var sweep = 0; sweep < MostSweeps; sweep++)
        {
            var isDone = true;
            for (nint i = 0; i < n - 1; i++)
            {
                for (var j = i + 1; j < n; j++)
                {
                    double* x = a + (i * n), y = a + (j * n);
                    double alpha = Rows.Dot(x, x, n), beta = Rows.Dot(y, y, n), gamma = Rows.Dot(x, y, n);
                    var both = Math.Sqrt(alpha) * Math.Sqrt(beta);
                    if (alpha < LeastSquare || beta < LeastSquare)
                    {
                        (alpha, beta, gamma, both) = TinyProducts(x, y, n);
                    }

                    if (Math.Abs(gamma) <= tolerance * both || gamma == 0)
                    {
                        continue;
                    }

                    isDone = false;
                    var zeta = (beta - alpha) / (2 * gamma);
                    var t = (zeta < 0 ? -1 : 1) / (Math.Abs(zeta) + double.Hypot(1, zeta));
                    var c = 1 / Math.Sqrt(1 + (t * t));
                    Rows.Rotate(c, c * t, x, y, n);
                    Rows.Rotate(c, c * t, turns + (i * n), turns + (j * n), n);
                }
            }

            if (isDone)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>x · x, y · y, x · y and |x| |y|, all times the same number, for rows whose squares vanish.</summary>
    private static (double Alpha, double Beta, double Gamma, double Both) TinyProducts(double* x, double* y, nint n)
    {
        double lengthX = Length(x, n), lengthY = Length(y, n), gamma = 0;
        if (lengthX < 1e-300 || lengthY < 1e-300)
        {
            return default;
        }

        for (nint i = 0; i < n; i++)
        {
            gamma += x[i] / lengthX * (y[i] / lengthY);
        }

        // The quotients of all four count: they are divided by |x| |y|.
        return (lengthX / lengthY, lengthY / lengthX, gamma, 1);
    }

    /// <summary>|x|, without underflow.</summary>
    private static double Length(double* x, nint n)
    {
        var square = Rows.Dot(x, x, n);
        if (square >= LeastSquare)
        {
            return Math.Sqrt(square);
        }

        double largest = 0, sum = 0;
        for (nint i = 0; i < n; i++)
        {
            largest = Math.Max(largest, Math.Abs(x[i]));
        }

        for (nint i = 0; largest > 0 && i < n; i++)
        {
            sum += x[i] / largest * (x[i] / largest);
        }

        return largest * Math.Sqrt(sum);
    }

    /// <summary>Sorts by length, descending, and divides the rows by it. Rows of length 0 become unit vectors orthogonal to the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Arrange(double* a, double* turns, double* s, nint n)
    {
        for (nint i = 0; i < n; i++)
        {
            s[i] = Length(a + (i * n), n);
        }

        for (nint i = 0; i < n; i++)
        {
            var largest = i;
            for (var j = i + 1; j < n; j++)
            {
                largest = s[j] > s[largest] ? j : largest;
            }

            if (largest != i)
            {
                (s[i], s[largest]) = (s[largest], s[i]);
                Rows.Swap(a + (i * n), a + (largest * n), n);
                Rows.Swap(turns + (i * n), turns + (largest * n), n);
            }

            if (s[i] > 0)
            {
                Divide(a + (i * n), s[i], n);
            }
            else
            {
                Complete(a, i, n);
            }
        }
    }

    private static void Divide(double* x, double length, nint n)
    {
        for (nint i = 0; length < 1e-300 && i < n; i++)
        {
            x[i] /= length;
        }

        if (length >= 1e-300)
        {
            Rows.Scale(1 / length, x, n);
        }
    }

    /// <summary>A unit vector orthogonal to the rows before it: the unit vector that they reach least, made orthogonal twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Complete(double* a, nint count, nint n)
    {
        var (best, least) = ((nint)0, double.PositiveInfinity);
        for (nint j = 0; j < n; j++)
        {
            double reached = 0;
            for (nint i = 0; i < count; i++)
            {
                reached += a[(i * n) + j] * a[(i * n) + j];
            }

            if (reached < least)
            {
                (best, least) = (j, reached);
            }
        }

        var row = a + (count * n);
        new Span<double>(row, (int)n).Clear();
        row[best] = 1;
        for (var pass = 0; pass < 2; pass++)
        {
            for (nint i = 0; i < count; i++)
            {
                Rows.AddScaled(-Rows.Dot(row, a + (i * n), n), a + (i * n), row, n);
            }

            Rows.Scale(1 / Math.Sqrt(Rows.Dot(row, row, n)), row, n);
        }
    }
}
