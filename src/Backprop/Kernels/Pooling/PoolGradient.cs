using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>dx += each window's share of the gradient of its mean: what <see cref="PoolForward{TFold}"/> does with sums, turned round.</summary>
internal readonly unsafe struct MeanPoolGradient(void* g, void* dx, PoolPlan plan, nint planes) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var perUnit = plan.PlanesPerUnit;
        var nanoseconds = planes * ((0.2 * plan.InputCount) + plan.OutputCount);
        Workers.Run(new Body<N, T>((T*)g, (T*)dx, plan, planes, perUnit), (int)((planes + perUnit - 1) / perUnit), nanoseconds);
    }

    private readonly struct Body<N, T>(T* g, T* dx, PoolPlan plan, nint planes, nint perUnit) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var scratch = ArrayPool<T>.Shared.Rent(plan.Width.Input);
            fixed (T* room = scratch)
            {
                var end = Math.Min(planes, (block + 1) * perUnit);
                for (var plane = block * perUnit; plane < end; plane++)
                {
                    Plane(g + (plane * plan.OutputCount), dx + (plane * plan.InputCount), room);
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
                for (var h = 0; h < height.Output; h++, source += width.Output)
                {
                    Shares(source, room, (double)depth.Sizes[d] * height.Sizes[h]);
                    for (var i = 0; i < depth.Counts[d]; i++)
                    {
                        var slice = depth.First[d] + ((nint)i * depth.Step);
                        for (var j = 0; j < height.Counts[h]; j++)
                        {
                            var line = height.First[h] + ((nint)j * height.Step);
                            Add(room, target + (((slice * height.Input) + line) * length), length);
                        }
                    }
                }
            }
        }

        /// <summary>What each element of a row gets.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Shares(T* source, T* room, double rows)
        {
            var axis = plan.Width;
            new Span<T>(room, axis.Input).Clear();
            for (var o = 0; o < axis.Output; o++)
            {
                var share = source[o] / T.CreateTruncating(plan.Divisor != 0 ? plan.Divisor : rows * axis.Sizes[o]);
                var to = room + axis.First[o];
                for (var j = 0; j < axis.Counts[o]; j++, to += axis.Step)
                {
                    *to += share;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Add(T* from, T* to, int count)
        {
            var i = 0;
            for (; i + N.Count <= count; i += N.Count)
            {
                N.Store(N.Load(ref to[i]) + N.Load(ref from[i]), ref to[i]);
            }

            if (i < count)
            {
                N.StoreFirst(N.LoadFirst(to + i, count - i, 0) + N.LoadFirst(from + i, count - i, 0), to + i, count - i);
            }
        }
    }
}

/// <summary>
/// Finds the first of the largest elements of each window, a NaN being the largest. Writes where it is in its plane, or adds the gradient of the
/// maximum to it.
/// </summary>
internal readonly unsafe struct MaxPoolSearch(void* x, void* y, void* g, void* dx, long* positions, PoolPlan plan, nint planes) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var perUnit = plan.PlanesPerUnit;
        Workers.Run(
            new Body<T>((T*)x, (T*)y, (T*)g, (T*)dx, positions, plan, planes, perUnit), (int)((planes + perUnit - 1) / perUnit), 0.7 * planes * plan.Taps);
    }

    private readonly struct Body<T>(T* x, T* y, T* g, T* dx, long* positions, PoolPlan plan, nint planes, nint perUnit) : IBlockBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min(planes, (block + 1) * perUnit);
            var isPlain = plan.Depth.Output == 1 && plan.Depth.Input == 1 && plan.Height.Kernel == 2 && plan.Width.Kernel == 2
                && plan.Height.Step == 1 && plan.Width.Step == 1 && plan.Height.InteriorFrom == 0 && plan.Width.InteriorFrom == 0
                && plan.Height.InteriorTo == plan.Height.Output && plan.Width.InteriorTo == plan.Width.Output;
            for (var plane = block * perUnit; plane < end; plane++)
            {
                var (input, output) = (plane * plan.InputCount, plane * plan.OutputCount);
                if (positions is not null)
                {
                    Positions(x + input, positions + output);
                }
                else if (isPlain)
                {
                    PairsOfPairs(x + input, y + output, g + output, dx + input);
                }
                else
                {
                    Gradient(x + input, g + output, dx + input);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Positions(T* source, long* to)
        {
            for (var d = 0; d < plan.Depth.Output; d++)
            {
                for (var h = 0; h < plan.Height.Output; h++)
                {
                    for (var w = 0; w < plan.Width.Output; w++)
                    {
                        *to++ = First(source, d, h, w);
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Gradient(T* source, T* from, T* target)
        {
            for (var d = 0; d < plan.Depth.Output; d++)
            {
                for (var h = 0; h < plan.Height.Output; h++)
                {
                    for (var w = 0; w < plan.Width.Output; w++)
                    {
                        target[First(source, d, h, w)] += *from++;
                    }
                }
            }
        }

        /// <summary>Whole windows of 2 × 2, the common case, without any search: the maximum is known.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void PairsOfPairs(T* source, T* max, T* from, T* target)
        {
            var (height, width) = (plan.Height, plan.Width);
            for (var h = 0; h < height.Output; h++, max += width.Output, from += width.Output)
            {
                var line = (nint)height.First[h] * width.Input;
                for (var w = 0; w < width.Output; w++)
                {
                    var at = line + width.First[w];
                    var top = max[w];
                    if (T.IsNaN(top))
                    {
                        target[First(source, 0, h, w)] += from[w];
                        continue;
                    }

                    var below = at + width.Input;
                    var chosen = source[at] == top ? at : source[at + 1] == top ? at + 1 : source[below] == top ? below : below + 1;
                    target[chosen] += from[w];
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private nint First(T* source, int d, int h, int w)
        {
            var (depth, height, width) = (plan.Depth, plan.Height, plan.Width);
            var best = (((((nint)depth.First[d] * height.Input) + height.First[h]) * width.Input) + width.First[w]);
            var top = source[best];
            for (var i = 0; i < depth.Counts[d]; i++)
            {
                var slice = depth.First[d] + ((nint)i * depth.Step);
                for (var j = 0; j < height.Counts[h]; j++)
                {
                    var at = (((slice * height.Input) + height.First[h] + ((nint)j * height.Step)) * width.Input) + width.First[w];
                    for (var k = 0; k < width.Counts[w]; k++, at += width.Step)
                    {
                        var value = source[at];
                        if (value > top || (T.IsNaN(value) && !T.IsNaN(top)))
                        {
                            (top, best) = (value, at);
                        }
                    }
                }
            }

            return best;
        }
    }
}
