using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

internal static partial class ScalarMath
{
    // Up to this order the derivatives of the cotangent come from their polynomials, beyond it from the nearest poles.
    private const int PolynomialOrder = 20;

    /// <summary>
    /// ψ⁽ⁿ⁾(x), the n-th derivative of <see cref="Digamma"/>: (−1)ⁿ⁺¹ n! ζ(n + 1, x) for n ≥ 1. At the poles it is +∞ for odd n; for even n ∓∞ at ±0 and
    /// NaN at the negative integers.
    /// </summary>
    /// <param name="n">The order, at least 0.</param>
    /// <param name="x">The argument.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Polygamma(int n, double x)
    {
        if (n == 0 || double.IsNaN(x))
        {
            return n == 0 ? Digamma(x) : x;
        }

        if (x <= 0 && x == Math.Floor(x))
        {
            return n % 2 == 1 && !double.IsInfinity(x) ? double.PositiveInfinity
                : x == 0 ? double.CopySign(double.PositiveInfinity, -x)
                : double.NaN;
        }

        // For negative arguments: ψ(1 − x) − ψ(x) = π cot πx, differentiated n times.
        var sign = n % 2 == 1 ? 1 : -1;
        return x > 0
            ? sign * FactorialZeta(n, x)
            : (sign * CotangentDerivative(n, x - Math.Round(x))) - FactorialZeta(n, 1 - x);
    }

    /// <summary>n! ζ(n + 1, x) for x &gt; 0 and n ≥ 1, by the sum of Euler and Maclaurin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double FactorialZeta(int n, double x)
    {
        ReadOnlySpan<double> bernoulli =
        [
            0.08333333333333333, -0.001388888888888889, 3.306878306878307e-05, -8.267195767195768e-07,
            2.08767569878681e-08, -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13,
            8.586062056277845e-15, -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
        ];
        if (double.IsPositiveInfinity(x))
        {
            return 0;
        }

        // Everything times xⁿ, so that only the last step can overflow: Σ (x/(x + k))ⁿ / (x + k), and from a = x + k on the integral and its corrections.
        var s = n + 1.0;
        var sum = 0.0;
        var a = x;
        for (; a < 12 + s; a += 1)
        {
            var term = Math.Pow(x / a, n) / a;
            sum += term;
            if (term < 1e-18 * sum)
            {
                return sum * FactorialPower(n, x);
            }
        }

        var corrections = 0.0;
        var factor = s / a;
        for (var j = 0; j < bernoulli.Length; j++)
        {
            corrections += bernoulli[j] * factor;
            factor *= (s + (2 * j) + 1) / a * ((s + (2 * j) + 2) / a);
        }

        sum += Math.Pow(x / a, n) * ((1 / (s - 1)) + ((0.5 + corrections) / a));
        return sum * FactorialPower(n, x);
    }

    /// <summary>n! / xⁿ</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double FactorialPower(int n, double x)
    {
        var power = Math.Pow(x, -n);
        var factorial = Factorial(n);
        if (double.IsFinite(factorial) && double.IsNormal(power))
        {
            return factorial * power;
        }

        var size = Math.Exp(LogGamma(n + 1.0) - (n * Math.Log(Math.Abs(x))));
        return x < 0 && n % 2 == 1 ? -size : size;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Factorial(int n)
    {
        var product = 1.0;
        for (var i = 2; i <= n && double.IsFinite(product); i++)
        {
            product *= i;
        }

        return product;
    }

    /// <summary>(−1)ⁿ dⁿ/dxⁿ of π cot πx at a distance r from the nearest integer, |r| ≤ 1/2, r ≠ 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double CotangentDerivative(int n, double r)
    {
        if (n > PolynomialOrder)
        {
            // π cot πx = Σ 1/(x + k): from the order on, ten poles on each side are all that counts.
            var poles = 0.0;
            for (var k = -10; k <= 10; k++)
            {
                poles += Math.Pow(r / (r + k), n) / (r + k);
            }

            return poles * FactorialPower(n, r);
        }

        // (−1)ⁿ dⁿ cot u/duⁿ = Qₙ(cot u) with Q₀ = c and Qₙ₊₁ = (1 + c²) Qₙ′. No coefficient is negative and the powers are all even or all odd: nothing
        // cancels.
        Span<double> q = stackalloc double[PolynomialOrder + 4];
        q.Clear();
        q[1] = 1;
        for (var order = 0; order < n; order++)
        {
            var below = 0.0;
            for (var power = 0; power <= order + 2; power++)
            {
                var old = q[power];
                q[power] = ((power + 1) * q[power + 1]) + ((power - 1) * below);
                below = old;
            }
        }

        var c = 1 / Math.Tan(Math.PI * r);
        var sum = 0.0;
        for (var power = n + 1; power >= 0; power--)
        {
            sum = (sum * c) + q[power];
        }

        return sum * Math.Pow(Math.PI, n + 1);
    }
}
