using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>dx = or += each window's share of the gradient of its mean: what <see cref="PoolForward{TFold}"/> does with sums, turned round.</summary>
internal readonly unsafe struct MeanPoolGradient(void* g, void* dx, bool accumulate, PoolPlan plan, nint planes) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var perUnit = plan.PlanesPerUnit;
        var nanoseconds = planes * ((0.2 * plan.InputCount) + plan.OutputCount);
        Workers.Run(new Body<N, T>((T*)g, (T*)dx, accumulate, plan, planes, perUnit), (int)((planes + perUnit - 1) / perUnit), nanoseconds);
    }

    private readonly struct Body<N, T>(T* g, T* dx, bool accumulate, PoolPlan plan, nint planes, nint perUnit) : IBlockBody
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
                    if (!accumulate)
                    {
                        new Span<T>(dx + (plane * plan.InputCount), (int)plan.InputCount).Clear();
                    }

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
            var to = axis.InteriorTo;
            new Span<T>(room, axis.Input).Clear();
            if (axis.Stride is not (1 or 2) || to - axis.InteriorFrom < N.Count || (axis.Stride == 2 && (axis.Kernel != 2 || axis.Step != 1)))
            {
                Shares(source, room, 0, axis.Output, rows);
                return;
            }

            var o = axis.InteriorFrom;
            N divisor = plan.Divisor != 0 ? plan.Divisor : rows * axis.Sizes[o];
            Shares(source, room, 0, o, rows);
            for (; o + N.Count <= to; o += N.Count)
            {
                var share = N.Load(ref source[o]) / divisor;
                var at = room + axis.Origin + (o * axis.Stride);
                if (axis.Stride == 2)
                {
                    var (low, high) = Interleaved<N, T>.InTurn(share, share);
                    N.Store(N.Load(ref *at) + low, ref *at);
                    N.Store(N.Load(ref at[N.Count]) + high, ref at[N.Count]);
                }
                else
                {
                    for (var j = 0; j < axis.Kernel; j++, at += axis.Step)
                    {
                        N.Store(N.Load(ref *at) + share, ref *at);
                    }
                }
            }

            Shares(source, room, o, axis.Output, rows);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Shares(T* source, T* room, int begin, int end, double rows)
        {
            var axis = plan.Width;
            for (var o = begin; o < end; o++)
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
