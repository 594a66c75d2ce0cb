using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// For contiguous [rows, columns]: y = (x − center) · scale + shift with each column's numbers; or, rectified, max of that and 0. To it an r is added
/// before, where that is not null.
/// </summary>
internal readonly unsafe struct ColumnAffine(void* x, void* r, void* y, SegmentAffine.Numbers* numbers, nint rows, nint columns, bool rectifies) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var grid = new ColumnGrid(rows, columns, N.Count, 16384);
        var period = grid.Period;
        var rented = ArrayPool<T>.Shared.Rent(checked((int)(3 * period)));
        fixed (T* room = rented)
        {
            for (nint i = 0; i < columns; i++)
            {
                ColumnWalk<N, T>.Spread(numbers[i].Center, room, i, columns, period);
                ColumnWalk<N, T>.Spread(numbers[i].Scale, room + period, i, columns, period);
                ColumnWalk<N, T>.Spread(numbers[i].Shift, room + (2 * period), i, columns, period);
            }

            var nanoseconds = grid.Count * (r == null ? 0.15 : 0.25);
            switch (rectifies, r != null)
            {
                case (false, _): Run<N, T, Plain>(room, grid, nanoseconds); break;
                case (_, false): Run<N, T, Rectified>(room, grid, nanoseconds); break;
                default: Run<N, T, RectifiedSum>(room, grid, nanoseconds); break;
            }
        }

        ArrayPool<T>.Shared.Return(rented);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<N, T, TKind>(T* room, ColumnGrid grid, double nanoseconds)
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TKind : struct, IKind =>
        Workers.Run(new Body<N, T, TKind>(new Map<N, T, TKind>((T*)x, (T*)r, (T*)y, room, grid.Period), grid), grid.Pieces, nanoseconds);

    private interface IKind
    {
        static abstract bool Rectifies { get; }

        static abstract bool Adds { get; }
    }

    private readonly struct Plain : IKind
    {
        public static bool Rectifies => false;

        public static bool Adds => false;
    }

    private readonly struct Rectified : IKind
    {
        public static bool Rectifies => true;

        public static bool Adds => false;
    }

    private readonly struct RectifiedSum : IKind
    {
        public static bool Rectifies => true;

        public static bool Adds => true;
    }

    private readonly struct Body<N, T, TKind>(Map<N, T, TKind> map, ColumnGrid grid) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TKind : struct, IKind
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var (start, count) = grid.Piece(block);
            ColumnWalk<N, T>.Each(map, start, count, grid.Period);
        }
    }

    private readonly struct Map<N, T, TKind>(T* x, T* r, T* y, T* numbers, nint period) : IColumnMap
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TKind : struct, IKind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public void Whole(nint at, nint column)
        {
            var its = numbers + column;
            var value = N.MultiplyAdd(N.Load(ref x[at]) - N.Load(ref *its), N.Load(ref its[period]), N.Load(ref its[2 * period]));
            if (TKind.Adds)
            {
                value += N.Load(ref r[at]);
            }

            N.Store(TKind.Rectifies ? N.Max(value, 0) : value, ref y[at]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public void Part(nint at, nint column, int count)
        {
            var its = numbers + column;
            var value = N.MultiplyAdd(
                N.LoadFirst(x + at, count, 0) - N.LoadFirst(its, count, 0), N.LoadFirst(its + period, count, 0), N.LoadFirst(its + (2 * period), count, 0));
            if (TKind.Adds)
            {
                value += N.LoadFirst(r + at, count, 0);
            }

            N.StoreFirst(TKind.Rectifies ? N.Max(value, 0) : value, y + at, count);
        }
    }
}
