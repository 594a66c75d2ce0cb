using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>The moments of each column of contiguous [rows, columns]; at least one row.</summary>
/// <remarks>
/// A piece is looked at once, its deviations being taken from the mean of the piece before; what that is off by is corrected. Where it is off by much, the
/// variance is as large, so that the correction cancels nothing that counts. The first of a unit has its own mean, which takes a second look.
/// </remarks>
internal readonly unsafe struct ColumnMoments(void* x, Moments* moments, nint rows, nint columns) : IWidthTask
{
    // Pieces of a unit of work.
    private const int PerUnit = 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var grid = new ColumnGrid(rows, columns, N.Count, 8192);
        var pieces = grid.Pieces;
        var rented = ArrayPool<double>.Shared.Rent(checked((int)(2L * pieces * columns)));
        fixed (double* partial = rented)
        {
            Workers.Run(new Body<N, T>((T*)x, partial, grid), (pieces + PerUnit - 1) / PerUnit, grid.Count * 0.15);
            Join(partial, grid);
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>Puts the pieces' means and squared deviations together, without cancellation: a piece deviates as a whole, and in itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Join(double* partial, ColumnGrid grid)
    {
        var pieces = grid.Pieces;
        double whole = grid.PieceCount / columns, last = rows - ((pieces - 1) * whole);
        new Span<Moments>(moments, (int)columns).Clear();
        for (var i = 0; i < pieces; i++)
        {
            var means = partial + (2 * i * columns);
            var share = (i < pieces - 1 ? whole : last) / rows;
            for (nint column = 0; column < columns; column++)
            {
                moments[column] = new Moments(rows, moments[column].Mean + (means[column] * share), 0);
            }
        }

        for (var i = 0; i < pieces; i++)
        {
            var means = partial + (2 * i * columns);
            var count = i < pieces - 1 ? whole : last;
            for (nint column = 0; column < columns; column++)
            {
                var (_, mean, squares) = moments[column];
                var apart = means[column] - mean;
                moments[column] = new Moments(rows, mean, squares + means[columns + column] + (apart * apart * count));
            }
        }
    }

    private readonly struct Body<N, T>(T* x, double* partial, ColumnGrid grid) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var (columns, period) = (grid.Columns, grid.Period);
            var rented = ArrayPool<T>.Shared.Rent(checked((int)(3 * period)));
            fixed (T* room = rented)
            {
                T* centers = room, sums = room + period, products = room + (2 * period);

                // Backwards: what was written last is still in the cache.
                var last = grid.Pieces - 1 - (block * PerUnit);
                var (start, count) = grid.Piece(last);
                ColumnWalk<N, T>.Sum(new Elements<N, T>(x), start, count, period, sums, products);
                for (nint i = 0; i < columns; i++)
                {
                    ColumnWalk<N, T>.Spread(ColumnWalk<N, T>.Total(sums, i, columns, period) * columns / count, centers, i, columns, period);
                }

                for (var piece = last; piece >= 0 && piece > last - PerUnit; piece--)
                {
                    var means = partial + (2 * piece * columns);
                    (start, count) = grid.Piece(piece);
                    ColumnWalk<N, T>.Sum(new Deviations<N, T>(x, centers), start, count, period, sums, products);
                    double share = 1.0 / (count / columns);
                    for (nint i = 0; i < columns; i++)
                    {
                        var off = ColumnWalk<N, T>.Total(sums, i, columns, period);
                        means[i] = double.CreateTruncating(centers[i]) + (off * share);
                        means[columns + i] = Math.Max(ColumnWalk<N, T>.Total(products, i, columns, period) - (off * off * share), 0);
                        ColumnWalk<N, T>.Spread(means[i], centers, i, columns, period);
                    }
                }
            }

            ArrayPool<T>.Shared.Return(rented);
        }
    }

    private readonly struct Elements<N, T>(T* x) : IColumnTerms<N>
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N Slope(nint at, nint column) => N.Load(ref x[at]);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N Value(nint at, nint column) => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N SlopePart(nint at, nint column, int count) => N.LoadFirst(x + at, count, 0);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N ValuePart(nint at, nint column, int count) => 0;
    }

    private readonly struct Deviations<N, T>(T* x, T* centers) : IColumnTerms<N>
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N Slope(nint at, nint column) => N.Load(ref x[at]) - N.Load(ref centers[column]);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N Value(nint at, nint column) => Slope(at, column);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N SlopePart(nint at, nint column, int count) => N.LoadFirst(x + at, count, 0) - N.LoadFirst(centers + column, count, 0);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N ValuePart(nint at, nint column, int count) => SlopePart(at, column, count);
    }
}
