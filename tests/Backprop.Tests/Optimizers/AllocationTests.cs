using Backprop.Kernels;

namespace Backprop.Tests.Optimizers;

/// <summary>Steps allocate nothing, on one thread or several.</summary>
[Collection(nameof(Workers))]
public sealed class AllocationTests : IDisposable
{
    private readonly int threadsBefore = Parallelism.Threads;

    public void Dispose() => Parallelism.Threads = threadsBefore;

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var kind in OptimizerTests.All)
            {
                cases.Add(kind, 1);
                cases.Add(kind, 3);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void StepsAllocateNothingOnceTheStateIsThere(string kind, int threads)
    {
        Parallelism.Threads = threads;
        Tensor[] parameters = [.. new[] { 10, 1000, 100_000 }.Select(count => Tensor.Ones([count]).RequireGradient())];
        foreach (var parameter in parameters)
        {
            parameter.Gradient = Tensor.Ones(parameter.Shape);
        }

        var optimizer = OptimizerTests.Create(kind, parameters, 1e-3);
        optimizer.Step();
        optimizer.Step();
        Assert.Equal(0, Allocations.Of(
            () =>
            {
                optimizer.Step();
                optimizer.LearningRate *= 0.99;
            },
            times: 50));
    }
}
