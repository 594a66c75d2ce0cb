using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// dx = or += the gradient of a pooling of samples [depth, height, width, channels], channels side by side: that of the maximum y goes to the first of the
/// largest elements, that of a mean, where x is null, to all of them.
/// </summary>
internal readonly unsafe struct PoolGradientLast(void* x, void* y, void* g, void* dx, bool accumulate, PoolPlan plan, nint samples, nint channels) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (x == null)
        {
            Run<N, T, Means<N>>();
        }
        else
        {
            Run<N, T, Maxima<N>>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<N, T, TShare>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TShare : struct, IShare<N>
    {
        // Windows that lie side by side have rows of their own; others share elements, and a sample is one piece of work.
        var isTiled = IsTiled(plan.Depth) && IsTiled(plan.Height) && IsTiled(plan.Width);
        var lines = (nint)plan.Depth.Output * plan.Height.Output;
        var perUnit = isTiled ? Math.Max(1, 16384 / Math.Max(1, 2 * plan.Height.Stride * plan.Width.Input * channels)) : lines;
        var body = new Body<N, T, TShare>((T*)x, (T*)y, (T*)g, (T*)dx, !accumulate && isTiled, accumulate, plan, samples * lines, channels, perUnit);
        var nanoseconds = samples * channels * ((0.15 * plan.InputCount) + (0.15 * plan.Taps));
        Workers.Run(body, checked((int)(((samples * lines) + perUnit - 1) / perUnit)), nanoseconds);
    }

    private static bool IsTiled(PoolAxis axis) =>
        axis.Stride > 0 && axis.Stride == axis.Kernel && axis.Step == 1 && axis.Origin == 0 && axis.InteriorFrom == 0 && axis.InteriorTo == axis.Output;

    /// <summary>What an element of a window gets.</summary>
    private interface IShare<N>
    {
        static abstract bool IsMean { get; }

        static abstract N Take(N x, N max, ref N left);
    }

    private readonly struct Maxima<N> : IShare<N>
        where N : struct, IReal<N>
    {
        public static bool IsMean => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N Take(N x, N max, ref N left) => MaxShare<N>.Take(x, max, ref left);
    }

    private readonly struct Means<N> : IShare<N>
        where N : struct, IReal<N>
    {
        public static bool IsMean => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N Take(N x, N max, ref N left) => left;
    }

    private readonly struct Body<N, T, TShare>(
        T* x, T* y, T* g, T* dx, bool stores, bool accumulate, PoolPlan plan, nint lines, nint channels, nint perUnit) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TShare : struct, IShare<N>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var (depth, height) = (plan.Depth, plan.Height);
            var (first, end) = (block * perUnit, Math.Min(lines, (block + 1) * perUnit));
            if (!stores && !accumulate)
            {
                // The unit is a sample.
                new Span<T>(dx + (block * plan.InputCount * channels), checked((int)(plan.InputCount * channels))).Clear();
            }

            for (var line = first; line < end; line++)
            {
                var (sample, d, h) = (line / height.Output / depth.Output, (int)(line / height.Output % depth.Output), (int)(line % height.Output));
                if (stores)
                {
                    Clear(sample, d, h);
                }

                Line(sample, d, h, line * plan.Width.Output * channels);
            }
        }

        /// <summary>What lies behind the windows of a line and belongs to none; the last line has what lies behind all of them.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Clear(nint sample, int d, int h)
        {
            var (depth, height, width) = (plan.Depth, plan.Height, plan.Width);
            var row = width.Input * channels;
            var covered = (nint)width.Stride * width.Output * channels;
            var (slice, line) = (d * depth.Stride, h * height.Stride);
            var start = dx + (((((sample * depth.Input) + slice) * height.Input) + line) * row);
            for (var i = 0; i < depth.Stride; i++)
            {
                for (var j = 0; j < height.Stride && covered < row; j++)
                {
                    new Span<T>(start + (((((nint)i * height.Input) + j) * row) + covered), (int)(row - covered)).Clear();
                }

                if (h == height.Output - 1)
                {
                    var left = (height.Input - line - height.Stride) * row;
                    new Span<T>(start + ((((nint)i * height.Input) + height.Stride) * row), checked((int)left)).Clear();
                }
            }

            if (h == height.Output - 1 && d == depth.Output - 1)
            {
                var slices = depth.Input - slice - depth.Stride;
                new Span<T>(start + ((((nint)depth.Stride * height.Input) - line) * row), checked((int)(slices * height.Input * row))).Clear();
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Line(nint sample, int d, int h, nint output)
        {
            var (depth, height, width) = (plan.Depth, plan.Height, plan.Width);
            var row = width.Input * channels;
            var start = ((((sample * depth.Input) + depth.First[d]) * height.Input) + height.First[h]) * row;
            var isPair = stores && depth.Stride == 1 && height.Stride == 2 && width.Stride == 2;
            for (var w = 0; w < width.Output; w++, output += channels)
            {
                var at = start + (width.First[w] * channels);
                N divisor = TShare.IsMean ? (plan.Divisor != 0 ? plan.Divisor : (double)depth.Sizes[d] * height.Sizes[h] * width.Sizes[w]) : 1;
                nint c = 0;
                for (; c + N.Count <= channels; c += N.Count)
                {
                    var left = N.Load(ref g[output + c]);
                    var max = TShare.IsMean ? left : N.Load(ref y[output + c]);
                    left = TShare.IsMean ? left / divisor : left;
                    if (isPair)
                    {
                        Pairs(at + c, row, max, left);
                    }
                    else
                    {
                        Window(at + c, d, h, w, N.Count, max, left);
                    }
                }

                if (c < channels)
                {
                    var rest = (int)(channels - c);
                    var left = N.LoadFirst(g + output + c, rest, 0);
                    var max = TShare.IsMean ? left : N.LoadFirst(y + output + c, rest, 0);
                    Window(at + c, d, h, w, rest, max, TShare.IsMean ? left / divisor : left);
                }
            }
        }

        /// <summary>Windows of 2 × 2 side by side, the common case.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private void Pairs(nint at, nint row, N max, N left)
        {
            N.Store(TShare.Take(TShare.IsMean ? left : N.Load(ref x[at]), max, ref left), ref dx[at]);
            N.Store(TShare.Take(TShare.IsMean ? left : N.Load(ref x[at + channels]), max, ref left), ref dx[at + channels]);
            N.Store(TShare.Take(TShare.IsMean ? left : N.Load(ref x[at + row]), max, ref left), ref dx[at + row]);
            N.Store(TShare.Take(TShare.IsMean ? left : N.Load(ref x[at + row + channels]), max, ref left), ref dx[at + row + channels]);
        }

        /// <summary>Shares a window's gradient out among its elements in their order.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Window(nint start, int d, int h, int w, int count, N max, N left)
        {
            var (depth, height, width) = (plan.Depth, plan.Height, plan.Width);
            for (var i = 0; i < depth.Counts[d]; i++)
            {
                for (var j = 0; j < height.Counts[h]; j++)
                {
                    var at = start + ((((nint)i * depth.Step * height.Input) + ((nint)j * height.Step)) * width.Input * channels);
                    for (var k = 0; k < width.Counts[w]; k++, at += width.Step * channels)
                    {
                        if (count == N.Count)
                        {
                            var share = TShare.Take(TShare.IsMean ? left : N.Load(ref x[at]), max, ref left);
                            N.Store(stores ? share : N.Load(ref dx[at]) + share, ref dx[at]);
                        }
                        else
                        {
                            var share = TShare.Take(TShare.IsMean ? left : N.LoadFirst(x + at, count, 0), max, ref left);
                            N.StoreFirst(stores ? share : N.LoadFirst(dx + at, count, 0) + share, dx + at, count);
                        }
                    }
                }
            }
        }
    }
}
