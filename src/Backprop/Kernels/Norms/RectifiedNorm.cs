using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// For each segment: y = max((x − center) · scale + shift + r, 0), without r where that is null. Segments take the <c>period</c> numbers in turn.
/// </summary>
internal readonly unsafe struct RectifiedNorm(void* x, void* r, void* y, SegmentAffine.Numbers* numbers, nint period, nint segments, nint size) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Workers.Run(
            new Body<N, T>((T*)x, (T*)r, (T*)y, numbers, period, segments, size), ChannelNorm.Units(segments, size),
            segments * (5 + ((r == null ? 0.15 : 0.25) * size)));

    private readonly struct Body<N, T>(T* x, T* r, T* y, SegmentAffine.Numbers* numbers, nint period, nint segments, nint size) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var per = ChannelNorm.PerUnit(size);
            var end = Math.Min(segments, (block + 1) * per);
            N zero = 0;
            for (var i = block * per; i < end; i++)
            {
                var its = numbers[i % period];
                N center = its.Center, scale = its.Scale, shift = its.Shift;
                var (at, beyond) = (i * size, (i + 1) * size);
                if (r == null)
                {
                    for (; at + N.Count <= beyond; at += N.Count)
                    {
                        N.Store(N.Max(N.MultiplyAdd(N.Load(ref x[at]) - center, scale, shift), zero), ref y[at]);
                    }
                }
                else
                {
                    for (; at + N.Count <= beyond; at += N.Count)
                    {
                        N.Store(N.Max(N.MultiplyAdd(N.Load(ref x[at]) - center, scale, shift) + N.Load(ref r[at]), zero), ref y[at]);
                    }
                }

                if (at < beyond)
                {
                    var rest = (int)(beyond - at);
                    var value = N.MultiplyAdd(N.LoadFirst(x + at, rest, 0) - center, scale, shift);
                    value = r == null ? value : value + N.LoadFirst(r + at, rest, 0);
                    N.StoreFirst(N.Max(value, zero), y + at, rest);
                }
            }
        }
    }
}
