using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Conversion to float32 on the way to 16 bits: what is no float32 becomes the neighbour with the odd last bit, which is no tie between 16-bit numbers. So the
/// second rounding gives what a single one would (Boldo and Melquiond, 2008).
/// </summary>
internal static class RoundToOdd
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(double value)
    {
        var nearest = (float)value;
        if (nearest == value || !float.IsFinite(nearest))
        {
            return nearest;
        }

        var bits = BitConverter.SingleToInt32Bits(nearest) - (Math.Abs((double)nearest) > Math.Abs(value) ? 1 : 0);
        return BitConverter.Int32BitsToSingle(bits | 1);
    }

    /// <summary>The same for integers, whose last bits may not fit a double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(long value)
    {
        // Shifted until it fits, with what is lost as a last bit.
        var (shift, size) = (0, value < 0 ? (ulong)-value : (ulong)value);
        if (size >= 1UL << 52)
        {
            shift = 11;
            size = (size >> shift) | ((size & ((1UL << shift) - 1)) == 0 ? 0UL : 1UL);
        }

        var single = ToSingle((double)size);
        return (value < 0 ? -single : single) * (1 << shift);
    }
}

/// <summary>float64 or int64 → float32 on the way to 16 bits. Operands: destination, source.</summary>
internal readonly unsafe struct RoundToOddRun<TFrom> : IRun
    where TFrom : unmanaged
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var to = (float*)operands[0];
        for (var i = 0; i < count; i++)
        {
            to[i] = typeof(TFrom) == typeof(double) ? RoundToOdd.ToSingle(((double*)operands[1])[i])
                : typeof(TFrom) == typeof(long) ? RoundToOdd.ToSingle(((long*)operands[1])[i])
                : RoundToOdd.ToSingle((double)((int*)operands[1])[i]);
        }
    }
}
