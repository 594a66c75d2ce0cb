using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>A 512-bit register of float32 lanes.</summary>
internal readonly struct Singles512(Vector512<float> value) : ISingles<Singles512>
{
    private readonly Vector512<float> v = value;

    /// <summary>The register itself.</summary>
    public Vector512<float> Register
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        get => v;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static implicit operator Singles512(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 operator +(Singles512 a, Singles512 b) => new(a.v + b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 operator -(Singles512 a, Singles512 b) => new(a.v - b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 operator *(Singles512 a, Singles512 b) => new(a.v * b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 MultiplyAdd(Singles512 a, Singles512 b, Singles512 c) =>
        new(Vector512.MultiplyAddEstimate(a.v, b.v, c.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 AtMost(Singles512 bound, Singles512 x) => new(Vector512.MinNative(bound.v, x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 AtLeast(Singles512 bound, Singles512 x) => new(Vector512.MaxNative(bound.v, x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 Abs(Singles512 x) => new(Vector512.Abs(x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 CopySign(Singles512 x, Singles512 sign) =>
        new(Vector512.ConditionalSelect(Vector512.Create(-0f), sign.v, x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 IfGreater(Singles512 a, Singles512 b, Singles512 then, Singles512 otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(a.v, b.v), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 IfEqual(Singles512 a, Singles512 b, Singles512 then, Singles512 otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(a.v, b.v), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 AddBits(Singles512 a, Singles512 b) => new((a.v.AsInt32() + b.v.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 SubtractBits(Singles512 a, Singles512 b) => new((a.v.AsInt32() - b.v.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 AndBits(Singles512 a, Singles512 b) => new(a.v & b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 XorBits(Singles512 a, Singles512 b) => new(a.v ^ b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 IfBitsEqual(Singles512 a, Singles512 b, Singles512 then, Singles512 otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(a.v.AsInt32(), b.v.AsInt32()).AsSingle(), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static bool Fits(Singles512 x, Singles512 limit) =>
        (Fma.IsSupported || AdvSimd.IsSupported) && Vector512.LessThanOrEqualAll(Vector512.Abs(x.v), limit.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 ShiftToSign(Singles512 a) => new((a.v.AsInt32() << 30).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 ShiftToExponent(Singles512 a) => new((a.v.AsInt32() << 23).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 HalveBits(Singles512 a) => new((a.v.AsInt32() >> 1).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 BitsToNumber(Singles512 a) => new(Vector512.ConvertToSingle(a.v.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 Reciprocal(Singles512 x)
    {
        if (!Avx512F.IsSupported)
        {
            return new(Vector512<float>.One / x.v);
        }

        // A division costs 16 cycles; the estimate of 14 bits and one step of Newton's give 24.
        var estimate = Avx512F.Reciprocal14(x.v);
        var error = Avx512F.FusedMultiplyAddNegated(x.v, estimate, Vector512<float>.One);
        return new(Avx512F.FusedMultiplyAdd(estimate, error, estimate));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 Quotient(Singles512 a, Singles512 b)
    {
        if (!Avx512F.IsSupported)
        {
            return new(a.v / b.v);
        }

        // As with the reciprocal; a comes in before the correction, which would have to be waited for.
        var estimate = Avx512F.Reciprocal14(b.v);
        var error = Avx512F.FusedMultiplyAddNegated(b.v, estimate, Vector512<float>.One);
        var quotient = a.v * estimate;
        return new(Avx512F.FusedMultiplyAdd(quotient, error, quotient));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 Scale(Singles512 x, Singles512 n) =>
        Avx512F.IsSupported ? new(Avx512F.Scale(x.v, n.v)) : SingleMath.ScaleByParts(x, n);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 Harmless(Singles512 lowest, Singles512 x) => Avx512F.IsSupported ? x : IfGreater(lowest, x, 0f, x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles512 ScaleFrom(Singles512 lowest, Singles512 x, Singles512 p, Singles512 n) =>
        Avx512F.IsSupported
            ? new(Vector512.ConditionalSelect(Avx512F.CompareNotLessThan(x.v, lowest.v), Avx512F.Scale(p.v, n.v), Vector512<float>.Zero))
            : IfGreater(lowest, x, 0f, Scale(p, n));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static (Singles512 Mantissa, Singles512 Exponent) Split(Singles512 x)
    {
        if (!Avx512F.IsSupported)
        {
            return SingleMath.SplitBits(x);
        }

        // Control: NaN for a negative number (bit 3), mantissa in [0.75, 1.5) (bits 0-1).
        var mantissa = Avx512F.GetMantissa(x.v, 0b1011);
        return (new(mantissa), new(Avx512F.GetExponent(x.v) - Avx512F.GetExponent(mantissa)));
    }
}
