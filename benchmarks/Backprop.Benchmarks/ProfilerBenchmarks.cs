using Backprop.Layers;
using BenchmarkDotNet.Attributes;

namespace Backprop.Benchmarks;

/// <summary>
/// What the profiler costs where it is off: a small operation, forward and backward, and a module that names its operations beside one that doesn't.
/// "Used before" means that a profiler was on earlier in the process. The three pairs of rows should agree within the noise.
/// </summary>
[MemoryDiagnoser]
public class ProfilerBenchmarks
{
    private readonly Tensor w = Tensor.Ones([4]).RequireGradient();
    private readonly Tensor x = Tensor.Ones([4]);
    private readonly Named named = new();
    private readonly Nameless nameless = new();

    /// <summary>Whether a profiler was on before.</summary>
    [Params(false, true)]
    public bool UsedBefore { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        if (UsedBefore)
        {
            using var profiler = Profiler.Begin();
            ForwardAndBackward();
        }
    }

    [Benchmark]
    public void ForwardAndBackward()
    {
        using var scope = TensorScope.Begin();
        w.ZeroGradient();
        (w * x).Backward(Tensor.Ones([4]));
    }

    [Benchmark]
    public Tensor ModuleThatEnters() => named.Forward(x);

    [Benchmark]
    public Tensor ModuleThatDoesNot() => nameless.Forward(x);

    private sealed class Named : Module
    {
        public override Tensor Forward(Tensor x)
        {
            using var region = Enter();
            return x.Relu();
        }
    }

    private sealed class Nameless : Module
    {
        public override Tensor Forward(Tensor x) => x.Relu();
    }
}
