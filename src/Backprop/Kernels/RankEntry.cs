using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>An element's key, an unsigned integer of the same order as the elements, and its position.</summary>
internal readonly struct RankEntry(ulong key, int index) : IComparable<RankEntry>
{
    /// <summary>The key of NaN: above all numbers of floating point.</summary>
    public const ulong NaN = ulong.MaxValue;

    public readonly ulong Key = key;
    public readonly int Index = index;

    /// <summary>The order of the elements as one of integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static ulong KeyOf<T>(T value)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return KeyOf(Unsafe.BitCast<T, float>(value));
        }

        if (typeof(T) == typeof(double))
        {
            return KeyOf(Unsafe.BitCast<T, double>(value));
        }

        if (typeof(T) == typeof(int))
        {
            return Unsafe.BitCast<T, uint>(value) ^ 0x80000000u;
        }

        if (typeof(T) == typeof(long))
        {
            return Unsafe.BitCast<T, ulong>(value) ^ (1UL << 63);
        }

        return typeof(T) == typeof(byte) ? Unsafe.BitCast<T, byte>(value) : throw new NotSupportedException($"The order of {typeof(T)}.");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public int CompareTo(RankEntry other) => Key < other.Key ? -1 : Key > other.Key ? 1 : Index - other.Index;

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static ulong KeyOf(float value)
    {
        // Negative numbers grow as their bits shrink. Adding 0 makes −0 positive.
        var bits = BitConverter.SingleToInt32Bits(value + 0f);
        return float.IsNaN(value) ? NaN : (uint)(bits ^ ((bits >> 31) | int.MinValue));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static ulong KeyOf(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value + 0.0);
        return double.IsNaN(value) ? NaN : (ulong)(bits ^ ((bits >> 63) | long.MinValue));
    }
}
