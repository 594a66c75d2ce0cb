using Backprop.Kernels;

namespace Backprop.Tests.Optimizers;

/// <summary>
/// On one thread, so that what is counted is the optimizer's and not a wait for workers; and on several, where the first wait of a kind may cost
/// the runtime an object or two, but not step after step.
/// </summary>
[Collection(nameof(Workers))]
public sealed class AllocationTests : IDisposable
{
    private readonly int threadsBefore = Parallelism.Threads;

    public AllocationTests() => Parallelism.Threads = 1;

    public void Dispose() => Parallelism.Threads = threadsBefore;

    [Theory]
    [MemberData(nameof(OptimizerTests.All), MemberType = typeof(OptimizerTests))]
    public void StepsAllocateNothingOnceTheStateIsThere(string kind)
    {
        var optimizer = Begin(kind);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 0; step < 100; step++)
        {
            optimizer.Step();
            optimizer.LearningRate = 1e-3 / (step + 2);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [MemberData(nameof(OptimizerTests.All), MemberType = typeof(OptimizerTests))]
    public void StepsOnSeveralThreadsAllocateNothing(string kind)
    {
        Parallelism.Threads = 3;
        var optimizer = Begin(kind);
        var allocating = 0;
        for (var step = 0; step < 200; step++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            optimizer.Step();
            allocating += GC.GetAllocatedBytesForCurrentThread() > before ? 1 : 0;
        }

        Assert.InRange(allocating, 0, 3);
    }

    private static Backprop.Optimizers.Optimizer Begin(string kind)
    {
        Tensor[] parameters = [.. new[] { 10, 1000, 100_000 }.Select(count => Tensor.Ones([count]).RequireGradient())];
        foreach (var parameter in parameters)
        {
            parameter.Gradient = Tensor.Ones(parameter.Shape);
        }

        var optimizer = OptimizerTests.Create(kind, parameters, 1e-3);
        optimizer.Step();
        optimizer.Step();
        return optimizer;
    }
}
