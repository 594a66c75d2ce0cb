using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Backprop.Kernels;
using BenchmarkDotNet.Attributes;

namespace Backprop.Benchmarks;

/// <summary>Functions of registers and the kernels of rows, on one thread; 64K elements unless named otherwise.</summary>
public unsafe class VectorMathBenchmarks
{
    private const int Length = 65536;
    private const int Million = 1 << 20;
    private float* x;
    private float* y;
    private int threads;

    [GlobalSetup]
    public void Setup()
    {
        threads = Workers.Threads;
        Workers.Threads = 1;
        x = (float*)NativeMemory.AlignedAlloc(Million * sizeof(float), 64);
        y = (float*)NativeMemory.AlignedAlloc(Million * sizeof(float), 64);
        var random = new Random(1);
        for (var i = 0; i < Million; i++)
        {
            x[i] = (float)(random.NextDouble() * 8 + 0.01);
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        Workers.Threads = threads;
        NativeMemory.AlignedFree(x);
        NativeMemory.AlignedFree(y);
    }

    [Benchmark]
    public void Exp() => Map<ExpFunction>();

    [Benchmark]
    public void Log() => Map<LogFunction>();

    [Benchmark]
    public void Tanh() => Map<TanhFunction>();

    [Benchmark]
    public void Sigmoid() => Map<SigmoidFunction>();

    [Benchmark]
    public void Erf() => Map<ErfFunction>();

    [Benchmark]
    public void SoftmaxRowsOf10() => Softmax.Forward(x, y, Length / 10, 10);

    [Benchmark]
    public void SoftmaxRowsOf256() => Softmax.Forward(x, y, Length / 256, 256);

    [Benchmark]
    public void SumAll() => Reductions.Sum(x, y, 1, Length, 1);

    [Benchmark]
    public void SumAllMillion() => Reductions.Sum(x, y, 1, Million, 1);

    [Benchmark]
    public void SumRowsMillion() => Reductions.Sum(x, y, 1024, 1024, 1);

    [Benchmark]
    public void SumColumnsMillion() => Reductions.Sum(x, y, 1, 1024, 1024);

    [Benchmark]
    public void MaxAll() => Reductions.Max(x, y, 1, Length, 1);

    private interface IFunction
    {
        static abstract N At<N>(N x)
            where N : IReal<N>;
    }

    private void Map<F>()
        where F : struct, IFunction
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Map<F, Lanes512<float>>();
        }
        else
        {
            Map<F, Lanes256<float>>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Map<F, N>()
        where F : struct, IFunction
        where N : struct, ILanes<N, float>, IReal<N>
    {
        for (var i = 0; i < Length; i += N.Count)
        {
            N.Store(F.At(N.Load(ref x[i])), ref y[i]);
        }
    }

    private readonly struct ExpFunction : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N At<N>(N x)
            where N : IReal<N> => N.Exp(x);
    }

    private readonly struct LogFunction : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N At<N>(N x)
            where N : IReal<N> => N.Log(x);
    }

    private readonly struct TanhFunction : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N At<N>(N x)
            where N : IReal<N> => N.Tanh(x);
    }

    private readonly struct SigmoidFunction : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N At<N>(N x)
            where N : IReal<N> => N.Sigmoid(x);
    }

    private readonly struct ErfFunction : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N At<N>(N x)
            where N : IReal<N> => N.Erf(x);
    }
}
