namespace Backprop.Kernels;

/// <summary>
/// A register of float32 lanes with access to its bits: what the polynomials of <see cref="SingleMath"/> are written over,
/// so that each is written once for every register width.
/// </summary>
internal interface ISingles<V>
    where V : struct, ISingles<V>
{
    /// <summary>All lanes equal to <paramref name="value"/>.</summary>
    static abstract implicit operator V(float value);

    /// <summary>Sum.</summary>
    static abstract V operator +(V a, V b);

    /// <summary>Difference.</summary>
    static abstract V operator -(V a, V b);

    /// <summary>Product.</summary>
    static abstract V operator *(V a, V b);

    /// <summary>a · b + c in one rounding where the processor can.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    /// <summary>The smaller; a NaN in <paramref name="x"/> stays (on hardware whose minimum loses it, the bound is first).</summary>
    static abstract V AtMost(V bound, V x);

    /// <summary>The larger; a NaN in <paramref name="x"/> stays.</summary>
    static abstract V AtLeast(V bound, V x);

    /// <summary>|x|.</summary>
    static abstract V Abs(V x);

    /// <summary>The magnitude of <paramref name="x"/> with the sign of <paramref name="sign"/>.</summary>
    static abstract V CopySign(V x, V sign);

    /// <summary>a &gt; b ? then : otherwise.</summary>
    static abstract V IfGreater(V a, V b, V then, V otherwise);

    /// <summary>a = b ? then : otherwise.</summary>
    static abstract V IfEqual(V a, V b, V then, V otherwise);

    /// <summary>Sum of the bit patterns as 32-bit integers.</summary>
    static abstract V AddBits(V a, V b);

    /// <summary>Difference of the bit patterns as 32-bit integers.</summary>
    static abstract V SubtractBits(V a, V b);

    /// <summary>Bitwise and.</summary>
    static abstract V AndBits(V a, V b);

    /// <summary>Bitwise exclusive or.</summary>
    static abstract V XorBits(V a, V b);

    /// <summary>bits of a = bits of b ? then : otherwise.</summary>
    static abstract V IfBitsEqual(V a, V b, V then, V otherwise);

    /// <summary>Whether every |lane| is at most <paramref name="limit"/> and the processor fuses a · b + c.</summary>
    static abstract bool Fits(V x, V limit);

    /// <summary>The bit pattern shifted left by 30: bit 1 moved to the sign.</summary>
    static abstract V ShiftToSign(V a);

    /// <summary>The bit pattern shifted left by 23: an integer moved to where the exponent is.</summary>
    static abstract V ShiftToExponent(V a);

    /// <summary>The bit pattern, taken as a 32-bit integer, halved (rounding down).</summary>
    static abstract V HalveBits(V a);

    /// <summary>The bit pattern, taken as a 32-bit integer, as a float.</summary>
    static abstract V BitsToNumber(V a);

    /// <summary>1 / x within 1 ulp, for 2⁻⁶⁰ &lt; x &lt; 2⁶⁰.</summary>
    static abstract V Reciprocal(V x);

    /// <summary>a / b within 2 ulp, for 2⁻⁶⁰ &lt; b &lt; 2⁶⁰.</summary>
    static abstract V Quotient(V a, V b);

    /// <summary>x · 2ⁿ, n a whole number within ±300, in one rounding.</summary>
    static abstract V Scale(V x, V n);

    /// <summary>x, or any number in its place where it is below <paramref name="lowest"/>, if computing with it would cost time.</summary>
    static abstract V Harmless(V lowest, V x);

    /// <summary>p · 2ⁿ as <see cref="Scale"/> gives it, and 0 where x is below <paramref name="lowest"/>, whatever p and n are there.</summary>
    static abstract V ScaleFrom(V lowest, V x, V p, V n);

    /// <summary>
    /// x = mantissa · 2^exponent with 0.75 ≤ mantissa &lt; 1.5. For 0 the exponent is −∞, for +∞ it is +∞; NaN if x is
    /// negative or NaN.
    /// </summary>
    static abstract (V Mantissa, V Exponent) Split(V x);
}
