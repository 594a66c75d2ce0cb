using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Finds the first of the largest elements of each window, a NaN being the largest. Writes where it is in its plane, or passes the gradient of
/// the maximum on to it: what is not the largest of any window gets 0, or nothing where the gradient is added to what is there.
/// </summary>
internal readonly unsafe struct MaxPoolSearch(void* x, void* y, void* g, void* dx, bool accumulate, long* positions, PoolPlan plan, nint planes) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var perUnit = plan.PlanesPerUnit;
        var body = new Body<N, T>((T*)x, (T*)y, (T*)g, (T*)dx, accumulate, positions, plan, planes, perUnit);
        Workers.Run(body, (int)((planes + perUnit - 1) / perUnit), 0.2 * planes * plan.Taps);
    }

    private readonly struct Body<N, T>(T* x, T* y, T* g, T* dx, bool accumulate, long* positions, PoolPlan plan, nint planes, nint perUnit) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Offsets up to here are exact as float.
        private const double MostExact = 1 << 24;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min(planes, (block + 1) * perUnit);
            var isPlain = plan.Depth.Output == 1 && plan.Depth.Input == 1 && IsPairs(plan.Height) && IsPairs(plan.Width);
            for (var plane = block * perUnit; plane < end; plane++)
            {
                var (input, output) = (plane * plan.InputCount, plane * plan.OutputCount);
                if (positions is not null)
                {
                    Search(x + input, null, null, positions + output);
                    continue;
                }

                if (!accumulate)
                {
                    new Span<T>(dx + input, (int)plan.InputCount).Clear();
                }

                if (isPlain)
                {
                    PairsOfPairs(x + input, y + output, g + output, dx + input);
                }
                else
                {
                    Search(x + input, g + output, dx + input, null);
                }
            }
        }

        private static bool IsPairs(PoolAxis axis) =>
            axis.Kernel == 2 && axis.Stride == 2 && axis.Step == 1 && axis.InteriorFrom == 0 && axis.InteriorTo == axis.Output;

        /// <summary>Whole windows of 2 × 2 side by side, the common case, without any search: the maximum is known.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void PairsOfPairs(T* source, T* max, T* from, T* target)
        {
            var width = plan.Width;
            for (var h = 0; h < plan.Height.Output; h++, max += width.Output, from += width.Output, source += 2 * width.Input, target += 2 * width.Input)
            {
                var w = 0;
                for (; w + N.Count <= width.Output; w += N.Count)
                {
                    Pairs<Whole>(source + (2 * w), max + w, from + w, target + (2 * w), N.Count);
                }

                if (w < width.Output)
                {
                    Pairs<Part>(source + (2 * w), max + w, from + w, target + (2 * w), width.Output - w);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private void Pairs<TCount>(T* source, T* max, T* from, T* target, int count)
            where TCount : struct
        {
            // In two registers there are so many elements of the windows.
            var (low, high) = (Math.Min(2 * count, N.Count), Math.Max((2 * count) - N.Count, 0));
            var width = plan.Width.Input;
            var (a, b) = (Load<TCount>(source, low), Load<TCount>(source + N.Count, high));
            var (c, d) = (Load<TCount>(source + width, low), Load<TCount>(source + width + N.Count, high));
            var top = Load<TCount>(max, count);
            var left = Load<TCount>(from, count);
            (a, b) = Interleaved<N, T>.InTurn(
                MaxShare<N>.Take(Interleaved<N, T>.Even(a, b), top, ref left), MaxShare<N>.Take(Interleaved<N, T>.Odd(a, b), top, ref left));
            (c, d) = Interleaved<N, T>.InTurn(
                MaxShare<N>.Take(Interleaved<N, T>.Even(c, d), top, ref left), MaxShare<N>.Take(Interleaved<N, T>.Odd(c, d), top, ref left));
            Add<TCount>(a, target, low);
            Add<TCount>(b, target + N.Count, high);
            Add<TCount>(c, target + width, low);
            Add<TCount>(d, target + width + N.Count, high);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static N Load<TCount>(T* at, int count)
            where TCount : struct => typeof(TCount) == typeof(Whole) ? N.Load(ref *at) : N.LoadFirst(at, count, default);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Add<TCount>(N value, T* at, int count)
            where TCount : struct
        {
            if (typeof(TCount) == typeof(Whole))
            {
                N.Store(N.Load(ref *at) + value, ref *at);
            }
            else
            {
                N.StoreFirst(N.LoadFirst(at, count, default) + value, at, count);
            }
        }

        /// <summary>Every window of a plane: a register of whole windows at a time, where they are one or two elements apart; the others one by one.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Search(T* source, T* from, T* target, long* to)
        {
            var (depth, height, width) = (plan.Depth, plan.Height, plan.Width);
            var offsets = stackalloc T[N.Count];
            var span = ((double)depth.Input * height.Input * width.Input) + width.Kernel;
            var isVector = width.Stride is 1 or 2 && width.InteriorTo - width.InteriorFrom >= Math.Min(N.Count, 4) && span <= MostExact;
            var output = (nint)0;
            for (var d = 0; d < depth.Output; d++)
            {
                for (var h = 0; h < height.Output; h++, output += width.Output)
                {
                    for (var w = 0; w < width.Output;)
                    {
                        if (!isVector || w < width.InteriorFrom || w >= width.InteriorTo)
                        {
                            Settle(First(source, d, h, w), from, target, to, output + w);
                            w++;
                            continue;
                        }

                        var count = Math.Min(N.Count, width.InteriorTo - w);
                        var begin = ((((nint)depth.First[d] * height.Input) + height.First[h]) * width.Input) + width.First[w];
                        N.Store(Offsets(source + begin, d, h, count), ref *offsets);
                        for (var i = 0; i < count; i++, begin += width.Stride)
                        {
                            Settle(begin + int.CreateTruncating(offsets[i]), from, target, to, output + w + i);
                        }

                        w += count;
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Settle(nint position, T* from, T* target, long* to, nint output)
        {
            if (to is not null)
            {
                to[output] = position;
            }
            else
            {
                target[position] += from[output];
            }
        }

        /// <summary>From the first element of each of <paramref name="count"/> windows in a row to its largest.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private N Offsets(T* source, int d, int h, int count)
        {
            var (depth, height, width) = (plan.Depth, plan.Height, plan.Width);
            N offset = 0;
            var top = Elements(source, width.Stride, count);
            for (var i = 0; i < depth.Counts[d]; i++)
            {
                for (var j = 0; j < height.Counts[h]; j++)
                {
                    var line = (((nint)i * depth.Step * height.Input) + ((nint)j * height.Step)) * width.Input;
                    for (var k = 0; k < width.Kernel; k++, line += width.Step)
                    {
                        var x = Elements(source + line, width.Stride, count);
                        N here = (double)line;
                        offset = N.IfGreater(x, top, here, N.IfEqual(x, x, offset, N.IfEqual(top, top, here, offset)));
                        top = N.Max(top, x);
                    }
                }
            }

            return offset;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static N Elements(T* at, int stride, int count) => (stride, count == N.Count) switch
        {
            (1, true) => N.Load(ref *at),
            (1, _) => N.LoadFirst(at, count, default),
            (_, true) => Interleaved<N, T>.LoadEveryOther(at),
            _ => Interleaved<N, T>.LoadEveryOther(at, count),
        };

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

    /// <summary>A register is full.</summary>
    private readonly struct Whole;

    /// <summary>A register holds fewer elements than it could.</summary>
    private readonly struct Part;
}
