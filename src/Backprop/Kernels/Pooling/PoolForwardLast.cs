using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// What <see cref="PoolForward{TFold}"/> does, for samples [depth, height, width, channels]: the rows under a window are folded into one, and its places
/// after one another, channels side by side.
/// </summary>
internal readonly unsafe struct PoolForwardLast<TFold>(void* x, void* y, PoolPlan plan, nint samples, nint channels) : IWidthTask
    where TFold : struct, IFold
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var lines = samples * plan.Depth.Output * plan.Height.Output;
        var perUnit = Math.Max(1, 16384 / Math.Max(1, 2 * plan.Width.Input * channels));
        var nanoseconds = samples * channels * 0.15 * (plan.InputCount + plan.OutputCount);
        Workers.Run(new Body<N, T>((T*)x, (T*)y, plan, lines, channels, perUnit), (int)((lines + perUnit - 1) / perUnit), nanoseconds);
    }

    private readonly struct Body<N, T>(T* x, T* y, PoolPlan plan, nint lines, nint channels, nint perUnit) : IBlockBody
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
            var (depth, height, width) = (plan.Depth, plan.Height, plan.Width);
            var length = checked((int)(width.Input * channels));
            var scratch = ArrayPool<T>.Shared.Rent(length);
            fixed (T* room = scratch)
            {
                var end = Math.Min(lines, (block + 1) * perUnit);
                for (var line = block * perUnit; line < end; line++)
                {
                    var (sample, d, h) = (line / height.Output / depth.Output, (int)(line / height.Output % depth.Output), (int)(line % height.Output));
                    var row = x + (((((sample * depth.Input) + depth.First[d]) * height.Input) + height.First[h]) * length);
                    if (depth.Counts[d] == 1 && height.Counts[h] == 2)
                    {
                        PoolRows<TFold, N, T>.FoldPairs(row, room, length, (nint)height.Step * length, 0, 1);
                        row = room;
                    }
                    else if (depth.Counts[d] * height.Counts[h] > 1)
                    {
                        PoolRows<TFold, N, T>.FoldRows(
                            row, room, length, depth.Counts[d], (nint)depth.Step * height.Input * length, height.Counts[h], (nint)height.Step * length);
                        row = room;
                    }

                    Across(row, y + (line * width.Output * channels), (double)depth.Sizes[d] * height.Sizes[h]);
                }
            }

            ArrayPool<T>.Shared.Return(scratch);
        }

        /// <summary>Folds the places under each window of a row; <paramref name="weight"/> is what a place counts for in a mean.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Across(T* row, T* target, double weight)
        {
            var axis = plan.Width;
            var step = axis.Step * channels;
            for (var o = 0; o < axis.Output; o++, target += channels)
            {
                var from = row + (axis.First[o] * channels);
                var count = axis.Counts[o];
                N divisor = plan.Divisor != 0 ? plan.Divisor : weight * axis.Sizes[o];
                nint c = 0;
                for (; c + N.Count <= channels; c += N.Count)
                {
                    var at = from + c;
                    var sum = N.Load(ref *at);
                    for (var j = 1; j < count; j++)
                    {
                        at += step;
                        sum = TFold.Combine(sum, N.Load(ref *at));
                    }

                    N.Store(IsMean ? sum / divisor : sum, ref target[c]);
                }

                if (c < channels)
                {
                    var at = from + c;
                    var rest = (int)(channels - c);
                    var sum = N.LoadFirst(at, rest, 1);
                    for (var j = 1; j < count; j++)
                    {
                        at += step;
                        sum = TFold.Combine(sum, N.LoadFirst(at, rest, 1));
                    }

                    N.StoreFirst(IsMean ? sum / divisor : sum, target + c, rest);
                }
            }
        }
    }
}
