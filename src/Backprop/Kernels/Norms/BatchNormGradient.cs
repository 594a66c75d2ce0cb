using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// The gradients of batch normalisation of x [samples, channels, size], channel by channel, so that the second look at a channel finds it in the cache:
/// Σ g and Σ g (x − mean) over a channel, then dx (+)= (g w − Σ g w / m − (x − mean) Σ g w (x − mean) / (m v)) / √v with v the variance + ε.
/// </summary>
internal readonly unsafe struct BatchNormGradient(
    void* g, void* x, void* dx, BatchNormGradient.Numbers* numbers, (double Sum, double Product)* sums, int samples, int channels, nint size, bool accumulate)
    : IWidthTask
{
    /// <summary>The numbers of a channel: mean, 1 / √(variance + ε), weight.</summary>
    public readonly record struct Numbers(double Mean, double Scale, double Weight);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Workers.Run(
            new Body<N, T>((T*)g, (T*)x, (T*)dx, numbers, sums, samples, channels, size, accumulate), channels,
            (double)samples * channels * (15 + (0.4 * size)));

    private readonly struct Body<N, T>(
        T* g, T* x, T* dx, Numbers* numbers, (double Sum, double Product)* sums, int samples, int channels, nint size, bool accumulate) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var (mean, scale, weight) = numbers[block];
            double sum = 0, product = 0;
            for (var sample = 0; sample < samples; sample++)
            {
                var at = (((nint)sample * channels) + block) * size;
                var (s, p) = Moments<N, T>.Products(g + at, x + at, size, mean);
                sum += s;
                product += p;
            }

            sums[block] = (sum, product);
            if (dx == null)
            {
                return;
            }

            var count = (double)samples * size;
            N center = mean, slope = scale * weight, curve = -scale * scale * scale * weight * product / count, shift = -scale * weight * sum / count;
            for (var sample = 0; sample < samples; sample++)
            {
                Apply((((nint)sample * channels) + block) * size, center, slope, curve, shift);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Apply(nint at, N center, N slope, N curve, N shift)
        {
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
