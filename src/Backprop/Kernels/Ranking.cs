using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// The order of elements along the middle index of a contiguous [outer, length, inner] array of float, double, int, long or byte, as positions.
/// </summary>
/// <remarks>
/// Equal elements keep their order, in both directions; so the order is unique. −0 equals 0. NaN counts as larger than everything else, and NaNs as
/// equal.
/// </remarks>
internal static unsafe class Ranking
{
    /// <summary>positions[o, k, i] = where the element of rank k is.</summary>
    public static void Sort<T>(T* x, long* positions, nint outer, nint length, nint inner, bool descending)
        where T : unmanaged =>
        Run(x, positions, outer, length, inner, length, new Request(Wanted.All, 0, descending));

    /// <summary>positions[o, j, i] for j &lt; count: where the smallest or largest are, by rank or by position.</summary>
    public static void Top<T>(T* x, long* positions, nint outer, nint length, nint inner, int count, bool largest, bool sorted)
        where T : unmanaged =>
        Run(x, positions, outer, length, inner, count, new Request(sorted ? Wanted.TopByRank : Wanted.TopByPosition, count, largest));

    /// <summary>positions[o, i] = where the element of a rank is, counted from 0 for the smallest.</summary>
    /// <param name="x">[outer, length, inner].</param>
    /// <param name="positions">[outer, inner].</param>
    /// <param name="outer">Indices before.</param>
    /// <param name="length">Length of the lines.</param>
    /// <param name="inner">Indices after.</param>
    /// <param name="rank">From 0 to length − 1.</param>
    /// <param name="nanWins">Where there is a NaN, the position of the first.</param>
    public static void Select<T>(T* x, long* positions, nint outer, nint length, nint inner, int rank, bool nanWins)
        where T : unmanaged =>
        Run(x, positions, outer, length, inner, 1, new Request(nanWins ? Wanted.RankOrNaN : Wanted.Rank, rank, false));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<T>(T* x, long* positions, nint outer, nint length, nint inner, nint results, Request request)
        where T : unmanaged
    {
        var lines = outer * inner;
        if (lines == 0 || length == 0)
        {
            return;
        }

        var perUnit = Math.Max(1, 4096 / length);
        var units = (int)((lines + perUnit - 1) / perUnit);
        var cost = request.Wanted == Wanted.All ? 4 + (2 * BitOperations.Log2((uint)length)) : 8;
        Workers.Run(new Body<T>(x, positions, lines, length, inner, results, perUnit, request), units, (double)cost * lines * length);
    }

    private enum Wanted
    {
        All,
        TopByRank,
        TopByPosition,
        Rank,
        RankOrNaN,
    }

    private readonly record struct Request(Wanted Wanted, int Number, bool Descending);

    private readonly struct Body<T>(T* x, long* positions, nint lines, nint length, nint inner, nint results, nint perUnit, Request request) : IBlockBody
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var rented = ArrayPool<RankEntry>.Shared.Rent((int)length);
            var spare = ArrayPool<RankEntry>.Shared.Rent((int)length);
            var end = Math.Min(lines, (block + 1) * perUnit);
            for (var line = block * perUnit; line < end; line++)
            {
                var (o, i) = (line / inner, line % inner);
                var entries = rented.AsSpan(0, (int)length);
                Fill(x + (o * length * inner) + i, entries);
                Order(entries, spare, positions + (o * results * inner) + i);
            }

            ArrayPool<RankEntry>.Shared.Return(rented);
            ArrayPool<RankEntry>.Shared.Return(spare);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Fill(T* source, Span<RankEntry> entries)
        {
            var flip = request.Descending ? ulong.MaxValue : 0;
            for (var k = 0; k < entries.Length; k++)
            {
                entries[k] = new RankEntry(RankEntry.KeyOf(source[k * inner]) ^ flip, k);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Order(Span<RankEntry> entries, RankEntry[] spare, long* to)
        {
            switch (request.Wanted)
            {
                case Wanted.All:
                    RankEntries.Sort(entries, spare.AsSpan(0, entries.Length));
                    Write(entries, to);
                    break;
                case Wanted.TopByRank:
                    RankEntries.Select(entries, request.Number);
                    entries[..request.Number].Sort();
                    Write(entries[..request.Number], to);
                    break;
                case Wanted.TopByPosition:
                    RankEntries.Select(entries, request.Number);
                    entries[..request.Number].Sort((a, b) => a.Index.CompareTo(b.Index));
                    Write(entries[..request.Number], to);
                    break;
                default:
                    *to = PositionOfRank(entries);
                    break;
            }
        }

        private int PositionOfRank(Span<RankEntry> entries)
        {
            if (request.Wanted == Wanted.RankOrNaN && (typeof(T) == typeof(float) || typeof(T) == typeof(double)))
            {
                foreach (var entry in entries)
                {
                    if (entry.Key == RankEntry.NaN)
                    {
                        return entry.Index;
                    }
                }
            }

            RankEntries.Select(entries, request.Number + 1);
            var largest = entries[0];
            foreach (var entry in entries[..(request.Number + 1)])
            {
                largest = entry.CompareTo(largest) > 0 ? entry : largest;
            }

            return largest.Index;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Write(ReadOnlySpan<RankEntry> entries, long* to)
        {
            for (var k = 0; k < entries.Length; k++)
            {
                to[k * inner] = entries[k].Index;
            }
        }
    }
}
