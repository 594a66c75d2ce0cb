using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Backprop.Kernels;

/// <summary>
/// A number of 64 bits that stands for a stretch of memory: other bytes give another one, but for a chance of 2⁻⁶⁴. No defence against malice.
/// </summary>
internal static class Fingerprint
{
    private const ulong Prime = 0x9E3779B97F4A7C15;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ulong a = 1, b = 2, c = 3, d = 4;
        var i = 0;
        for (; i + 4 <= words.Length; i += 4)
        {
            a = Mix(a, words[i]);
            b = Mix(b, words[i + 1]);
            c = Mix(c, words[i + 2]);
            d = Mix(d, words[i + 3]);
        }

        for (; i < words.Length; i++)
        {
            a = Mix(a, words[i]);
        }

        foreach (var rest in bytes[(words.Length * sizeof(ulong))..])
        {
            b = Mix(b, rest);
        }

        return Mix(Mix(Mix(Mix(a, b), c), d), (ulong)bytes.Length);
    }

    /// <summary>One to one in each of the two, so that a difference never vanishes within a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong state, ulong word) => BitOperations.RotateLeft((state ^ word) * Prime, 29);
}
