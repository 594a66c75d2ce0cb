using Backprop.Kernels;

namespace Backprop.Tests.Optimizers;

/// <summary>On one thread, so that what is counted is the optimizer's and not a wait for workers.</summary>
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
        Tensor[] parameters = [.. new[] { 10, 1000, 100_000 }.Select(count => Tensor.Ones([count]).RequireGradient())];
        foreach (var parameter in parameters)
        {
            parameter.Gradient = Tensor.Ones(parameter.Shape);
        }

        var optimizer = OptimizerTests.Create(kind, parameters, 1e-3);
        optimizer.Step();
        optimizer.Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 0; step < 100; step++)
        {
            optimizer.Step();
            optimizer.LearningRate = 1e-3 / (step + 2);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
