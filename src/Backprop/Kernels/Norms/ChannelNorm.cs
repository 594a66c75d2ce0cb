using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Arrays [samples, channels, size] seen as samples × channels segments of contiguous elements, each with numbers of its own. What group, instance
/// and batch normalisation share; how the segments' numbers belong together is the caller's business.
/// </summary>
internal static unsafe class ChannelNorm
{
    /// <summary>Segments of one unit of work; a matter of the shape alone.</summary>
    public static nint PerUnit(nint size) => Math.Max(1, 16384 / (size + 32));

    public static int Units(nint segments, nint size) => (int)((segments + PerUnit(size) - 1) / PerUnit(size));
}

/// <summary>The moments of each segment.</summary>
internal readonly unsafe struct SegmentMoments(void* x, Moments* moments, nint segments, nint size) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Workers.Run(new Body<N, T>((T*)x, moments, segments, size), ChannelNorm.Units(segments, size), segments * (10 + (0.2 * size)));

    private readonly struct Body<N, T>(T* x, Moments* moments, nint segments, nint size) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var per = ChannelNorm.PerUnit(size);
            var end = Math.Min(segments, (block + 1) * per);
            for (var i = block * per; i < end; i++)
            {
                moments[i] = Moments<N, T>.Of(x + (i * size), size);
            }
        }
    }
}

/// <summary>The moments of each channel: those of its segments, put together in the order of the samples.</summary>
internal readonly unsafe struct ChannelMoments(void* x, Moments* moments, nint samples, nint channels, nint size) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Workers.Run(new Body<N, T>((T*)x, moments, samples, channels, size), (int)channels, samples * channels * (10 + (0.2 * size)));

    private readonly struct Body<N, T>(T* x, Moments* moments, nint samples, nint channels, nint size) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            Moments total = default;
            for (nint sample = 0; sample < samples; sample++)
            {
                total += Moments<N, T>.Of(x + (((sample * channels) + block) * size), size);
            }

            moments[block] = total;
        }
    }
}

/// <summary>For each segment: y = (x − center) · scale + shift. Segments take the <c>period</c> numbers in turn.</summary>
internal readonly unsafe struct SegmentAffine(void* x, void* y, SegmentAffine.Numbers* numbers, nint period, nint segments, nint size) : IWidthTask
{
    /// <summary>The numbers of a segment.</summary>
    public readonly record struct Numbers(double Center, double Scale, double Shift);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Workers.Run(new Body<N, T>((T*)x, (T*)y, numbers, period, segments, size), ChannelNorm.Units(segments, size), segments * (5 + (0.15 * size)));

    private readonly struct Body<N, T>(T* x, T* y, Numbers* numbers, nint period, nint segments, nint size) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var per = ChannelNorm.PerUnit(size);
            var end = Math.Min(segments, (block + 1) * per);
            for (var i = block * per; i < end; i++)
            {
                var from = x + (i * size);
                var to = y + (i * size);
                var its = numbers[i % period];
                N center = its.Center, scale = its.Scale, shift = its.Shift;
                nint j = 0;
                for (; j + N.Count <= size; j += N.Count)
                {
                    N.Store(N.MultiplyAdd(N.Load(ref from[j]) - center, scale, shift), ref to[j]);
                }

                if (j < size)
                {
                    var rest = (int)(size - j);
                    N.StoreFirst(N.MultiplyAdd(N.LoadFirst(from + j, rest, 0) - center, scale, shift), to + j, rest);
                }
            }
        }
    }
}

/// <summary>For each segment: Σ g, and Σ g (x − center).</summary>
internal readonly unsafe struct SegmentProducts(void* g, void* x, double* centers, (double Sum, double Product)* sums, nint segments, nint size)
    : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Workers.Run(new Body<N, T>((T*)g, (T*)x, centers, sums, segments, size), ChannelNorm.Units(segments, size), segments * (10 + (0.2 * size)));

    private readonly struct Body<N, T>(T* g, T* x, double* centers, (double Sum, double Product)* sums, nint segments, nint size) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var per = ChannelNorm.PerUnit(size);
            var end = Math.Min(segments, (block + 1) * per);
            for (var i = block * per; i < end; i++)
            {
                sums[i] = Moments<N, T>.Products(g + (i * size), x + (i * size), size, centers[i]);
            }
        }
    }
}

/// <summary>For each segment: dx (+)= g · slope + (x − center) · curve + shift.</summary>
internal readonly unsafe struct SegmentGradient(
    void* g, void* x, void* dx, SegmentGradient.Numbers* numbers, nint segments, nint size, bool accumulate) : IWidthTask
{
    /// <summary>The numbers of a segment.</summary>
    public readonly record struct Numbers(double Center, double Slope, double Curve, double Shift);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Workers.Run(
            new Body<N, T>((T*)g, (T*)x, (T*)dx, numbers, segments, size, accumulate), ChannelNorm.Units(segments, size), segments * (5 + (0.2 * size)));

    private readonly struct Body<N, T>(T* g, T* x, T* dx, Numbers* numbers, nint segments, nint size, bool accumulate) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var per = ChannelNorm.PerUnit(size);
            var end = Math.Min(segments, (block + 1) * per);
            for (var i = block * per; i < end; i++)
            {
                var at = i * size;
                N center = numbers[i].Center, slope = numbers[i].Slope, curve = numbers[i].Curve, shift = numbers[i].Shift;
                nint j = 0;
                for (; j + N.Count <= size; j += N.Count)
                {
                    var value = N.MultiplyAdd(N.Load(ref x[at + j]) - center, curve, N.MultiplyAdd(N.Load(ref g[at + j]), slope, shift));
                    N.Store(accumulate ? N.Load(ref dx[at + j]) + value : value, ref dx[at + j]);
                }

                if (j < size)
                {
                    var rest = (int)(size - j);
                    var value = N.MultiplyAdd(
                        N.LoadFirst(x + at + j, rest, 0) - center, curve, N.MultiplyAdd(N.LoadFirst(g + at + j, rest, 0), slope, shift));
                    N.StoreFirst(accumulate ? N.LoadFirst(dx + at + j, rest, 0) + value : value, dx + at + j, rest);
                }
            }
        }
    }
}
