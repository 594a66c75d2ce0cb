using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// What <see cref="BatchNormGradient"/> does, for contiguous [rows, columns] of which each column is normalised: once over memory for the sums, and once
/// more for the gradients. Without targets, the sums alone.
/// </summary>
/// <remarks>
/// A rectified result y need not be looked at where nothing was added before: then x tells, by the numbers of <see cref="SegmentAffine"/>, what passed.
/// </remarks>
internal readonly unsafe struct ColumnGradient(
    void* g, void* x, BatchNormGradient.Targets targets, BatchNormGradient.Numbers* numbers, SegmentAffine.Numbers* passes,
    (double Sum, double Product)* sums, nint rows, nint columns) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (passes != null)
        {
            Run<N, T, TellsByX<N, T>>();
        }
        else if (targets.Y != null)
        {
            Run<N, T, TellsByY<N, T>>();
        }
        else
        {
            Run<N, T, Open<N, T>>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<N, T, TGate>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TGate : struct, IGate<N, T>
    {
        var grid = new ColumnGrid(rows, columns, N.Count, 8192);
        var period = grid.Period;
        var rented = ArrayPool<T>.Shared.Rent(checked((int)(6 * period)));
        var others = ArrayPool<double>.Shared.Rent(checked((int)(2L * grid.Pieces * columns)));
        fixed (T* room = rented)
        fixed (double* partial = others)
        {
            for (nint i = 0; i < columns; i++)
            {
                ColumnWalk<N, T>.Spread(numbers[i].Mean, room, i, columns, period);
                if (passes != null)
                {
                    ColumnWalk<N, T>.Spread(passes[i].Scale, room + (4 * period), i, columns, period);
                    ColumnWalk<N, T>.Spread(passes[i].Shift, room + (5 * period), i, columns, period);
                }
            }

            var operands = new Operands<T>((T*)g, (T*)x, targets, room, period);
            var pass = targets.Y == null ? 0.2 : 0.3;
            Workers.Run(new SumBody<N, T, TGate>(operands, partial, grid), grid.Pieces, grid.Count * pass);
            new Span<(double Sum, double Product)>(sums, (int)columns).Clear();
            for (var piece = 0; piece < grid.Pieces; piece++)
            {
                var its = partial + (2 * piece * columns);
                for (nint i = 0; i < columns; i++)
                {
                    sums[i] = (sums[i].Sum + its[i], sums[i].Product + its[columns + i]);
                }
            }

            if (targets.Dx != null || targets.Dr != null)
            {
                for (nint i = 0; i < columns; i++)
                {
                    var (_, scale, weight) = numbers[i];
                    ColumnWalk<N, T>.Spread(scale * weight, room + period, i, columns, period);
                    ColumnWalk<N, T>.Spread(-scale * scale * scale * weight * sums[i].Product / rows, room + (2 * period), i, columns, period);
                    ColumnWalk<N, T>.Spread(-scale * weight * sums[i].Sum / rows, room + (3 * period), i, columns, period);
                }

                Workers.Run(new ApplyBody<N, T, TGate>(operands, grid), grid.Pieces, grid.Count * (pass + 0.1));
            }
        }

        ArrayPool<double>.Shared.Return(others);
        ArrayPool<T>.Shared.Return(rented);
    }

    /// <summary>Which part of g counts.</summary>
    private interface IGate<N, T>
        where T : unmanaged
    {
        static abstract N Pass(in Operands<T> with, nint at, nint column);

        static abstract N PassPart(in Operands<T> with, nint at, nint column, int count);
    }

    private readonly struct Operands<T>(T* g, T* x, BatchNormGradient.Targets targets, T* numbers, nint period)
        where T : unmanaged
    {
        public readonly T* G = g;
        public readonly T* X = x;
        public readonly T* Y = (T*)targets.Y;
        public readonly T* Dx = (T*)targets.Dx;
        public readonly T* Dr = (T*)targets.Dr;
        public readonly T* Numbers = numbers;
        public readonly nint Period = period;
        public readonly bool AddsToDx = targets.AddsToDx;
        public readonly bool AddsToDr = targets.AddsToDr;
    }

    /// <summary>All of it.</summary>
    private readonly struct Open<N, T> : IGate<N, T>
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N Pass(in Operands<T> with, nint at, nint column) => N.Load(ref with.G[at]);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N PassPart(in Operands<T> with, nint at, nint column, int count) => N.LoadFirst(with.G + at, count, 0);
    }

    /// <summary>Where the result is above 0.</summary>
    private readonly struct TellsByY<N, T> : IGate<N, T>
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N Pass(in Operands<T> with, nint at, nint column) =>
            N.Load(ref with.G[at]) * N.IfGreaterOrEqual(0, N.Load(ref with.Y[at]), 0, 1);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N PassPart(in Operands<T> with, nint at, nint column, int count) =>
            N.LoadFirst(with.G + at, count, 0) * N.IfGreaterOrEqual(0, N.LoadFirst(with.Y + at, count, 0), 0, 1);
    }

    /// <summary>Where what became the result is above 0: the formula of <see cref="ColumnAffine"/>, to the bit.</summary>
    private readonly struct TellsByX<N, T> : IGate<N, T>
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N Pass(in Operands<T> with, nint at, nint column)
        {
            var its = with.Numbers + column;
            var y = N.MultiplyAdd(
                N.Load(ref with.X[at]) - N.Load(ref *its), N.Load(ref its[4 * with.Period]), N.Load(ref its[5 * with.Period]));
            return N.Load(ref with.G[at]) * N.IfGreaterOrEqual(0, y, 0, 1);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N PassPart(in Operands<T> with, nint at, nint column, int count)
        {
            var its = with.Numbers + column;
            var y = N.MultiplyAdd(
                N.LoadFirst(with.X + at, count, 0) - N.LoadFirst(its, count, 0),
                N.LoadFirst(its + (4 * with.Period), count, 0),
                N.LoadFirst(its + (5 * with.Period), count, 0));
            return N.LoadFirst(with.G + at, count, 0) * N.IfGreaterOrEqual(0, y, 0, 1);
        }
    }

    private readonly struct SumBody<N, T, TGate>(Operands<T> operands, double* partial, ColumnGrid grid) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TGate : struct, IGate<N, T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            // Backwards, and forwards again when the gradients are made: what was looked at last is still in the cache.
            nint piece = grid.Pieces - 1 - block;
            var (start, count) = grid.Piece(piece);
            var (columns, period) = (grid.Columns, grid.Period);
            var rented = ArrayPool<T>.Shared.Rent(checked((int)(2 * period)));
            fixed (T* sums = rented)
            {
                ColumnWalk<N, T>.Sum(new Terms<N, T, TGate>(operands), start, count, period, sums, sums + period);
                for (nint i = 0; i < columns; i++)
                {
                    partial[(2 * piece * columns) + i] = ColumnWalk<N, T>.Total(sums, i, columns, period);
                    partial[(((2 * piece) + 1) * columns) + i] = ColumnWalk<N, T>.Total(sums + period, i, columns, period);
                }
            }

            ArrayPool<T>.Shared.Return(rented);
        }
    }

    private readonly struct Terms<N, T, TGate>(Operands<T> with) : IColumnTerms<N>
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TGate : struct, IGate<N, T>
    {
        private readonly Operands<T> with = with;

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N Slope(nint at, nint column) => TGate.Pass(with, at, column);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N Value(nint at, nint column) => N.Load(ref with.X[at]) - N.Load(ref with.Numbers[column]);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N SlopePart(nint at, nint column, int count) => TGate.PassPart(with, at, column, count);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public N ValuePart(nint at, nint column, int count) => N.LoadFirst(with.X + at, count, 0) - N.LoadFirst(with.Numbers + column, count, 0);
    }

    private readonly struct ApplyBody<N, T, TGate>(Operands<T> operands, ColumnGrid grid) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TGate : struct, IGate<N, T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var (start, count) = grid.Piece(block);
            ColumnWalk<N, T>.Each(new Map<N, T, TGate>(operands), start, count, grid.Period);
        }
    }

    private readonly struct Map<N, T, TGate>(Operands<T> with) : IColumnMap
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TGate : struct, IGate<N, T>
    {
        private readonly Operands<T> with = with;

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public void Whole(nint at, nint column)
        {
            var its = with.Numbers + column;
            var (slope, x) = (TGate.Pass(with, at, column), N.Load(ref with.X[at]));

            // In this order: dr may be dx, which is then added to; dx may be g.
            if (with.Dr != null)
            {
                N.Store(with.AddsToDr ? N.Load(ref with.Dr[at]) + slope : slope, ref with.Dr[at]);
            }

            if (with.Dx != null)
            {
                var value = N.MultiplyAdd(
                    x - N.Load(ref *its), N.Load(ref its[2 * with.Period]),
                    N.MultiplyAdd(slope, N.Load(ref its[with.Period]), N.Load(ref its[3 * with.Period])));
                N.Store(with.AddsToDx ? N.Load(ref with.Dx[at]) + value : value, ref with.Dx[at]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public void Part(nint at, nint column, int count)
        {
            var its = with.Numbers + column;
            var (slope, x) = (TGate.PassPart(with, at, column, count), N.LoadFirst(with.X + at, count, 0));
            if (with.Dr != null)
            {
                N.StoreFirst(with.AddsToDr ? N.LoadFirst(with.Dr + at, count, 0) + slope : slope, with.Dr + at, count);
            }

            if (with.Dx != null)
            {
                var value = N.MultiplyAdd(
                    x - N.LoadFirst(its, count, 0), N.LoadFirst(its + (2 * with.Period), count, 0),
                    N.MultiplyAdd(slope, N.LoadFirst(its + with.Period, count, 0), N.LoadFirst(its + (3 * with.Period), count, 0)));
                N.StoreFirst(with.AddsToDx ? N.LoadFirst(with.Dx + at, count, 0) + value : value, with.Dx + at, count);
            }
        }
    }
}
