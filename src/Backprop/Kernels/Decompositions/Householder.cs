using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Decompositions;

/// <summary>Reflections I − τ v vᵀ, and the A = Q R that they make.</summary>
internal static unsafe class Householder
{
    /// <summary>
    /// The reflection that maps x to (β, 0, …): x becomes v with v₀ = 1, and β is returned. τ is 0 where x is a multiple of the first unit vector.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Make(double* x, nint count, out double tau)
    {
        var tail = Rows.Dot(x + 1, x + 1, count - 1);
        var alpha = x[0];
        if (tail < 1e-280)
        {
            // Squares vanish: once more with all of it near 1.
            var exponent = Rows.Exponent(x, count);
            if (exponent < -100)
            {
                Rows.ScaleB(-exponent, x, count);
                return Math.ScaleB(Make(x, count, out tau), exponent);
            }
        }

        x[0] = 1;
        if (tail == 0)
        {
            tau = 0;
            return alpha;
        }

        var norm = Math.Sqrt((alpha * alpha) + tail);
        var beta = alpha > 0 ? -norm : norm;
        tau = (beta - alpha) / beta;
        Rows.Scale(1 / (alpha - beta), x + 1, count - 1);
        return beta;
    }

    /// <summary>A = (I − τ v vᵀ) A for rows of A that lie <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(double* v, double tau, double* a, nint rows, nint columns, nint stride, double* scratch)
    {
        if (tau == 0 || columns == 0)
        {
            return;
        }

        new Span<double>(scratch, (int)columns).Clear();
        for (nint i = 0; i < rows; i++)
        {
            Rows.AddScaled(v[i], a + (i * stride), scratch, columns);
        }

        for (nint i = 0; i < rows; i++)
        {
            Rows.AddScaled(-tau * v[i], scratch, a + (i * stride), columns);
        }
    }

    /// <summary>Working memory for <see cref="Decompose"/>.</summary>
    public static long Scratch(nint rows, nint columns)
    {
        var k = Math.Min(rows, columns);
        return ((long)k * rows) + k + Math.Max(rows, columns);
    }

    /// <summary>A = Q R with the diagonal of R not negative. A's first min(m, n) rows become R.</summary>
    /// <param name="a">[m, n].</param>
    /// <param name="q">[m, min(m, n)], written.</param>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="scratch"><see cref="Scratch"/> numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decompose(double* a, double* q, nint m, nint n, double* scratch)
    {
        var k = Math.Min(m, n);
        double* vectors = scratch, taus = vectors + (k * m), row = taus + k;
        for (nint j = 0; j < k; j++)
        {
            var v = vectors + (j * m);
            for (var i = j; i < m; i++)
            {
                v[i - j] = a[(i * n) + j];
                a[(i * n) + j] = 0;
            }

            a[(j * n) + j] = Make(v, m - j, out taus[j]);
            Apply(v, taus[j], a + (j * n) + j + 1, m - j, n - j - 1, n, row);
        }

        Rows.SetIdentity(q, m, k);
        for (var j = k - 1; j >= 0; j--)
        {
            Apply(vectors + (j * m), taus[j], q + (j * k) + j, m - j, k - j, k, row);
        }

        for (nint j = 0; j < k; j++)
        {
            if (a[(j * n) + j] < 0)
            {
                Rows.Scale(-1, a + (j * n) + j, n - j);
                Rows.Negate(q, m, k, j);
            }
        }
    }
}
