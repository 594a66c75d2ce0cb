using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// The gradients of batch normalisation of x [samples, channels, size], channel by channel, so that the second look at a channel finds it in the cache:
/// Σ g and Σ g (x − mean) over a channel, then dx (+)= (g w − Σ g w / m − (x − mean) Σ g w (x − mean) / (m v)) / √v with v the variance + ε.
/// </summary>
/// <remarks>
/// With a result y of max(·, 0) behind it, g counts where y is above 0 only; that part of it is also the gradient of what was added before the maximum
/// was taken, dr (+)= g.
/// </remarks>
internal readonly unsafe struct BatchNormGradient(
    void* g, void* x, BatchNormGradient.Targets targets, BatchNormGradient.Numbers* numbers, (double Sum, double Product)* sums, int samples, int channels,
    nint size) : IWidthTask
{
    /// <summary>The numbers of a channel: mean, 1 / √(variance + ε), weight.</summary>
    public readonly record struct Numbers(double Mean, double Scale, double Weight);

    /// <summary>Where to write to, null where a gradient isn't wanted, and the rectified result y, null where there is none.</summary>
    public readonly struct Targets
    {
        public void* Dx { get; init; }

        public bool AddsToDx { get; init; }

        public void* Y { get; init; }

        public void* Dr { get; init; }

        public bool AddsToDr { get; init; }
    }

    /// <summary>Whether g passes a rectifier first.</summary>
    private interface IGate
    {
        static abstract bool IsRectified { get; }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var nanoseconds = (double)samples * channels * (15 + (0.4 * size));
        if (targets.Y == null)
        {
            Workers.Run(new Body<N, T, Open>((T*)g, (T*)x, targets, numbers, sums, samples, channels, size), channels, nanoseconds);
        }
        else
        {
            Workers.Run(new Body<N, T, Rectified>((T*)g, (T*)x, targets, numbers, sums, samples, channels, size), channels, 1.3 * nanoseconds);
        }
    }

    private readonly struct Open : IGate
    {
        public static bool IsRectified => false;
    }

    private readonly struct Rectified : IGate
    {
        public static bool IsRectified => true;
    }

    private readonly struct Body<N, T, TGate>(
        T* g, T* x, Targets targets, Numbers* numbers, (double Sum, double Product)* sums, int samples, int channels, nint size) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TGate : struct, IGate
    {
        // Numbers that a sum in a register takes up before it is added to the others in double.
        private const int Piece = 2048;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var (mean, scale, weight) = numbers[block];
            double sum = 0, product = 0;
            for (var sample = 0; sample < samples; sample++)
            {
                var at = (((nint)sample * channels) + block) * size;
                var (s, p) = TGate.IsRectified ? Products(at, mean) : Moments<N, T>.Products(g + at, x + at, size, mean);
                sum += s;
                product += p;
            }

            sums[block] = (sum, product);
            var count = (double)samples * size;
            N center = mean, slope = scale * weight, curve = -scale * scale * scale * weight * product / count, shift = -scale * weight * sum / count;
            for (var sample = 0; sample < samples; sample++)
            {
                var at = (((nint)sample * channels) + block) * size;
                // In this order: dr may be dx, which is then added; dx may be g.
                if (TGate.IsRectified && targets.Dr != null)
                {
                    Pass(at);
                }

                if (targets.Dx != null)
                {
                    Apply(at, center, slope, curve, shift);
                }
            }
        }

        /// <summary>Σ g and Σ g (x − mean) of the part of g that passes; what <see cref="Moments{N, T}.Products"/> does for all of it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private (double Sum, double Product) Products(nint start, double center)
        {
            double sum = 0, product = 0;
            N mean = center, zero = 0, one = 1;
            var y = (T*)targets.Y;
            for (nint from = 0; from < size; from += Piece)
            {
                var (i, end) = (start + from, start + Math.Min(size, from + Piece));
                N a = 0, b = 0, c = 0, d = 0;
                for (; i + (2 * N.Count) <= end; i += 2 * N.Count)
                {
                    var first = N.Load(ref g[i]) * N.IfGreaterOrEqual(zero, N.Load(ref y[i]), zero, one);
                    var second = N.Load(ref g[i + N.Count]) * N.IfGreaterOrEqual(zero, N.Load(ref y[i + N.Count]), zero, one);
                    a += first;
                    c += second;
                    b = N.MultiplyAdd(first, N.Load(ref x[i]) - mean, b);
                    d = N.MultiplyAdd(second, N.Load(ref x[i + N.Count]) - mean, d);
                }

                for (; i < end; i += N.Count)
                {
                    var rest = (int)Math.Min(end - i, N.Count);
                    var first = Gate(i, rest, zero, one);
                    a += first;
                    b = N.MultiplyAdd(first, (rest == N.Count ? N.Load(ref x[i]) : N.LoadFirst(x + i, rest, 0)) - mean, b);
                }

                sum += double.CreateTruncating(N.Fold<SumFold>(a + c));
                product += double.CreateTruncating(N.Fold<SumFold>(b + d));
            }

            return (sum, product);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Apply(nint start, N center, N slope, N curve, N shift)
        {
            N zero = 0, one = 1;
            T* dx = (T*)targets.Dx, y = (T*)targets.Y;
            var accumulate = targets.AddsToDx;
            var (i, end) = (start, start + size);
            for (; i + N.Count <= end; i += N.Count)
            {
                var gradient = N.Load(ref g[i]);
                if (TGate.IsRectified)
                {
                    gradient *= N.IfGreaterOrEqual(zero, N.Load(ref y[i]), zero, one);
                }

                var value = N.MultiplyAdd(N.Load(ref x[i]) - center, curve, N.MultiplyAdd(gradient, slope, shift));
                N.Store(accumulate ? N.Load(ref dx[i]) + value : value, ref dx[i]);
            }

            if (i < end)
            {
                var rest = (int)(end - i);
                var value = N.MultiplyAdd(N.LoadFirst(x + i, rest, 0) - center, curve, N.MultiplyAdd(Gate(i, rest, zero, one), slope, shift));
                N.StoreFirst(accumulate ? N.LoadFirst(dx + i, rest, 0) + value : value, dx + i, rest);
            }
        }

        /// <summary>Hands on what passes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Pass(nint start)
        {
            N zero = 0, one = 1;
            T* dr = (T*)targets.Dr, y = (T*)targets.Y;
            var accumulate = targets.AddsToDr;
            var (i, end) = (start, start + size);
            for (; i + N.Count <= end; i += N.Count)
            {
                var value = N.Load(ref g[i]) * N.IfGreaterOrEqual(zero, N.Load(ref y[i]), zero, one);
                N.Store(accumulate ? N.Load(ref dr[i]) + value : value, ref dr[i]);
            }

            if (i < end)
            {
                var rest = (int)(end - i);
                var value = Gate(i, rest, zero, one);
                N.StoreFirst(accumulate ? N.LoadFirst(dr + i, rest, 0) + value : value, dr + i, rest);
            }
        }

        /// <summary>A register of g or a part of one, where it passes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private N Gate(nint i, int count, N zero, N one)
        {
            var gradient = count == N.Count ? N.Load(ref g[i]) : N.LoadFirst(g + i, count, 0);
            if (!TGate.IsRectified)
            {
                return gradient;
            }

            var y = (T*)targets.Y;
            return gradient * N.IfGreaterOrEqual(zero, count == N.Count ? N.Load(ref y[i]) : N.LoadFirst(y + i, count, 0), zero, one);
        }
    }
}
