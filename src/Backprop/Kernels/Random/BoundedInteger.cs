using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Integers in 0 … bound − 1 with equal chances (Lemire: "Fast random integer generation in an interval", 2019). A word
/// that would favour some results is replaced by the word at the same place in the next stream, so every element stays a
/// pure function of its own place in the sequence.
/// </summary>
internal static class BoundedInteger
{
    /// <summary>Turns <paramref name="word"/>, which is number <paramref name="index"/> of the sequence, into a result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint From(uint word, uint bound, long index, ulong counter, ulong key)
    {
        var product = (ulong)word * bound;
        return (uint)product >= bound ? (uint)(product >> 32) : Resolve(product, bound, index, counter, key);
    }

    /// <summary>As above with 64-bit words, two to a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong From(ulong word, ulong bound, long index, ulong counter, ulong key)
    {
        var high = Math.BigMul(word, bound, out var low);
        return low >= bound ? high : Resolve(high, low, bound, index, counter, key);
    }

    private static uint Resolve(ulong product, uint bound, long index, ulong counter, ulong key)
    {
        var threshold = (0u - bound) % bound;
        for (var stream = 1UL; (uint)product < threshold; stream++)
        {
            var (w0, w1, w2, w3) = Philox.Block(counter + (ulong)(index >> 2), key, stream);
            var word = (index & 3) switch { 0 => w0, 1 => w1, 2 => w2, _ => w3 };
            product = (ulong)word * bound;
        }

        return (uint)(product >> 32);
    }

    private static ulong Resolve(ulong high, ulong low, ulong bound, long index, ulong counter, ulong key)
    {
        var threshold = (0UL - bound) % bound;
        for (var stream = 1UL; low < threshold; stream++)
        {
            var (w0, w1, w2, w3) = Philox.Block(counter + (ulong)(index >> 1), key, stream);
            var word = (index & 1) == 0 ? w0 | ((ulong)w1 << 32) : w2 | ((ulong)w3 << 32);
            high = Math.BigMul(word, bound, out low);
        }

        return high;
    }
}
