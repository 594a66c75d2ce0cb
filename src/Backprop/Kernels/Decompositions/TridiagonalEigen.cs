using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Decompositions;

/// <summary>Eigenvalues and vectors of a symmetric matrix: reflections make it tridiagonal, then QL steps with implicit shifts make it diagonal.</summary>
/// <remarks>The QL iteration is that of Bowdler, Martin, Reinsch and Wilkinson (tql2 in EISPACK), on the vectors as rows.</remarks>
internal static unsafe class TridiagonalEigen
{
    /// <summary>The status where the iteration did not end.</summary>
    public const int NoConvergence = 1;

    /// <summary>The status where an element is not finite.</summary>
    public const int NotFinite = 2;

    private const int MostSteps = 80;

    /// <summary>Working memory for <see cref="Decompose"/>.</summary>
    public static long Scratch(nint n) => (2 * (long)n * n) + (4 * (long)n);

    /// <summary>A = V diag(w) Vᵀ with ascending w; in each column of V the element of the largest magnitude is positive.</summary>
    /// <param name="a">[n, n], symmetric; overwritten by V.</param>
    /// <param name="w">[n], written.</param>
    /// <param name="n">The size.</param>
    /// <param name="scratch"><see cref="Scratch"/> numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Decompose(double* a, double* w, nint n, double* scratch)
    {
        double* rows = scratch, reflections = rows + (n * n), e = reflections + (n * n), taus = e + n, product = taus + n;
        var exponent = Rows.Normalise(a, n * n);
        if (exponent == int.MinValue)
        {
            return NotFinite;
        }

        Reduce(a, w, e, n, reflections, taus, product);
        Accumulate(rows, n, reflections, taus, product);
        if (!Iterate(rows, w, e, n))
        {
            return NoConvergence;
        }

        Sort(rows, w, n);
        for (nint i = 0; i < n; i++)
        {
            w[i] = Math.ScaleB(w[i], exponent);
            for (nint j = 0; j < n; j++)
            {
                a[(i * n) + j] = rows[(j * n) + i];
            }
        }

        Rows.FixSigns(a, n, a, 0, n);
        return 0;
    }

    /// <summary>T = Qᵀ A Q: its diagonal d, and beside it e, e[i] between i − 1 and i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Reduce(double* a, double* d, double* e, nint n, double* reflections, double* taus, double* product)
    {
        for (nint k = 0; k < n; k++)
        {
            d[k] = a[(k * n) + k];
            var rest = n - k - 1;
            if (rest == 0)
            {
                break;
            }

            // The row is the column too. With v, p = τ A v and w = p − (τ pᵀv / 2) v, A becomes A − v wᵀ − w vᵀ.
            var v = reflections + (k * n);
            new ReadOnlySpan<double>(a + (k * n) + k + 1, (int)rest).CopyTo(new Span<double>(v, (int)rest));
            e[k + 1] = Householder.Make(v, rest, out taus[k]);
            if (taus[k] == 0)
            {
                continue;
            }

            var tail = a + ((k + 1) * n) + k + 1;
            for (nint i = 0; i < rest; i++)
            {
                product[i] = taus[k] * Rows.Dot(tail + (i * n), v, rest);
            }

            Rows.AddScaled(-0.5 * taus[k] * Rows.Dot(product, v, rest), v, product, rest);
            for (nint i = 0; i < rest; i++)
            {
                Rows.AddScaled(-v[i], product, tail + (i * n), rest);
                Rows.AddScaled(-product[i], v, tail + (i * n), rest);
            }
        }
    }

    /// <summary>Qᵀ, from the reflections.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate(double* q, nint n, double* reflections, double* taus, double* scratch)
    {
        Rows.SetIdentity(q, n, n);
        for (var k = n - 2; k >= 0; k--)
        {
            Householder.Apply(reflections + (k * n), taus[k], q + ((k + 1) * n) + k + 1, n - k - 1, n - k - 1, n, scratch);
        }

        for (nint i = 0; i < n; i++)
        {
            for (nint j = 0; j < i; j++)
            {
                (q[(i * n) + j], q[(j * n) + i]) = (q[(j * n) + i], q[(i * n) + j]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Iterate(double* rows, double* d, double* e, nint n)
    {
        for (nint i = 1; i < n; i++)
        {
            e[i - 1] = e[i];
        }

        if (n > 0)
        {
            e[n - 1] = 0;
        }

        double f = 0, magnitude = 0;
        const double Epsilon = 1.1102230246251565e-16;
        for (nint l = 0; l < n; l++)
        {
            magnitude = Math.Max(magnitude, Math.Abs(d[l]) + Math.Abs(e[l]));
            var m = l;
            while (m < n - 1 && Math.Abs(e[m]) > Epsilon * magnitude)
            {
                m++;
            }

            for (var step = 0; m > l && (step == 0 || Math.Abs(e[l]) > Epsilon * magnitude); step++)
            {
                if (step == MostSteps)
                {
                    return false;
                }

                f += Shift(d, e, l, n);
                Sweep(rows, d, e, l, m, n);
            }

            d[l] += f;
            e[l] = 0;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Shift(double* d, double* e, nint l, nint n)
    {
        var g = d[l];
        var p = (d[l + 1] - g) / (2 * e[l]);
        var r = double.Hypot(p, 1);
        r = p < 0 ? -r : r;
        d[l] = e[l] / (p + r);
        d[l + 1] = e[l] * (p + r);
        var h = g - d[l];
        for (var i = l + 2; i < n; i++)
        {
            d[i] -= h;
        }

        return h;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sweep(double* rows, double* d, double* e, nint l, nint m, nint n)
    {
        double p = d[m], c = 1, c2 = 1, c3 = 1, s = 0, s2 = 0, next = d[l + 1], el1 = e[l + 1];
        for (var i = m - 1; i >= l; i--)
        {
            (c3, c2, s2) = (c2, c, s);
            var g = c * e[i];
            var h = c * p;
            var r = double.Hypot(p, e[i]);
            e[i + 1] = s * r;
            s = e[i] / r;
            c = p / r;
            p = (c * d[i]) - (s * g);
            d[i + 1] = h + (s * ((c * g) + (s * d[i])));
            Rows.Rotate(c, s, rows + (i * n), rows + ((i + 1) * n), n);
        }

        p = -s * s2 * c3 * el1 * e[l] / next;
        e[l] = s * p;
        d[l] = c * p;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sort(double* rows, double* d, nint n)
    {
        for (nint i = 0; i < n - 1; i++)
        {
            var least = i;
            for (var j = i + 1; j < n; j++)
            {
                least = d[j] < d[least] ? j : least;
            }

            if (least != i)
            {
                (d[i], d[least]) = (d[least], d[i]);
                Rows.Swap(rows + (i * n), rows + (least * n), n);
            }
        }
    }
}
