using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// y = the maximum (<see cref="MaxFold"/>) or the mean (<see cref="SumFold"/>) of each window of each plane: the rows under a window are folded into
/// one, register by register, and that one is folded along its length.
/// </summary>
internal readonly unsafe struct PoolForward<TFold>(void* x, void* y, PoolPlan plan, nint planes) : IWidthTask
    where TFold : struct, IFold
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var perUnit = plan.PlanesPerUnit;
        var nanoseconds = planes * ((0.2 * plan.InputCount) + plan.OutputCount);
        Workers.Run(new Body<N, T>((T*)x, (T*)y, plan, planes, perUnit), (int)((planes + perUnit - 1) / perUnit), nanoseconds);
    }

    private readonly struct Body<N, T>(T* x, T* y, PoolPlan plan, nint planes, nint perUnit) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Elements of folded rows that are worked on together: they stay in the nearest cache.
        private const int RoomElements = 2048;

        private static bool IsMean
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
            get => typeof(TFold) == typeof(SumFold);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            // Where windows follow one another without gap or end, the folded rows of a plane are as good as one long row.
            var isGapless = plan.Width.Stride > 0 && (long)plan.Width.Stride * plan.Width.Output == plan.Width.Input
                && plan.Width.InteriorFrom == 0 && plan.Width.InteriorTo == plan.Width.Output;
            var together = isGapless ? Math.Clamp(RoomElements / plan.Width.Input, 1, plan.Height.Output) : 1;
            var scratch = ArrayPool<T>.Shared.Rent(together * plan.Width.Input);
            fixed (T* room = scratch)
            {
                var end = Math.Min(planes, (block + 1) * perUnit);
                for (var plane = block * perUnit; plane < end; plane++)
                {
                    Plane(x + (plane * plan.InputCount), y + (plane * plan.OutputCount), room, together);
                }
            }

            ArrayPool<T>.Shared.Return(scratch);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Plane(T* source, T* target, T* room, int together)
        {
            var (depth, height, width) = (plan.Depth, plan.Height, plan.Width);
            var (lineStride, sliceStride) = ((nint)height.Step * width.Input, (nint)depth.Step * height.Input * width.Input);
            for (var d = 0; d < depth.Output; d++)
            {
                var slice = source + ((nint)depth.First[d] * height.Input * width.Input);
                for (var h = 0; h < height.Output;)
                {
                    var size = height.Sizes[h];
                    var row = slice + ((nint)height.First[h] * width.Input);
                    var rows = 1;
                    if (depth.Counts[d] == 1 && height.Counts[h] == 2 && h >= height.InteriorFrom && h < height.InteriorTo)
                    {
                        rows = Math.Min(together, height.InteriorTo - h);
                        PoolRows<TFold, N, T>.FoldPairs(row, room, width.Input, lineStride, (nint)height.Stride * width.Input, rows);
                        row = room;
                    }
                    else if (depth.Counts[d] * height.Counts[h] > 1)
                    {
                        PoolRows<TFold, N, T>.FoldRows(row, room, width.Input, depth.Counts[d], sliceStride, height.Counts[h], lineStride);
                        row = room;
                    }

                    Across(row, target, rows, (double)depth.Sizes[d] * size);
                    h += rows;
                    target += (nint)rows * width.Output;
                }
            }
        }

        /// <summary>
        /// Folds the windows along rows, several of them only where they are gapless; <paramref name="weight"/> is what an element counts for in a
        /// mean.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Across(T* row, T* target, int rows, double weight)
        {
            var axis = plan.Width;
            var (from, to) = (axis.InteriorFrom, rows == 1 ? axis.InteriorTo : rows * axis.Output);
            if (axis.Stride is not (1 or 2) || to <= from)
            {
                for (var r = 0; r < rows; r++, row += axis.Input, target += axis.Output)
                {
                    Windows(row, target, 0, axis.Output, weight);
                }

                return;
            }

            if (rows == 1)
            {
                Windows(row, target, 0, from, weight);
                Windows(row, target, to, axis.Output, weight);
            }

            N divisor = plan.Divisor != 0 ? plan.Divisor : weight * axis.Sizes[from];
            if (to - from < N.Count)
            {
                Put(Taps(row + axis.Origin + (from * axis.Stride), axis, to - from), divisor, target + from, to - from);
                return;
            }

            for (var o = from; o < to; o += N.Count)
            {
                // The last register overlaps the one before.
                o = Math.Min(o, to - N.Count);
                Put(Taps(row + axis.Origin + (o * axis.Stride), axis, N.Count), divisor, target + o, N.Count);
            }
        }

        /// <summary>A register of whole windows, or fewer; the first one begins at <paramref name="at"/>.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static N Taps(T* at, PoolAxis axis, int count)
        {
            if (axis.Stride == 2 && axis.Kernel == 2 && axis.Step == 1 && count == N.Count)
            {
                var (a, b) = (N.Load(ref *at), N.Load(ref at[N.Count]));
                return TFold.Combine(Interleaved<N, T>.Even(a, b), Interleaved<N, T>.Odd(a, b));
            }

            N sum = TFold.Identity;
            for (var j = 0; j < axis.Kernel; j++, at += axis.Step)
            {
                sum = TFold.Combine(sum, (axis.Stride, count == N.Count) switch
                {
                    (1, true) => N.Load(ref *at),
                    (1, _) => N.LoadFirst(at, count, default),
                    (_, true) => Interleaved<N, T>.LoadEveryOther(at),
                    _ => Interleaved<N, T>.LoadEveryOther(at, count),
                });
            }

            return sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Put(N sum, N divisor, T* target, int count)
        {
            sum = IsMean ? sum / divisor : sum;
            if (count == N.Count)
            {
                N.Store(sum, ref *target);
            }
            else
            {
                N.StoreFirst(sum, target, count);
            }
        }

        /// <summary>Windows one by one.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Windows(T* row, T* target, int from, int to, double weight)
        {
            for (var o = from; o < to; o++)
            {
                target[o] = Window(row, plan.Width, o, weight);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private T Window(T* row, PoolAxis axis, int o, double weight)
        {
            var element = row + axis.First[o];
            var count = axis.Counts[o];
            T sum;
            if (count >= 2 * N.Count && axis.Step == 1)
            {
                sum = RowReduction<TFold, N, T>.Fold(element, count);
            }
            else
            {
                sum = *element;
                for (var j = 1; j < count; j++)
                {
                    element += axis.Step;
                    sum = IsMean ? sum + *element : *element > sum || T.IsNaN(*element) ? *element : sum;
                }
            }

            return IsMean ? sum / T.CreateTruncating(plan.Divisor != 0 ? plan.Divisor : weight * axis.Sizes[o]) : sum;
        }
    }
}
