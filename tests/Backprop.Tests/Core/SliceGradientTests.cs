namespace Backprop.Tests.Core;

/// <summary>Gradients of parts of a tensor: added straight to the gradient of the whole.</summary>
public class SliceGradientTests
{
    private const int Rows = 2000, Columns = 64;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheGradientsOfAllRowsCostNoMoreThanTheirElements(bool scoped)
    {
        var x = Tensor.Ones([Rows, Columns]).RequireGradient();
        var computed = new Func<Tensor>[] { () => x, () => x * 2 };
        foreach (var whole in computed)
        {
            x.ZeroGradient();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var scope = scoped ? TensorScope.Begin() : null;
            var source = whole();
            var losses = new Tensor[Rows];
            for (var i = 0; i < Rows; i++)
            {
                losses[i] = (source[i] * source[i]).Sum();
            }

            Tensor.Stack(losses).Sum().Backward();
            scope?.Dispose();

            // One zero tensor per row would be 1 GB.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 30_000_000);
            Assert.All(x.Gradient!.ToArray<float>(), g => Assert.Equal(ReferenceEquals(source, x) ? 2 : 8, g));
        }
    }

    [Fact]
    public void ChoosingSlicesLeavesNoGarbagePerPosition()
    {
        var random = new Random(6);
        var x = Tensor.Ones([100, 4]).RequireGradient();
        var index = Tensor.From(Enumerable.Range(0, 50_000).Select(_ => random.NextInt64(100)).ToArray());
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            x.IndexSelect(index).Sum().Backward();

            // Rows and their gradients take 800 kB each.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
        }
    }

    [Fact]
    public void OverlappingPartsAddUp()
    {
        var random = new Random(7);
        for (var round = 0; round < 60; round++)
        {
            var oracle = Naive.Random(random, 4, 5, 3);
            var inputs = new[] { oracle.ToTensor() };
            var index = Tensor.From(Enumerable.Range(0, 6).Select(_ => random.NextInt64(-3, 3)).ToArray());
            var picked = Tensor.From(Enumerable.Range(0, 30).Select(_ => random.Next(-5, 5)).ToArray(), 2, 5, 3);
            var (axis, from) = (random.Next(3), random.Next(2));
            var step = random.Next(1, 4);
            var order = 1 + (round % 6 == 0 ? 1 : 0);
            GradientCheck.Verify(
                v =>
                {
                    var (a, b) = (v[0], v[0] * v[0]);
                    return a[from, TensorIndex.Every(.., step)].Square().Sum() + b[TensorIndex.Ellipsis, 1].Sum() + (a.Flip(axis) * b.Narrow(1, 0, 5)).Sum()
                        + b.IndexSelect(index, axis).Square().Sum() + (a.IndexSelect(index, 0).Sum() * a[0].Sum()) + b.Gather(1, picked).Square().Sum()
                        + a.Gather(1, picked).Sum();
                },
                inputs,
                order);
        }
    }

    [Fact]
    public void ASliceAddsToTheGradientThatIsThere()
    {
        var x = Tensor.From([1.0, 2, 3, 4]).RequireGradient();
        (x * 10).Sum().Backward();
        x[1..3].Sum().Backward();
        x.IndexSelect(Tensor.From([0, -1, 0])).Sum().Backward();
        x.Gather(0, Tensor.From([3, 3])).Sum().Backward();
        Assert.Equal([12, 11, 11, 13], x.Gradient!.ToArray<double>());
        x.ZeroGradient();
        x[3].Backward();
        Assert.Equal([0, 0, 0, 1], x.Gradient!.ToArray<double>());
    }
}
