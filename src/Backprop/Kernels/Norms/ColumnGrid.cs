using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Contiguous [rows, columns], cut into pieces. Where columns are few, several rows count as one longer one, so that registers are full: columns come
/// round every <see cref="Period"/> elements.
/// </summary>
internal readonly struct ColumnGrid
{
    // A row of this many elements is long enough.
    private const int LongRow = 1024;

    /// <param name="rows">How many rows.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="lanes">Elements of a register.</param>
    /// <param name="elements">How many elements a piece should have.</param>
    public ColumnGrid(nint rows, nint columns, int lanes, int elements)
    {
        (Rows, Columns, Period) = (rows, columns, columns);
        foreach (var full in (ReadOnlySpan<int>)[4 * lanes, lanes])
        {
            var together = columns / (nint)BigInteger.GreatestCommonDivisor(columns, full) * full;
            if (together <= LongRow)
            {
                Period = together;
                break;
            }
        }

        // Each sum of a piece has some terms, but not so many that rounding shows.
        PieceCount = Period * Math.Clamp(elements / Period, 32, 128);
    }

    public nint Rows { get; }

    public nint Columns { get; }

    /// <summary>Elements after which the columns come round again: a multiple of their number.</summary>
    public nint Period { get; }

    /// <summary>Elements of a piece, whole periods; the last piece may have fewer, and end with a part of a period.</summary>
    public nint PieceCount { get; }

    public nint Count => Rows * Columns;

    /// <summary>How many pieces there are; a matter of the shape alone.</summary>
    public int Pieces => checked((int)((Count + PieceCount - 1) / PieceCount));

    /// <summary>The first element of a piece and how many it has.</summary>
    public (nint Start, nint Count) Piece(nint index) => (index * PieceCount, Math.Min(PieceCount, Count - (index * PieceCount)));
}

/// <summary>What is done to a register of elements that lie together, or to the first few of one.</summary>
internal interface IColumnMap
{
    void Whole(nint at, nint column);

    void Part(nint at, nint column, int count);
}

/// <summary>Terms that are summed up over rows: Σ slope and Σ slope · value.</summary>
internal interface IColumnTerms<N>
{
    N Slope(nint at, nint column);

    N Value(nint at, nint column);

    /// <summary>0 beyond <paramref name="count"/>.</summary>
    N SlopePart(nint at, nint column, int count);

    N ValuePart(nint at, nint column, int count);
}

/// <summary>Walks over the elements of a piece.</summary>
internal static unsafe class ColumnWalk<N, T>
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Every register once, in the order in which elements lie.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Each<TMap>(TMap map, nint start, nint count, nint period)
        where TMap : struct, IColumnMap
    {
        for (nint done = 0; done < count; done += period)
        {
            var length = Math.Min(period, count - done);
            var at = start + done;
            nint column = 0;
            for (; column + (4 * N.Count) <= length; column += 4 * N.Count)
            {
                map.Whole(at + column, column);
                map.Whole(at + column + N.Count, column + N.Count);
                map.Whole(at + column + (2 * N.Count), column + (2 * N.Count));
                map.Whole(at + column + (3 * N.Count), column + (3 * N.Count));
            }

            for (; column + N.Count <= length; column += N.Count)
            {
                map.Whole(at + column, column);
            }

            if (column < length)
            {
                map.Part(at + column, column, (int)(length - column));
            }
        }
    }

    /// <summary>Both sums for each place of a period.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum<TTerms>(TTerms terms, nint start, nint count, nint period, T* sums, T* products)
        where TTerms : struct, IColumnTerms<N>
    {
        var periods = count / period;
        var end = start + (periods * period);
        nint column = 0;
        for (; column + (4 * N.Count) <= period; column += 4 * N.Count)
        {
            N a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
            for (var at = start + column; at < end; at += period)
            {
                var slope = terms.Slope(at, column);
                a0 += slope;
                b0 = N.MultiplyAdd(slope, terms.Value(at, column), b0);
                slope = terms.Slope(at + N.Count, column + N.Count);
                a1 += slope;
                b1 = N.MultiplyAdd(slope, terms.Value(at + N.Count, column + N.Count), b1);
                slope = terms.Slope(at + (2 * N.Count), column + (2 * N.Count));
                a2 += slope;
                b2 = N.MultiplyAdd(slope, terms.Value(at + (2 * N.Count), column + (2 * N.Count)), b2);
                slope = terms.Slope(at + (3 * N.Count), column + (3 * N.Count));
                a3 += slope;
                b3 = N.MultiplyAdd(slope, terms.Value(at + (3 * N.Count), column + (3 * N.Count)), b3);
            }

            Put(a0, b0, sums + column, products + column);
            Put(a1, b1, sums + column + N.Count, products + column + N.Count);
            Put(a2, b2, sums + column + (2 * N.Count), products + column + (2 * N.Count));
            Put(a3, b3, sums + column + (3 * N.Count), products + column + (3 * N.Count));
        }

        for (; column + N.Count <= period; column += N.Count)
        {
            N a = 0, b = 0, otherA = 0, otherB = 0;
            var at = start + column;
            for (; at + period < end; at += 2 * period)
            {
                var (slope, other) = (terms.Slope(at, column), terms.Slope(at + period, column));
                a += slope;
                otherA += other;
                b = N.MultiplyAdd(slope, terms.Value(at, column), b);
                otherB = N.MultiplyAdd(other, terms.Value(at + period, column), otherB);
            }

            if (at < end)
            {
                var slope = terms.Slope(at, column);
                a += slope;
                b = N.MultiplyAdd(slope, terms.Value(at, column), b);
            }

            Put(a + otherA, b + otherB, sums + column, products + column);
        }

        if (column < period)
        {
            var rest = (int)(period - column);
            N a = 0, b = 0;
            for (var at = start + column; at < end; at += period)
            {
                var slope = terms.SlopePart(at, column, rest);
                a += slope;
                b = N.MultiplyAdd(slope, terms.ValuePart(at, column, rest), b);
            }

            N.StoreFirst(a, sums + column, rest);
            N.StoreFirst(b, products + column, rest);
        }

        // Rows that don't fill a period.
        for (nint left = count - (end - start), from = 0; from < left; from += N.Count)
        {
            var rest = (int)Math.Min(N.Count, left - from);
            if (rest == N.Count)
            {
                var slope = terms.Slope(end + from, from);
                Put(
                    N.Load(ref sums[from]) + slope, N.MultiplyAdd(slope, terms.Value(end + from, from), N.Load(ref products[from])),
                    sums + from, products + from);
            }
            else
            {
                var slope = terms.SlopePart(end + from, from, rest);
                var product = N.MultiplyAdd(slope, terms.ValuePart(end + from, from, rest), N.LoadFirst(products + from, rest, 0));
                N.StoreFirst(N.LoadFirst(sums + from, rest, 0) + slope, sums + from, rest);
                N.StoreFirst(product, products + from, rest);
            }
        }
    }

    /// <summary>The sum over a column's places in a period.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static double Total(T* sums, nint column, nint columns, nint period)
    {
        var total = 0.0;
        for (var i = column; i < period; i += columns)
        {
            total += double.CreateTruncating(sums[i]);
        }

        return total;
    }

    /// <summary>A column's number at all its places in a period.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Spread(double number, T* numbers, nint column, nint columns, nint period)
    {
        var rounded = T.CreateTruncating(number);
        for (var i = column; i < period; i += columns)
        {
            numbers[i] = rounded;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Put(N sum, N product, T* sums, T* products)
    {
        N.Store(sum, ref *sums);
        N.Store(product, ref *products);
    }
}
