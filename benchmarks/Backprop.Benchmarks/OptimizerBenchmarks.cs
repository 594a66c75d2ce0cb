using System.Runtime.InteropServices;
using Backprop.Benchmarks.HandWritten;
using Backprop.Optimizers;
using BenchmarkDotNet.Attributes;

namespace Backprop.Benchmarks;

/// <summary>Steps of optimizers over float32 parameters on one thread: the loops made from rules, and those of Adam and SGD written by hand.</summary>
public unsafe class OptimizerBenchmarks
{
    private Tensor parameter = null!;
    private Adam adam = null!;
    private Adam amsGrad = null!;
    private Sgd sgd = null!;
    private Sgd momentum = null!;
    private float* p;
    private float* g;
    private float* m;
    private float* v;
    private int step;
    private int threads;

    [Params(1 << 16, 1 << 20)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        threads = Parallelism.Threads;
        Parallelism.Threads = 1;
        parameter = Tensor.Normal([Count], generator: new Generator(1)).RequireGradient();
        parameter.Gradient = Tensor.Normal([Count], generator: new Generator(2));
        adam = new Adam([parameter]);
        amsGrad = new Adam([parameter], amsGrad: true);
        sgd = new Sgd([parameter], 1e-9);
        momentum = new Sgd([parameter], 1e-9, momentum: 0.9);
        p = Copy(parameter);
        g = Copy(parameter.Gradient);
        m = Copy(Tensor.Zeros([Count]));
        v = Copy(Tensor.Zeros([Count]));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        Parallelism.Threads = threads;
        NativeMemory.AlignedFree(p);
        NativeMemory.AlignedFree(g);
        NativeMemory.AlignedFree(m);
        NativeMemory.AlignedFree(v);
    }

    [Benchmark(Baseline = true)]
    public void AdamByHand()
    {
        step++;
        Loops.Adam(p, g, m, v, (float)(1e-3 / (1 - Math.Pow(0.9, step))), (float)(1 / Math.Sqrt(1 - Math.Pow(0.999, step))), Count);
    }

    [Benchmark]
    public void AdamRule() => adam.Step();

    [Benchmark]
    public void AmsGradRule() => amsGrad.Step();

    [Benchmark]
    public void SgdByHand() => Loops.Sgd(p, g, 1e-9f, Count);

    [Benchmark]
    public void SgdRule() => sgd.Step();

    [Benchmark]
    public void MomentumRule() => momentum.Step();

    [Benchmark]
    public double ClipByNorm() => GradientClipping.ByNorm([parameter], double.PositiveInfinity);

    private float* Copy(Tensor source)
    {
        var result = (float*)NativeMemory.AlignedAlloc((nuint)Count * sizeof(float), 64);
        source.Detach().CopyTo(new Span<float>(result, Count));
        return result;
    }
}
