namespace Backprop.Tests.Memory;

/// <summary>Measures the memory of the whole process, and so runs alone.</summary>
[CollectionDefinition(nameof(FlatMemoryTests), DisableParallelization = true)]
public class FlatMemoryCollection;

[Collection(nameof(FlatMemoryTests))]
public class FlatMemoryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AHundredThousandStepsOfTrainingKeepTheMemoryFlat(bool scoped)
    {
        var generator = new Generator(1);
        var (x, t) = (Tensor.Normal([8, 4], generator: generator), Tensor.Normal([8, 2], generator: generator));
        var (w, b) = (Tensor.Normal([4, 2], generator: generator).RequireGradient(), Tensor.Zeros([2]).RequireGradient());
        Run(10_000);
        var before = Resident();
        Run(100_000);
        Assert.InRange(Resident() - before, long.MinValue, 24L << 20);
        Assert.True(float.IsFinite(w.Sum().Item<float>()));

        void Run(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                using var scope = scoped ? TensorScope.Begin() : null;
                (x.MatMul(w) + b - t).Square().Mean().Backward();
                using (Recording.Pause())
                {
                    w.SubtractInPlace(0.01 * w.Gradient!);
                    b.SubtractInPlace(0.01 * b.Gradient!);
                }

                w.ZeroGradient();
                b.ZeroGradient();
            }
        }

        static long Resident()
        {
            // What the collector has not come round to yet is no growth.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return Environment.WorkingSet;
        }
    }
}
