using BenchmarkDotNet.Attributes;

namespace Backprop.Benchmarks;

/// <summary>
/// What it costs to share an operation among threads: the smallest exponential that is shared at all, 1 thread beside 2, the worker still spinning
/// because operations follow each other. <see cref="ParkedWorkerBenchmarks"/> shows the first operation after a rest.
/// </summary>
public class ForkJoinBenchmarks
{
    private readonly Tensor x = Tensor.Normal([1 << 18], generator: new Generator(1));
    private int before;

    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>The last two are enough work to be worth a thread, the first is not.</summary>
    [Params(1 << 13, 1 << 17, 1 << 18)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Setup() => (before, Parallelism.Threads) = (Parallelism.Threads, Threads);

    [GlobalCleanup]
    public void Cleanup() => Parallelism.Threads = before;

    [Benchmark]
    public void Exp()
    {
        using var scope = TensorScope.Begin();
        x[..Count].Exp();
    }
}

/// <summary>One shared operation after two milliseconds of rest, when the workers are parked and have to be woken.</summary>
[InvocationCount(1, 1)]
[IterationCount(200)]
[WarmupCount(50)]
public class ParkedWorkerBenchmarks
{
    private readonly Tensor x = Tensor.Normal([1 << 17], generator: new Generator(1));
    private int before;

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup() => (before, Parallelism.Threads) = (Parallelism.Threads, Threads);

    [GlobalCleanup]
    public void Cleanup() => Parallelism.Threads = before;

    [IterationSetup]
    public void Rest() => Thread.Sleep(2);

    [Benchmark]
    public void ExpAfterRest()
    {
        using var scope = TensorScope.Begin();
        x.Exp();
    }
}
