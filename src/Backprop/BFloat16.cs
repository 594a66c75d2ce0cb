using System.Globalization;
using System.Runtime.CompilerServices;
using Backprop.Kernels;

namespace Backprop;

/// <summary>
/// A 16-bit floating point number with the exponent of float and 8 bits of precision: the upper half of a float. An element type to store; arithmetic is
/// done in float.
/// </summary>
/// <remarks>IEEE half precision, with its smaller range and 11 bits of precision, is .NET's <see cref="Half"/>.</remarks>
public readonly struct BFloat16 : IEquatable<BFloat16>
{
    private readonly ushort bits;

    private BFloat16(ushort bits)
    {
        this.bits = bits;
    }

    /// <summary>The nearest of these numbers, the even one of two that are equally near; too large ones become infinite.</summary>
    /// <param name="value">Any float; NaN stays NaN.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator BFloat16(float value) => new(BrainFloat.Round(BitConverter.SingleToUInt32Bits(value)));

    /// <summary>The same number as a float: nothing is lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.bits << 16);

    /// <summary>Equal as numbers: 0 and −0 are, NaN and NaN are not.</summary>
    public static bool operator ==(BFloat16 left, BFloat16 right) => (float)left == (float)right;

    /// <summary>Different as numbers.</summary>
    public static bool operator !=(BFloat16 left, BFloat16 right) => (float)left != (float)right;

    /// <inheritdoc/>
    public bool Equals(BFloat16 other) => ((float)this).Equals(other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((float)this).GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => ((float)this).ToString(CultureInfo.InvariantCulture);
}
