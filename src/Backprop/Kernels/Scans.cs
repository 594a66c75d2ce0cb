using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Cumulative sums, products and log-sum-exps along the middle index of a contiguous [outer, length, inner] array of float, double or long, with
/// their gradients.
/// </summary>
/// <remarks>Each line is added up in order by one thread, float in double precision; so the bits don't depend on the number of threads.</remarks>
internal static unsafe class Scans
{
    /// <summary>y[k] = x[0] + … + x[k], or x[k] + … + x[length − 1] in reverse. Integers wrap.</summary>
    public static void Sum(float* x, float* y, nint outer, nint length, nint inner, bool reverse) =>
        Run<SumScan<float, double>, float, double>(x, y, outer, length, inner, reverse);

    /// <inheritdoc cref="Sum(float*, float*, nint, nint, nint, bool)"/>
    public static void Sum(double* x, double* y, nint outer, nint length, nint inner, bool reverse) =>
        Run<SumScan<double, double>, double, double>(x, y, outer, length, inner, reverse);

    /// <inheritdoc cref="Sum(float*, float*, nint, nint, nint, bool)"/>
    public static void Sum(long* x, long* y, nint outer, nint length, nint inner, bool reverse) =>
        Run<SumScan<long, long>, long, long>(x, y, outer, length, inner, reverse);

    /// <summary>y[k] = x[0] · … · x[k]. Integers wrap.</summary>
    public static void Product(float* x, float* y, nint outer, nint length, nint inner) =>
        Run<ProductScan<float, double>, float, double>(x, y, outer, length, inner, false);

    /// <inheritdoc cref="Product(float*, float*, nint, nint, nint)"/>
    public static void Product(double* x, double* y, nint outer, nint length, nint inner) =>
        Run<ProductScan<double, double>, double, double>(x, y, outer, length, inner, false);

    /// <inheritdoc cref="Product(float*, float*, nint, nint, nint)"/>
    public static void Product(long* x, long* y, nint outer, nint length, nint inner) =>
        Run<ProductScan<long, long>, long, long>(x, y, outer, length, inner, false);

    /// <summary>y[k] = ln (e^x[0] + … + e^x[k]) without overflow.</summary>
    public static void LogSumExp(float* x, float* y, nint outer, nint length, nint inner) =>
        Run<LogSumExpScan<float>, float, double>(x, y, outer, length, inner, false);

    /// <inheritdoc cref="LogSumExp(float*, float*, nint, nint, nint)"/>
    public static void LogSumExp(double* x, double* y, nint outer, nint length, nint inner) =>
        Run<LogSumExpScan<double>, double, double>(x, y, outer, length, inner, false);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TScan, T, TState>(T* x, T* y, nint outer, nint length, nint inner, bool reverse)
        where TScan : struct, IScan<T, TState>
        where T : unmanaged
        where TState : unmanaged =>
        Lines.Run(new Body<TScan, T, TState>(x, y, length, inner, reverse), outer, length, inner, TScan.NanosecondsPerElement);

    /// <summary>One step along a line.</summary>
    private interface IScan<T, TState>
    {
        static abstract TState Start { get; }

        static abstract double NanosecondsPerElement { get; }

        static abstract T Step(ref TState state, T x);
    }

    private readonly struct SumScan<T, TState> : IScan<T, TState>
        where T : INumberBase<T>
        where TState : INumberBase<TState>
    {
        public static TState Start => TState.Zero;

        public static double NanosecondsPerElement => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static T Step(ref TState state, T x)
        {
            state += TState.CreateTruncating(x);
            return T.CreateTruncating(state);
        }
    }

    private readonly struct ProductScan<T, TState> : IScan<T, TState>
        where T : INumberBase<T>
        where TState : INumberBase<TState>
    {
        public static TState Start => TState.One;

        public static double NanosecondsPerElement => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static T Step(ref TState state, T x)
        {
            state *= TState.CreateTruncating(x);
            return T.CreateTruncating(state);
        }
    }

    private readonly struct LogSumExpScan<T> : IScan<T, double>
        where T : INumberBase<T>
    {
        public static double Start => double.NegativeInfinity;

        public static double NanosecondsPerElement => 15;

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static T Step(ref double state, T x)
        {
            var next = double.CreateTruncating(x);
            var large = Math.Max(state, next);
            state = double.IsInfinity(large) ? large : large + ScalarMath.Log1p(Math.Exp(-Math.Abs(state - next)));
            return T.CreateTruncating(state);
        }
    }

    private readonly struct Body<TScan, T, TState>(T* x, T* y, nint length, nint inner, bool reverse) : ILineBody
        where TScan : struct, IScan<T, TState>
        where T : unmanaged
        where TState : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(nint offset, nint line, int width)
        {
            var step = reverse ? -inner : inner;
            var at = reverse ? offset + ((length - 1) * inner) : offset;
            if (width == 1)
            {
                var state = TScan.Start;
                for (nint k = 0; k < length; k++, at += step)
                {
                    y[at] = TScan.Step(ref state, x[at]);
                }

                return;
            }

            var states = stackalloc TState[Lines.Width];
            new Span<TState>(states, width).Fill(TScan.Start);
            for (nint k = 0; k < length; k++, at += step)
            {
                for (var column = 0; column < width; column++)
                {
                    y[at + column] = TScan.Step(ref states[column], x[at + column]);
                }
            }
        }
    }
}
