using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Functions of one double that the framework does not have, with errors below 1 ulp. Ported from fdlibm (s_expm1.c,
/// s_log1p.c, s_erf.c; Copyright 1993 by Sun Microsystems, Inc., permission to use, copy, modify, and distribute freely
/// granted provided that this notice is preserved).
/// </summary>
internal static partial class ScalarMath
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>eˣ − 1, accurate near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Expm1(double x)
    {
        const double q1 = -3.33333333333331316428e-02;
        const double q2 = 1.58730158725481460165e-03;
        const double q3 = -7.93650757867487942473e-05;
        const double q4 = 4.00821782732936239552e-06;
        const double q5 = -2.01099218183624371326e-07;

        var size = Math.Abs(x);
        if (double.IsNaN(x) || size < 5.551115123125783e-17)
        {
            return x;
        }
        if (x > 709.782712893384)
        {
            return double.PositiveInfinity;
        }
        if (x < -38.816242111356935)
        {
            return -1;
        }

        // x = k ln 2 + r with |r| <= ln 2 / 2; c is what r lost in rounding.
        var k = 0;
        var c = 0.0;
        if (size > 0.34657359027997264)
        {
            k = (int)Math.Round(x * 1.44269504088896338700);
            var high = x - k * Ln2High;
            var low = k * Ln2Low;
            x = high - low;
            c = high - x - low;
        }

        var half = 0.5 * x;
        var square = x * half;
        var ratio = 1 + square * (q1 + square * (q2 + square * (q3 + square * (q4 + square * q5))));
        var t = 3 - ratio * half;
        var e = square * ((ratio - t) / (6 - x * t));
        if (k == 0)
        {
            return x - (x * e - square);
        }
        e = x * (e - c) - c - square;
        if (k == -1)
        {
            return 0.5 * (x - e) - 0.5;
        }
        if (k == 1)
        {
            return x < -0.25 ? -2 * (e - (x + 0.5)) : 1 + 2 * (x - e);
        }
        if (k is <= -2 or > 56)
        {
            var y = 1 - (e - x);
            return (k == 1024 ? y * 2 * PowerOfTwo(1023) : y * PowerOfTwo(k)) - 1;
        }
        var tiny = PowerOfTwo(-k);
        return (k < 20 ? 1 - tiny - (e - x) : x - (e + tiny) + 1) * PowerOfTwo(k);
    }

    /// <summary>ln(1 + x), accurate near 0; −∞ at −1 and NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Log1p(double x)
    {
        const double p1 = 6.666666666666735130e-01;
        const double p2 = 3.999999999940941908e-01;
        const double p3 = 2.857142874366239149e-01;
        const double p4 = 2.222219843214978396e-01;
        const double p5 = 1.818357216161805012e-01;
        const double p6 = 1.531383769920937332e-01;
        const double p7 = 1.479819860511658591e-01;

        if (x <= -1)
        {
            return x == -1 ? double.NegativeInfinity : double.NaN;
        }
        if (!double.IsFinite(x) || Math.Abs(x) < 5.551115123125783e-17)
        {
            return x;
        }

        // 1 + x = 2^k (1 + f) with sqrt(2)/2 <= 1 + f < sqrt(2); c is what 1 + x lost in rounding.
        var k = 0;
        var f = x;
        var c = 0.0;
        if (x is <= -0.29289321881345254 or >= 0.41421356237309503)
        {
            var u = 1 + x;
            k = (int)(BitConverter.DoubleToInt64Bits(u) >> 52) - 1023;
            c = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
            var mantissa = u * PowerOfTwo(-k / 2) * PowerOfTwo(-k - -k / 2);
            if (mantissa > 1.4142135623730951)
            {
                mantissa *= 0.5;
                k++;
            }
            f = mantissa - 1;
        }

        var square = 0.5 * f * f;
        var s = f / (2 + f);
        var z = s * s;
        var r = z * (p1 + z * (p2 + z * (p3 + z * (p4 + z * (p5 + z * (p6 + z * p7))))));
        return k == 0
            ? f - (square - s * (square + r))
            : k * Ln2High - (square - (s * (square + r) + (k * Ln2Low + c)) - f);
    }

    /// <summary>Error function 2/√π ∫₀ˣ e⁻ᵗ² dt.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Erf(double x)
    {
        var size = Math.Abs(x);
        if (double.IsNaN(x))
        {
            return x;
        }
        if (size < 0.84375)
        {
            return SmallErf(x, size);
        }
        var value = size < 1.25 ? MiddleErf(size - 1) : size < 6 ? 1 - Complement(size) : 1;
        return Math.CopySign(value, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double SmallErf(double x, double size)
    {
        const double efx = 1.28379167095512586316e-01;
        const double pp0 = 1.28379167095512558561e-01;
        const double pp1 = -3.25042107247001499370e-01;
        const double pp2 = -2.84817495755985104766e-02;
        const double pp3 = -5.77027029648944159157e-03;
        const double pp4 = -2.37630166566501626084e-05;
        const double qq1 = 3.97917223959155352819e-01;
        const double qq2 = 6.50222499887672944485e-02;
        const double qq3 = 5.08130628187576562776e-03;
        const double qq4 = 1.32494738004321644526e-04;
        const double qq5 = -3.96022827877536812320e-06;

        if (size < 3.7252902984e-09)
        {
            // Scaled, so that denormals keep their bits.
            return size < 2.848094538889218e-306 ? 0.125 * (8 * x + 8 * efx * x) : x + efx * x;
        }
        var z = x * x;
        var r = pp0 + z * (pp1 + z * (pp2 + z * (pp3 + z * pp4)));
        var s = 1 + z * (qq1 + z * (qq2 + z * (qq3 + z * (qq4 + z * qq5))));
        return x + x * (r / s);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double MiddleErf(double s)
    {
        const double erx = 8.45062911510467529297e-01;
        const double pa0 = -2.36211856075265944077e-03;
        const double pa1 = 4.14856118683748331666e-01;
        const double pa2 = -3.72207876035701323847e-01;
        const double pa3 = 3.18346619901161753674e-01;
        const double pa4 = -1.10894694282396677476e-01;
        const double pa5 = 3.54783043256182359371e-02;
        const double pa6 = -2.16637559486879084300e-03;
        const double qa1 = 1.06420880400844228286e-01;
        const double qa2 = 5.40397917702171048937e-01;
        const double qa3 = 7.18286544141962662868e-02;
        const double qa4 = 1.26171219808761642112e-01;
        const double qa5 = 1.36370839120290507362e-02;
        const double qa6 = 1.19844998467991074170e-02;

        var p = pa0 + s * (pa1 + s * (pa2 + s * (pa3 + s * (pa4 + s * (pa5 + s * pa6)))));
        var q = 1 + s * (qa1 + s * (qa2 + s * (qa3 + s * (qa4 + s * (qa5 + s * qa6)))));
        return erx + p / q;
    }

    /// <summary>2ᵏ for −1022 ≤ k ≤ 1023.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double PowerOfTwo(int k) => BitConverter.Int64BitsToDouble((long)(1023 + k) << 52);

    /// <summary>1 − erf(x) for 1.25 ≤ x &lt; 6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Complement(double x)
    {
        const double ra0 = -9.86494403484714822705e-03;
        const double ra1 = -6.93858572707181764372e-01;
        const double ra2 = -1.05586262253232909814e+01;
        const double ra3 = -6.23753324503260060396e+01;
        const double ra4 = -1.62396669462573470355e+02;
        const double ra5 = -1.84605092906711035994e+02;
        const double ra6 = -8.12874355063065934246e+01;
        const double ra7 = -9.81432934416914548592e+00;
        const double sa1 = 1.96512716674392571292e+01;
        const double sa2 = 1.37657754143519042600e+02;
        const double sa3 = 4.34565877475229228821e+02;
        const double sa4 = 6.45387271733267880336e+02;
        const double sa5 = 4.29008140027567833386e+02;
        const double sa6 = 1.08635005541779435134e+02;
        const double sa7 = 6.57024977031928170135e+00;
        const double sa8 = -6.04244152148580987438e-02;
        const double rb0 = -9.86494292470009928597e-03;
        const double rb1 = -7.99283237680523006574e-01;
        const double rb2 = -1.77579549177547519889e+01;
        const double rb3 = -1.60636384855821916062e+02;
        const double rb4 = -6.37566443368389627722e+02;
        const double rb5 = -1.02509513161107724954e+03;
        const double rb6 = -4.83519191608651397019e+02;
        const double sb1 = 3.03380607434824582924e+01;
        const double sb2 = 3.25792512996573918826e+02;
        const double sb3 = 1.53672958608443695994e+03;
        const double sb4 = 3.19985821950859553908e+03;
        const double sb5 = 2.55305040643316442583e+03;
        const double sb6 = 4.74528541206955367215e+02;
        const double sb7 = -2.24409524465858183362e+01;

        var s = 1 / (x * x);
        double r, d;
        if (x < 2.857142857142857)
        {
            r = ra0 + s * (ra1 + s * (ra2 + s * (ra3 + s * (ra4 + s * (ra5 + s * (ra6 + s * ra7))))));
            d = 1 + s * (sa1 + s * (sa2 + s * (sa3 + s * (sa4 + s * (sa5 + s * (sa6 + s * (sa7 + s * sa8)))))));
        }
        else
        {
            r = rb0 + s * (rb1 + s * (rb2 + s * (rb3 + s * (rb4 + s * (rb5 + s * rb6)))));
            d = 1 + s * (sb1 + s * (sb2 + s * (sb3 + s * (sb4 + s * (sb5 + s * (sb6 + s * sb7))))));
        }

        // e^(-x²) with the rounding of x² given back: z is x without its lower half.
        var z = BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(x) & unchecked((long)0xFFFFFFFF00000000));
        return Math.Exp(-z * z - 0.5625) * Math.Exp((z - x) * (z + x) + r / d) / x;
    }
}
