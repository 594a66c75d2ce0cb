using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Orders entries by key and position.</summary>
internal static class RankEntries
{
    private const int Digits = 8;
    private const int Values = 256;

    // Below this the histograms cost more than comparing.
    private const int LeastForDigits = 384;

    /// <summary>Sorts entries that lie in the order of their positions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sort(Span<RankEntry> entries, Span<RankEntry> spare)
    {
        if (entries.Length < LeastForDigits)
        {
            entries.Sort();
            return;
        }

        // Digit by digit from the lowest, each pass stable. Digits that are the same everywhere are passed over.
        Span<int> counts = stackalloc int[Digits * Values];
        counts.Clear();
        foreach (var entry in entries)
        {
            var key = entry.Key;
            for (var digit = 0; digit < Digits; digit++)
            {
                counts[(digit * Values) + (int)((key >> (8 * digit)) & 0xFF)]++;
            }
        }

        var from = entries;
        var to = spare;
        for (var digit = 0; digit < Digits; digit++)
        {
            var starts = counts.Slice(digit * Values, Values);
            if (starts[(int)((from[0].Key >> (8 * digit)) & 0xFF)] == from.Length)
            {
                continue;
            }

            var sum = 0;
            for (var value = 0; value < Values; value++)
            {
                (starts[value], sum) = (sum, sum + starts[value]);
            }

            foreach (var entry in from)
            {
                to[starts[(int)((entry.Key >> (8 * digit)) & 0xFF)]++] = entry;
            }

            var last = from;
            from = to;
            to = last;
        }

        if (from != entries)
        {
            from.CopyTo(entries);
        }
    }

    /// <summary>Brings the smallest <paramref name="count"/> entries to the front, in no order. The order of entries is total: no two are equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Select(Span<RankEntry> entries, int count)
    {
        var (low, high) = (0, entries.Length);
        var patience = 2 * (32 - int.LeadingZeroCount(entries.Length));
        while (high - low > 16 && count > low && count < high)
        {
            if (patience-- == 0)
            {
                break;
            }

            var pivot = Middle(entries[low], entries[low + ((high - low) / 2)], entries[high - 1]);
            var (i, j) = (low, high - 1);
            while (i <= j)
            {
                while (entries[i].CompareTo(pivot) < 0)
                {
                    i++;
                }

                while (entries[j].CompareTo(pivot) > 0)
                {
                    j--;
                }

                if (i <= j)
                {
                    (entries[i], entries[j]) = (entries[j], entries[i]);
                    i++;
                    j--;
                }
            }

            // All up to j are at most the pivot, all from i on at least; between them lies at most the pivot itself.
            if (count <= j + 1)
            {
                high = j + 1;
            }
            else if (count >= i)
            {
                low = i;
            }
            else
            {
                return;
            }
        }

        if (count > low && count < high)
        {
            entries[low..high].Sort();
        }
    }

    private static RankEntry Middle(RankEntry a, RankEntry b, RankEntry c)
    {
        if (a.CompareTo(b) > 0)
        {
            (a, b) = (b, a);
        }

        return c.CompareTo(a) < 0 ? a : c.CompareTo(b) > 0 ? b : c;
    }
}
