using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>
/// Functions of float32 registers, within 4 ulp over the whole domain (exp, log 1 to 2). Every polynomial is the minimax
/// one for its interval by Remez' exchange, with coefficients rounded to float32 one after the other, the rest fitted anew.
/// </summary>
internal static class SingleMath
{
    private const float Log2E = 1.44269504f;

    // ln 2 in two parts; the first has few enough bits for its product with an exponent to be exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;
    private const float Ln2 = 0.693147182f;

    // Adding 1.5 · 2²³ leaves the nearest integer in the low bits.
    private const float Rounder = 12582912f;

    // Up to here n π/2 is subtracted from x without loss.
    private const float CircleLimit = 65536f;

    /// <summary>eˣ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Exp<V>(V x)
        where V : struct, ISingles<V> => ExpUpTo150(V.AtMost(150f, x)); // above 150 Scale overflows by itself

    /// <summary>eˣ for x up to 150.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V ExpUpTo150<V>(V x)
        where V : struct, ISingles<V>
    {
        // x = n ln 2 + r, |r| <= ln 2 / 2, and e^r = 1 + r p(r). Below -104 the result is 0 without having been computed: an underflow
        // costs a hundred cycles, and rows masked with -infinity are full of them.
        const float lowest = -104f;
        var bounded = V.Harmless(lowest, x);
        var n = V.MultiplyAdd(bounded, Log2E, Rounder) - Rounder;
        var r = Reduce(bounded, n);
        V p = 1.383800292e-3f;
        p = V.MultiplyAdd(p, r, 8.369165473e-3f);
        p = V.MultiplyAdd(p, r, 4.166810215e-2f);
        p = V.MultiplyAdd(p, r, 1.666651666e-1f);
        p = V.MultiplyAdd(p, r, 4.999999404e-1f);
        p = V.MultiplyAdd(p, r, 1f);
        p = V.MultiplyAdd(p, r, 1f);
        return V.ScaleFrom(lowest, x, p, n);
    }

    /// <summary>eˣ − 1, accurate near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Expm1<V>(V x)
        where V : struct, ISingles<V>
    {
        // s = 2^(n-1), since 2^n overflows first; e^x - 1 = 2 (s (e^r - 1) + (s - 1/2)).
        var bounded = V.AtLeast(-30f, V.AtMost(88.9f, x));
        var biased = V.MultiplyAdd(bounded, Log2E, Rounder);
        var s = V.AddBits(V.ShiftToExponent(biased), BitConverter.Int32BitsToSingle(126 << 23));
        var r = Reduce(bounded, biased - Rounder);
        var y = V.MultiplyAdd(s, Expm1Reduced(r), s - 0.5f);
        // x itself where the square of x is lost: keeps denormals and the sign of 0.
        return V.IfGreater(V.Abs(x), 1e-8f, y + y, x);
    }

    /// <summary>ln x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Log<V>(V x)
        where V : struct, ISingles<V>
    {
        var (mantissa, exponent) = V.Split(x);
        return V.MultiplyAdd(exponent, Ln2, LogReduced(mantissa - 1f));
    }

    /// <summary>ln(1 + x), accurate near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Log1p<V>(V x)
        where V : struct, ISingles<V>
    {
        // 1 + x = 2^e (1 + f) with f = x 2^-e + (2^-e - 1), so that x loses nothing; i holds e where the exponent is.
        V origin = 0.75f;
        var i = V.AndBits(V.SubtractBits(x + 1f, origin), BitConverter.Int32BitsToSingle(unchecked((int)0xFF800000)));
        var f = V.SubtractBits(x, i) + V.MultiplyAdd(V.SubtractBits(4f, i), 0.25f, -1f);
        var y = V.MultiplyAdd(V.BitsToNumber(i), Ln2 / (1 << 23), LogReduced(f));
        y = V.IfGreater(V.Abs(x), 1e-8f, y, x);
        y = V.IfGreater(x, -1f, y, V.IfEqual(x, -1f, float.NegativeInfinity, float.NaN));
        return V.IfEqual(x, float.PositiveInfinity, x, y);
    }

    /// <summary>Hyperbolic tangent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Tanh<V>(V x)
        where V : struct, ISingles<V>
    {
        // With u = e^(-2|x|) - 1 the magnitude is -u / (u + 2); beyond 9.02 it rounds to 1.
        var z = V.AtLeast(-18.5f, V.Abs(x) * -2f);
        var biased = V.MultiplyAdd(z, Log2E, Rounder);
        var s = V.AddBits(V.ShiftToExponent(biased), 1f);
        var u = V.MultiplyAdd(s, Expm1Reduced(Reduce(z, biased - Rounder)), s - 1f);
        return V.CopySign(V.Quotient(u, u + 2f), x);
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Sigmoid<V>(V x)
        where V : struct, ISingles<V>
    {
        // From z = e^-|x|, so that neither tail overflows: 1 / (1 + z) or z / (1 + z).
        var z = ExpUpTo150(V.CopySign(x, -0f));
        return V.Quotient(V.IfGreater(0f, x, z, 1f), z + 1f);
    }

    /// <summary>Error function.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Erf<V>(V x)
        where V : struct, ISingles<V>
    {
        var size = V.AtMost(4f, V.Abs(x));

        // Up to 0.93: x + x p(x²).
        var square = size * size;
        V p = -5.925124860e-4f;
        p = V.MultiplyAdd(p, square, 4.980687518e-3f);
        p = V.MultiplyAdd(p, square, -2.675856464e-2f);
        p = V.MultiplyAdd(p, square, 1.128161773e-1f);
        p = V.MultiplyAdd(p, square, -3.761247993e-1f);
        p = V.MultiplyAdd(p, square, 1.283791512e-1f);
        var small = V.MultiplyAdd(p, size, size);

        // Above: 1 - e^-(x + x q(x)); it rounds to 1 from 3.92 on.
        V q = 2.141534496e-4f;
        q = V.MultiplyAdd(q, size, -3.216451732e-3f);
        q = V.MultiplyAdd(q, size, 2.289512753e-2f);
        q = V.MultiplyAdd(q, size, -1.052705050e-1f);
        q = V.MultiplyAdd(q, size, -6.357112527e-1f);
        q = V.MultiplyAdd(q, size, -1.285165995e-1f);
        var large = (V)1f - Exp(V.MultiplyAdd(q, size, V.CopySign(size, -0f)));
        return V.CopySign(V.IfGreater(size, 0.93f, large, small), x);
    }

    /// <summary>1 − erf x, to a few units in the last place also where that is small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Erfc<V>(V x)
        where V : struct, ISingles<V>
    {
        // Below -9 the tail counts for nothing.
        var size = V.Abs(V.AtMost(10.25f, V.AtLeast(-9f, x)));
        var tail = Tail(size, size, size * (V)0.5f, 0f);
        return V.IfGreater(0f, x, (V)2f - tail, tail);
    }

    /// <summary>The normal distribution function, erfc(−x / √2) / 2, to a few units in the last place also where that is small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V NormalDistribution<V>(V x)
        where V : struct, ISingles<V>
    {
        // 1 / √8 in two parts: rounded to one it would cost a digit. Above 9 the tail counts for nothing.
        const float high = 0.353553385f;
        const float low = 6.05080852e-9f;
        var size = V.Abs(V.AtMost(9f, V.AtLeast(-14.5f, x)));
        var half = size * (V)high;
        var lost = V.MultiplyAdd(size, low, V.MultiplyAdd(size, high, V.CopySign(half, -0f)));
        var tail = Tail(size, size * (V)0.5f, half, lost) * (V)0.5f;
        return V.IfGreater(x, 0f, (V)1f - tail, tail);
    }

    /// <summary>e^(−a b) p(1 / (1 + half + lost)): erfc x for a b = x² and half + lost = x / 2, the second the little that the first lacks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static V Tail<V>(V a, V b, V half, V lost)
        where V : struct, ISingles<V>
    {
        var product = a * b;
        var sum = half + 1f;
        var t = V.Reciprocal(sum);

        // By how much t is too small, in parts of t: what the sum lost, and what the quotient lost.
        var whole = sum - 1f;
        lost += ((V)1f - (sum - whole)) + (half - whole);
        var missing = V.MultiplyAdd(V.CopySign(t, -0f), sum, 1f) - (t * lost);
        V p = 2.746139280e-2f;
        p = V.MultiplyAdd(p, t, -2.082212567e-1f);
        p = V.MultiplyAdd(p, t, 6.363844275e-1f);
        p = V.MultiplyAdd(p, t, -9.601982832e-1f);
        p = V.MultiplyAdd(p, t, 6.780840158e-1f);
        p = V.MultiplyAdd(p, t, -2.481809407e-1f);
        p = V.MultiplyAdd(p, t, 2.837935984e-1f);
        p = V.MultiplyAdd(p, t, 2.237856686e-1f);
        p = V.MultiplyAdd(p, t, 2.852335572e-1f);
        var slope = V.MultiplyAdd(p, t, 2.818494737e-1f);
        var rest = V.MultiplyAdd(p, t, (V)2.818494737e-1f - slope);
        p = V.MultiplyAdd(slope, t, V.MultiplyAdd(V.MultiplyAdd(slope, missing, rest), t, 8.353209523e-6f));
        if (!Fma.IsSupported && !AdvSimd.IsSupported)
        {
            return (p - (p * LostByMultiplying(a, b, product))) * Exp(V.CopySign(product, -0f));
        }

        // -a b = n ln 2 - r. What the product loses by rounding would count in the exponent, so r takes it unrounded.
        var n = V.MultiplyAdd(product, -Log2E, Rounder) - Rounder;
        var r = V.MultiplyAdd(n, Ln2Low, V.MultiplyAdd(a, b, n * Ln2High));
        V q = 1.383800292e-3f;
        q = V.MultiplyAdd(q, r, -8.369165473e-3f);
        q = V.MultiplyAdd(q, r, 4.166810215e-2f);
        q = V.MultiplyAdd(q, r, -1.666651666e-1f);
        q = V.MultiplyAdd(q, r, 4.999999404e-1f);
        q = V.MultiplyAdd(q, r, -1f);
        return V.Scale(V.MultiplyAdd(p, q * r, p), n);
    }

    /// <summary>a b − product, exactly, where nothing is fused; product is a b as it was rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static V LostByMultiplying<V>(V a, V b, V product)
        where V : struct, ISingles<V>
    {
        // In halves of 12 bits, whose products are exact (Dekker, "A floating-point technique for extending the available precision", 1971).
        var (highA, highB) = (a * (V)4097f, b * (V)4097f);
        highA -= highA - a;
        highB -= highB - b;
        var (lowA, lowB) = (a - highA, b - highB);
        return ((highA * highB) - product) + ((highA * lowB) + (lowA * highB)) + (lowA * lowB);
    }

    /// <summary>Sine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Sin<V>(V x)
        where V : struct, ISingles<V>
        => V.Fits(x, CircleLimit) ? V.IfEqual(x, 0f, x, Wave(x, 0f)) : PerLane.MapSingle<PerLane.Sin, V>(x);

    /// <summary>Cosine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Cos<V>(V x)
        where V : struct, ISingles<V>
        => V.Fits(x, CircleLimit) ? Wave(x, 1f) : PerLane.MapSingle<PerLane.Cos, V>(x);

    /// <summary>sin(x + quarters · π/2) for |x| up to <see cref="CircleLimit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static V Wave<V>(V x, V quarters)
        where V : struct, ISingles<V>
    {
        // x = n π/2 + r, |r| <= π/4, with π/2 in three parts; the low bits of n + quarters say which wave and which sign.
        var biased = V.MultiplyAdd(x, 0.636619772f, Rounder);
        var n = biased - Rounder;
        var r = V.MultiplyAdd(n, -1.57079601f, x);
        r = V.MultiplyAdd(n, -3.1391647326e-7f, r);
        r = V.MultiplyAdd(n, -5.3903029535e-15f, r);
        var square = r * r;

        V p = -1.950788283e-4f;
        p = V.MultiplyAdd(p, square, 8.332106285e-3f);
        p = V.MultiplyAdd(p, square, -1.666665375e-1f);
        var sine = V.MultiplyAdd(p, square * r, r);

        V q = 2.443210178e-5f;
        q = V.MultiplyAdd(q, square, -1.388730831e-3f);
        q = V.MultiplyAdd(q, square, 4.166664556e-2f);
        q = V.MultiplyAdd(q, square, -0.5f);
        var cosine = V.MultiplyAdd(q, square, 1f);

        var turn = biased + quarters;
        var odd = V.AndBits(turn, BitConverter.Int32BitsToSingle(1));
        var y = V.IfBitsEqual(odd, 0f, sine, cosine);
        return V.XorBits(y, V.ShiftToSign(V.AndBits(turn, BitConverter.Int32BitsToSingle(2))));
    }

    /// <summary>x · 2ⁿ by two powers of two, since 2ⁿ may be out of range when the product is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static V ScaleByParts<V>(V x, V n)
        where V : struct, ISingles<V>
    {
        // n as an integer: the low bits of n + Rounder, less those of Rounder.
        var whole = V.SubtractBits(n + Rounder, Rounder);
        var first = V.HalveBits(whole);
        return x
            * V.AddBits(V.ShiftToExponent(first), 1f)
            * V.AddBits(V.ShiftToExponent(V.SubtractBits(whole, first)), 1f);
    }

    /// <summary>Mantissa and exponent by integer arithmetic.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static (V Mantissa, V Exponent) SplitBits<V>(V x)
        where V : struct, ISingles<V>
    {
        const float smallestNormal = 1.17549435e-38f;
        var normal = V.IfGreater(smallestNormal, x, x * 8388608f, x);
        var shift = V.IfGreater(smallestNormal, x, -23f, 0f);
        V origin = 0.75f;
        var i = V.AndBits(V.SubtractBits(normal, origin), BitConverter.Int32BitsToSingle(unchecked((int)0xFF800000)));
        var exponent = V.MultiplyAdd(V.BitsToNumber(i), 1f / (1 << 23), shift);
        // 0, +infinity, and whatever is no number at all.
        exponent = V.IfGreater(x, 0f, exponent, V.IfEqual(x, 0f, float.NegativeInfinity, float.NaN));
        exponent = V.IfEqual(x, float.PositiveInfinity, x, exponent);
        return (V.SubtractBits(normal, i), exponent);
    }

    /// <summary>x − n ln 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static V Reduce<V>(V x, V n)
        where V : struct, ISingles<V> => V.MultiplyAdd(n, -Ln2Low, V.MultiplyAdd(n, -Ln2High, x));

    /// <summary>eʳ − 1 for |r| ≤ ln 2 / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static V Expm1Reduced<V>(V r)
        where V : struct, ISingles<V>
    {
        V p = 1.391793485e-3f;
        p = V.MultiplyAdd(p, r, 8.367090486e-3f);
        p = V.MultiplyAdd(p, r, 4.166661203e-2f);
        p = V.MultiplyAdd(p, r, 1.666653901e-1f);
        p = V.MultiplyAdd(p, r, 5.000000000e-1f);
        return V.MultiplyAdd(p, r * r, r);
    }

    /// <summary>ln(1 + f) for −0.25 ≤ f &lt; 0.5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static V LogReduced<V>(V f)
        where V : struct, ISingles<V>
    {
        V p = 5.430664867e-2f;
        p = V.MultiplyAdd(p, f, -1.208109334e-1f);
        p = V.MultiplyAdd(p, f, 1.498360485e-1f);
        p = V.MultiplyAdd(p, f, -1.682090461e-1f);
        p = V.MultiplyAdd(p, f, 1.997698396e-1f);
        p = V.MultiplyAdd(p, f, -2.499352992e-1f);
        p = V.MultiplyAdd(p, f, 3.333355188e-1f);
        p = V.MultiplyAdd(p, f, -5.000005960e-1f);
        return V.MultiplyAdd(p, f * f, f);
    }
}
