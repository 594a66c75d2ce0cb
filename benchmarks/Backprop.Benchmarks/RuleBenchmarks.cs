using System.Runtime.InteropServices;
using Backprop.Benchmarks.HandWritten;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;

namespace Backprop.Benchmarks;

/// <summary>
/// Each kind of kernel as users call it, with its loop made from a rule, against a loop written by hand for this one purpose; 64K float32 on one
/// thread. What the tensor costs around the loop (shape, result, tape for the gradients) counts against the rule.
/// </summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public unsafe class RuleBenchmarks
{
    private const int Length = 65536;
    private const int Columns = 256;

    private Tensor x = null!;
    private Tensor y = null!;
    private Tensor rows = null!;
    private Tensor seed = null!;
    private Tensor recorded = null!;
    private Tensor sigmoid = null!;
    private Tensor gelu = null!;
    private float* a;
    private float* b;
    private float* c;
    private int threads;

    [GlobalSetup]
    public void Setup()
    {
        threads = Parallelism.Threads;
        Parallelism.Threads = 1;
        x = Tensor.Normal([Length], generator: new Generator(1));
        y = Tensor.Normal([Length], generator: new Generator(2));
        seed = Tensor.Normal([Length], generator: new Generator(3));
        rows = x.Reshape([Length / Columns, Columns]);
        recorded = x.Clone().RequireGradient();
        sigmoid = recorded.Sigmoid();
        gelu = recorded.GeluTanh();
        a = Copy(x);
        b = Copy(y);
        c = Copy(seed);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        Parallelism.Threads = threads;
        NativeMemory.AlignedFree(a);
        NativeMemory.AlignedFree(b);
        NativeMemory.AlignedFree(c);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("add")]
    public void AddByHand() => Loops.Add(a, b, c, Length);

    [Benchmark, BenchmarkCategory("add")]
    public void AddRule()
    {
        using var scope = TensorScope.Begin();
        _ = x + y;
    }

    [Benchmark(Baseline = true), BenchmarkCategory("multiply")]
    public void MultiplyByHand() => Loops.Multiply(a, b, c, Length);

    [Benchmark, BenchmarkCategory("multiply")]
    public void MultiplyRule()
    {
        using var scope = TensorScope.Begin();
        _ = x * y;
    }

    [Benchmark(Baseline = true), BenchmarkCategory("sigmoid")]
    public void SigmoidByHand() => Loops.Sigmoid(a, c, Length);

    [Benchmark, BenchmarkCategory("sigmoid")]
    public void SigmoidRule()
    {
        using var scope = TensorScope.Begin();
        x.Sigmoid();
    }

    [Benchmark(Baseline = true), BenchmarkCategory("sigmoid, gradient")]
    public void SigmoidGradientByHand() => Loops.SigmoidGradient(a, b, c, Length);

    [Benchmark, BenchmarkCategory("sigmoid, gradient")]
    public void SigmoidGradientRule()
    {
        using var scope = TensorScope.Begin();
        Gradient.Of(sigmoid, recorded, seed);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("GELU in tanh")]
    public void GeluByHand() => Loops.GeluTanh(a, c, Length);

    [Benchmark, BenchmarkCategory("GELU in tanh")]
    public void GeluRule()
    {
        using var scope = TensorScope.Begin();
        x.GeluTanh();
    }

    [Benchmark(Baseline = true), BenchmarkCategory("GELU in tanh, gradient")]
    public void GeluGradientByHand() => Loops.GeluTanhGradient(a, b, c, Length);

    [Benchmark, BenchmarkCategory("GELU in tanh, gradient")]
    public void GeluGradientRule()
    {
        using var scope = TensorScope.Begin();
        Gradient.Of(gelu, recorded, seed);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("sum")]
    public float SumByHand() => Loops.Sum(a, Length);

    [Benchmark, BenchmarkCategory("sum")]
    public void SumRule()
    {
        using var scope = TensorScope.Begin();
        x.Sum();
    }

    [Benchmark(Baseline = true), BenchmarkCategory("softmax of rows of 256")]
    public void SoftmaxByHand() => Loops.Softmax(a, c, Length / Columns, Columns);

    [Benchmark, BenchmarkCategory("softmax of rows of 256")]
    public void SoftmaxRule()
    {
        using var scope = TensorScope.Begin();
        rows.Softmax(-1);
    }

    private static float* Copy(Tensor source)
    {
        var result = (float*)NativeMemory.AlignedAlloc(Length * sizeof(float), 64);
        source.CopyTo(new Span<float>(result, Length));
        return result;
    }
}
