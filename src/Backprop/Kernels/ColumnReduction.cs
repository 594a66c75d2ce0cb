using System.Buffers;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Reduces the rows of each [rows, columns] matrix of a contiguous [outer, rows, columns] array to one row.</summary>
internal static unsafe class ColumnReduction<TFold, N, T>
    where TFold : struct, IFold
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    // Rows folded one group of eight after the other; more rows are a tree of such pieces.
    private const int PieceRows = 256;

    // Columns whose results stay in the first-level cache meanwhile.
    private const int TileColumns = 1024;

    // Elements of one unit of work.
    private const int Unit = 32768;

    private const double NanosecondsPerElement = 0.06;

    /// <summary>destination[o, column] = the fold of the column, or that combined with what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(T* source, T* destination, nint outer, nint rows, nint columns, bool accumulate)
    {
        var pieces = Math.Max(1, (rows + PieceRows - 1) / PieceRows);
        if (pieces == 1)
        {
            RunPieces(source, destination, outer, 1, rows, columns, accumulate);
            return;
        }
        var results = ArrayPool<T>.Shared.Rent(checked((int)(outer * pieces * columns)));
        fixed (T* partial = results)
        {
            RunPieces(source, partial, outer, pieces, rows, columns, false);
            Run(partial, destination, outer, pieces, columns, accumulate);
        }
        ArrayPool<T>.Shared.Return(results);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPieces(T* source, T* destination, nint outer, nint pieces, nint rows, nint columns, bool accumulate)
    {
        var tiles = (columns + TileColumns - 1) / TileColumns;
        var tileWork = Math.Min(rows, PieceRows) * Math.Min(columns, TileColumns) + 64;
        var count = outer * pieces * tiles;
        var countPerUnit = Math.Max(1, Unit / tileWork);
        Workers.Run(
            new Tiles(source, destination, pieces, rows, columns, tiles, count, countPerUnit, accumulate),
            (int)((count + countPerUnit - 1) / countPerUnit),
            NanosecondsPerElement * count * tileWork);
    }

    /// <summary>Folds rows 0 … rows − 1 of <paramref name="width"/> columns, <paramref name="stride"/> elements apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldTile(T* source, T* destination, nint rows, nint stride, nint width, bool accumulate)
    {
        if (rows == 0)
        {
            FoldRows<None>(source, destination, stride, width, accumulate);
            return;
        }
        nint row = 0;
        for (; row + 8 <= rows; row += 8, accumulate = true)
        {
            FoldRows<Eight>(source + row * stride, destination, stride, width, accumulate);
        }
        for (; row < rows; row++, accumulate = true)
        {
            FoldRows<One>(source + row * stride, destination, stride, width, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldRows<TRows>(T* source, T* destination, nint stride, nint width, bool accumulate)
        where TRows : struct, IRows
    {
        nint i = 0;
        for (; i + N.Count <= width; i += N.Count)
        {
            var value = TRows.Fold(new Whole(), source + i, stride);
            N.Store(accumulate ? TFold.Combine(N.Load(ref destination[i]), value) : value, ref destination[i]);
        }
        if (i < width)
        {
            var part = new Part((int)(width - i));
            var value = TRows.Fold(part, source + i, stride);
            N.StoreFirst(accumulate ? TFold.Combine(part.Load(destination + i), value) : value, destination + i, part.Count);
        }
    }

    private interface ILoad
    {
        N Load(T* source);
    }

    private interface IRows
    {
        static abstract N Fold<TLoad>(TLoad load, T* source, nint stride)
            where TLoad : struct, ILoad;
    }

    private readonly struct Whole : ILoad
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N Load(T* source) => N.Load(ref *source);
    }

    private readonly struct Part(int count) : ILoad
    {
        public int Count => count;

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N Load(T* source) => N.LoadFirst(source, count, TFold.Identity);
    }

    private readonly struct None : IRows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N Fold<TLoad>(TLoad load, T* source, nint stride)
            where TLoad : struct, ILoad => TFold.Identity;
    }

    private readonly struct One : IRows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N Fold<TLoad>(TLoad load, T* source, nint stride)
            where TLoad : struct, ILoad => load.Load(source);
    }

    private readonly struct Eight : IRows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N Fold<TLoad>(TLoad load, T* source, nint stride)
            where TLoad : struct, ILoad =>
            TFold.Combine(
                TFold.Combine(
                    TFold.Combine(load.Load(source), load.Load(source + stride)),
                    TFold.Combine(load.Load(source + 2 * stride), load.Load(source + 3 * stride))),
                TFold.Combine(
                    TFold.Combine(load.Load(source + 4 * stride), load.Load(source + 5 * stride)),
                    TFold.Combine(load.Load(source + 6 * stride), load.Load(source + 7 * stride))));
    }

    private readonly struct Tiles(
        T* source,
        T* destination,
        nint pieces,
        nint rows,
        nint columns,
        nint tiles,
        nint count,
        nint countPerUnit,
        bool accumulate) : IBlockBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min(count, (block + 1) * countPerUnit);
            for (var i = block * countPerUnit; i < end; i++)
            {
                var (matrix, piece, tile) = (i / tiles / pieces, i / tiles % pieces, i % tiles);
                var (row, column) = (piece * PieceRows, tile * TileColumns);
                FoldTile(
                    source + (matrix * rows + row) * columns + column,
                    destination + (matrix * pieces + piece) * columns + column,
                    Math.Min(PieceRows, rows - row),
                    columns,
                    Math.Min(TileColumns, columns - column),
                    accumulate);
            }
        }
    }
}
