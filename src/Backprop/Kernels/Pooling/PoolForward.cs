using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
        private static bool IsMean
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
            get => typeof(TFold) == typeof(SumFold);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            // A row, and its even and its odd elements.
            var scratch = ArrayPool<T>.Shared.Rent((2 * plan.Width.Input) + 8);
            fixed (T* room = scratch)
            {
                var end = Math.Min(planes, (block + 1) * perUnit);
                for (var plane = block * perUnit; plane < end; plane++)
                {
                    Plane(x + (plane * plan.InputCount), y + (plane * plan.OutputCount), room);
                }
            }

            ArrayPool<T>.Shared.Return(scratch);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Plane(T* source, T* target, T* room)
        {
            var (depth, height, width) = (plan.Depth, plan.Height, plan.Width);
            var length = width.Input;
            for (var d = 0; d < depth.Output; d++)
            {
                for (var h = 0; h < height.Output; h++, target += width.Output)
                {
                    var row = source + ((((nint)depth.First[d] * height.Input) + height.First[h]) * length);
                    if (depth.Counts[d] * height.Counts[h] > 1)
                    {
                        FoldRows(
                            row, room, length, depth.Counts[d], (nint)depth.Step * height.Input * length, height.Counts[h], (nint)height.Step * length);
                        row = room;
                    }

                    Across(row, target, room + length, (double)depth.Sizes[d] * height.Sizes[h]);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void FoldRows(T* from, T* to, int length, int outer, nint outerStride, int inner, nint innerStride)
        {
            var i = 0;
            for (; i + N.Count <= length; i += N.Count)
            {
                N sum = TFold.Identity;
                for (var o = 0; o < outer; o++)
                {
                    var at = from + i + (o * outerStride);
                    for (var j = 0; j < inner; j++, at += innerStride)
                    {
                        sum = TFold.Combine(sum, N.Load(ref *at));
                    }
                }

                N.Store(sum, ref to[i]);
            }

            if (i < length)
            {
                N sum = TFold.Identity;
                for (var o = 0; o < outer; o++)
                {
                    var at = from + i + (o * outerStride);
                    for (var j = 0; j < inner; j++, at += innerStride)
                    {
                        sum = TFold.Combine(sum, N.LoadFirst(at, length - i, TFold.Identity));
                    }
                }

                N.StoreFirst(sum, to + i, length - i);
            }
        }

        /// <summary>Folds the windows along a row; <paramref name="rows"/> is what its elements count for in a mean.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Across(T* row, T* target, T* room, double rows)
        {
            var axis = plan.Width;
            var (from, to) = (axis.InteriorFrom, axis.InteriorTo);
            var o = 0;
            if (axis.Stride is 1 or 2 && to - from >= N.Count)
            {
                for (; o < from; o++)
                {
                    target[o] = Window(row, axis, o, rows);
                }

                var odd = room + ((axis.Input + 1) / 2);
                if (axis.Stride == 2)
                {
                    Split(row, room, odd, axis.Input);
                }

                N divisor = plan.Divisor != 0 ? plan.Divisor : rows * axis.Sizes[from];
                for (; o + N.Count <= to; o += N.Count)
                {
                    N sum = TFold.Identity;
                    for (int j = 0, at = axis.Origin; j < axis.Kernel; j++, at += axis.Step)
                    {
                        var element = axis.Stride == 1 ? row + o + at : ((at & 1) == 0 ? room : odd) + o + (at >> 1);
                        sum = TFold.Combine(sum, N.Load(ref *element));
                    }

                    N.Store(IsMean ? sum / divisor : sum, ref target[o]);
                }
            }

            for (; o < axis.Output; o++)
            {
                target[o] = Window(row, axis, o, rows);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private T Window(T* row, PoolAxis axis, int o, double rows)
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

            return IsMean ? sum / T.CreateTruncating(plan.Divisor != 0 ? plan.Divisor : rows * axis.Sizes[o]) : sum;
        }

        /// <summary>The elements at even and at odd places.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Split(T* row, T* even, T* odd, int length)
        {
            var i = 0;
            if (typeof(T) == typeof(float))
            {
                for (; i + 16 <= length; i += 16)
                {
                    var a = Vector256.Load((float*)row + i);
                    var b = Vector256.Load((float*)row + i + 8);
                    a = Vector256.Shuffle(a, Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7));
                    b = Vector256.Shuffle(b, Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7));
                    Vector256.Create(a.GetLower(), b.GetLower()).Store((float*)even + (i / 2));
                    Vector256.Create(a.GetUpper(), b.GetUpper()).Store((float*)odd + (i / 2));
                }
            }

            for (; i + 1 < length; i += 2)
            {
                even[i / 2] = row[i];
                odd[i / 2] = row[i + 1];
            }

            if (i < length)
            {
                even[i / 2] = row[i];
            }
        }
    }
}
