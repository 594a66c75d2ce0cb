using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Random orders.</summary>
internal static class Shuffle
{
    /// <summary>The numbers 0 … n − 1 in random order: the shuffle of Fisher and Yates, in the form of Durstenfeld (1964).</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int[] Permutation(int n, ulong counter, ulong key)
    {
        const int Chunk = 1024;
        var order = new int[n];
        for (var i = 0; i < n; i++)
        {
            order[i] = i;
        }

        Span<uint> words = stackalloc uint[Chunk];
        for (var done = 0; done < n; done += Chunk)
        {
            var count = Math.Min(Chunk, n - done);
            Philox.Words(words[..count], counter + (ulong)(done / Philox.WordsPerBlock), key);
            for (var i = 0; i < count; i++)
            {
                var last = n - 1 - done - i;
                var chosen = (int)BoundedInteger.From(words[i], (uint)last + 1, done + i, counter, key);
                (order[last], order[chosen]) = (order[chosen], order[last]);
            }
        }

        return order;
    }
}
