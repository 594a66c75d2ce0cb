using BenchmarkDotNet.Attributes;

namespace Backprop.Benchmarks;

/// <summary>
/// What an operation costs beside its arithmetic: additions of four numbers, per addition. The difference between the last two rows is a step
/// backwards.
/// </summary>
[MemoryDiagnoser]
public class OverheadBenchmarks
{
    private const int Chain = 100;

    private readonly Tensor w = Tensor.Ones([4]).RequireGradient();
    private readonly Tensor x = Tensor.Ones([4]);
    private readonly Tensor seed = Tensor.Ones([4]);

    [Benchmark]
    public void Scope() => TensorScope.Begin().Dispose();

    [Benchmark(OperationsPerInvoke = Chain)]
    public void Unrecorded()
    {
        using var scope = TensorScope.Begin();
        Add(x);
    }

    [Benchmark(OperationsPerInvoke = Chain)]
    public void UnrecordedWithoutScope() => Add(x);

    [Benchmark(OperationsPerInvoke = Chain)]
    public void Recorded()
    {
        using var scope = TensorScope.Begin();
        Add(w);
    }

    [Benchmark(OperationsPerInvoke = Chain)]
    public void RecordedAndBackward()
    {
        using var scope = TensorScope.Begin();
        w.ZeroGradient();
        Add(w).Backward(seed);
    }

    private Tensor Add(Tensor sum)
    {
        for (var i = 0; i < Chain; i++)
        {
            sum += x;
        }

        return sum;
    }
}
