using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

internal static partial class ScalarMath
{
    // ψ has its positive root here; the low part is what the double leaves off.
    private const double DigammaRoot = 1.4616321449683622;
    private const double DigammaRootLow = 9.549995429965697e-17;

    // From here on the asymptotic series are as exact as a double.
    private const double Asymptotic = 10;

    /// <summary>
    /// ln |Γ(x)|: +∞ at 0 and the negative integers. The relative error is about 1e-15 for positive x, at the zeros 1 and 2 too; for negative x it is
    /// relative to the larger of 1 and the value.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double LogGamma(double x)
    {
        if (double.IsNaN(x))
        {
            return x;
        }

        if (double.IsInfinity(x) || (x <= 0 && x == Math.Floor(x)))
        {
            return double.PositiveInfinity;
        }

        if (x < 0)
        {
            // Γ(x) Γ(1 − x) = π / sin πx, and sin πx is that of the distance to the nearest integer. |x| sin πx may get lost, but not its parts.
            var distance = Math.Abs(x - Math.Round(x));
            return Math.Log(Math.PI / Math.Sin(Math.PI * distance)) - Math.Log(-x) - LogGamma(-x);
        }

        if (x >= Asymptotic)
        {
            return StirlingLogGamma(x);
        }

        // Down to [1.5, 2.5] by Γ(x + 1) = x Γ(x), or up to it.
        if (x < 0.5)
        {
            return ((x * LogGammaRatio(x)) - Log1p(x)) - Math.Log(x);
        }

        if (x < 1.5)
        {
            return ((x - 1) * LogGammaRatio(x - 1)) - Log1p(x - 1);
        }

        var product = 1.0;
        while (x > 2.5)
        {
            x -= 1;
            product *= x;
        }

        return ((x - 2) * LogGammaRatio(x - 2)) + Math.Log(product);
    }

    /// <summary>
    /// ψ(x) = d ln Γ(x)/dx: ∓∞ at ±0, NaN at the negative integers and at −∞. The relative error is about 1e-15 for positive x, at the root too; for
    /// negative x it is relative to the larger of 1 and the value.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Digamma(double x)
    {
        if (x == 0)
        {
            return double.CopySign(double.PositiveInfinity, -x);
        }

        if (x < 0)
        {
            // ψ(x) = ψ(1 − x) − π cot πx
            var distance = x - Math.Round(x);
            return distance == 0 || double.IsInfinity(x) ? double.NaN : Digamma(1 - x) - (Math.PI / Math.Tan(Math.PI * distance));
        }

        if (x >= Asymptotic)
        {
            var y = 1 / x;
            return Math.Log(x) - (0.5 * y) - (y * y * DigammaSeries(y * y));
        }

        // To [1, 2] by ψ(x + 1) = ψ(x) + 1/x.
        var sum = 0.0;
        if (x < 1)
        {
            sum = -1 / x;
            x += 1;
        }

        while (x > 2)
        {
            x -= 1;
            sum += 1 / x;
        }

        return sum + ((x - DigammaRoot - DigammaRootLow) * DigammaRatio(2 * (x - 1.5)));
    }

    /// <summary>ln Γ(2 + z) / z for |z| ≤ 1/2: interpolated with an error of 1e-19.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double LogGammaRatio(double z) => Horner(
        2 * z,
        [
            1.2167067542304562e-13, -5.116584685713687e-13, 1.5491338158886129e-12, -6.566709534240663e-12,
            2.923176066319201e-11, -1.2481202067269968e-10, 5.339813130999916e-10, -2.3043112100202176e-09,
            1.0013314167996967e-08, -4.387338974983724e-08, 1.942529474587772e-07, -8.716982450984518e-07,
            3.981793163166481e-06, -1.863677987501598e-05, 9.032844783558553e-05, -0.0004615969392917596,
            0.0025726010534730713, -0.016838075263299536, 0.1612335167120566, 0.42278433509846713,
        ]);

    /// <summary>ψ(x) / (x − root) for x = 1.5 + t/2, |t| ≤ 1: interpolated with an error of 1e-18.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double DigammaRatio(double t) => Horner(
        t,
        [
            -9.720300404202244e-12, 2.916093601085364e-11, -2.9161179626023815e-11, 8.748420037436287e-11,
            -4.1555064115551965e-10, 1.2466690231864029e-09, -3.509235492410718e-09, 1.0528133851878114e-08,
            -3.1807298477301726e-08, 9.543261570760428e-08, -2.8621216825577647e-07, 8.589062683365892e-07,
            -2.578133701610713e-06, 7.741234441368395e-06, -2.325823275895313e-05, 6.99501882655044e-05,
            -0.00021074841284590126, 0.0006368880303847901, -0.0019350666647392832, 0.005936795278301875,
            -0.018550615381739702, 0.06013562106019684, -0.21181371064073024, 0.9510558760318328,
        ]);

    /// <summary>(x − 1/2) ln x − x + ln(2π)/2 + Σ B₂ₖ / (2k (2k − 1) x²ᵏ⁻¹)</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double StirlingLogGamma(double x)
    {
        const double halfLogTwoPi = 0.91893853320467274178;
        var y = 1 / x;
        var series = y * Horner(
            y * y,
            [
            -0.029550653594771242, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508417,
            -0.0005952380952380953, 0.0007936507936507937, -0.002777777777777778, 0.08333333333333333,
            ]);

        // In this order nothing overflows before the result does.
        return ((x - 0.5) * (Math.Log(x) - 1)) + (halfLogTwoPi - 0.5 + series);
    }

    /// <summary>Σ B₂ₖ z^(k − 1) / 2k</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double DigammaSeries(double z) => Horner(
        z,
        [
            3.0539543302701198, -0.4432598039215686, 0.08333333333333333, -0.021092796092796094,
            0.007575757575757576, -0.004166666666666667, 0.003968253968253968, -0.008333333333333333,
            0.08333333333333333,
        ]);
}
