using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>A 256-bit register of float32 lanes.</summary>
internal readonly struct Singles256(Vector256<float> value) : ISingles<Singles256>
{
    private readonly Vector256<float> v = value;

    /// <summary>The register itself.</summary>
    public Vector256<float> Register
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        get => v;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static implicit operator Singles256(float value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 operator +(Singles256 a, Singles256 b) => new(a.v + b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 operator -(Singles256 a, Singles256 b) => new(a.v - b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 operator *(Singles256 a, Singles256 b) => new(a.v * b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 MultiplyAdd(Singles256 a, Singles256 b, Singles256 c) =>
        new(Vector256.MultiplyAddEstimate(a.v, b.v, c.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 AtMost(Singles256 bound, Singles256 x) => new(Vector256.MinNative(bound.v, x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 AtLeast(Singles256 bound, Singles256 x) => new(Vector256.MaxNative(bound.v, x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 Abs(Singles256 x) => new(Vector256.Abs(x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 CopySign(Singles256 x, Singles256 sign) =>
        new(Vector256.ConditionalSelect(Vector256.Create(-0f), sign.v, x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 IfGreater(Singles256 a, Singles256 b, Singles256 then, Singles256 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(a.v, b.v), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 IfEqual(Singles256 a, Singles256 b, Singles256 then, Singles256 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(a.v, b.v), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 AddBits(Singles256 a, Singles256 b) => new((a.v.AsInt32() + b.v.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 SubtractBits(Singles256 a, Singles256 b) => new((a.v.AsInt32() - b.v.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 AndBits(Singles256 a, Singles256 b) => new(a.v & b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 XorBits(Singles256 a, Singles256 b) => new(a.v ^ b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 IfBitsEqual(Singles256 a, Singles256 b, Singles256 then, Singles256 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(a.v.AsInt32(), b.v.AsInt32()).AsSingle(), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static bool Fits(Singles256 x, Singles256 limit) =>
        (Fma.IsSupported || AdvSimd.IsSupported) && Vector256.LessThanOrEqualAll(Vector256.Abs(x.v), limit.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 ShiftToSign(Singles256 a) => new((a.v.AsInt32() << 30).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 ShiftToExponent(Singles256 a) => new((a.v.AsInt32() << 23).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 HalveBits(Singles256 a) => new((a.v.AsInt32() >> 1).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 BitsToNumber(Singles256 a) => new(Vector256.ConvertToSingle(a.v.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 Reciprocal(Singles256 x) => new(Vector256<float>.One / x.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 Quotient(Singles256 a, Singles256 b) => new(a.v / b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 Scale(Singles256 x, Singles256 n) => SingleMath.ScaleByParts(x, n);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 Harmless(Singles256 lowest, Singles256 x) => IfGreater(lowest, x, 0f, x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Singles256 ScaleFrom(Singles256 lowest, Singles256 x, Singles256 p, Singles256 n) => IfGreater(lowest, x, 0f, Scale(p, n));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static (Singles256 Mantissa, Singles256 Exponent) Split(Singles256 x) => SingleMath.SplitBits(x);
}
