namespace Backprop.Tests.Memory;

[Collection(nameof(Backprop.Kernels.Workers))]
public class ThreadCountTests
{
    [Fact]
    public void ResultsHaveTheSameBitsForEveryNumberOfThreads()
    {
        var before = Parallelism.Threads;
        try
        {
            Parallelism.Threads = 1;
            var alone = Results();
            Assert.All(alone, value => Assert.True(float.IsFinite(value)));
            foreach (var threads in new[] { 2, 3, 4 })
            {
                Parallelism.Threads = threads;
                var shared = Results();
                Assert.Equal(alone.Length, shared.Length);
                Assert.True(alone.AsSpan().SequenceEqual(shared), $"{threads} threads give other bits");
            }
        }
        finally
        {
            Parallelism.Threads = before;
        }
    }

    /// <summary>Elementwise operations, sums over every axis, products and their gradients, all large enough to be shared out.</summary>
    private static float[] Results()
    {
        var generator = new Generator(9);
        var a = Tensor.Normal([311, 1003], generator: generator).RequireGradient();
        var b = Tensor.Normal([1003, 257], generator: generator).RequireGradient();
        var c = Tensor.Normal([257], generator: generator).RequireGradient();
        var product = a.MatMul(b) / 30 + c;
        var y = (product.Tanh() * product.T.Exp().T.Sigmoid()).Sum(0).Square().Sum() + a.Sum([0, 1]) + a.Exp().Mean(1).Sum() + (b.Max(0) * c).Sum();
        y.Backward();
        var batch = a[..300].Reshape(3, 100, 1003).MatMul(b);
        return
        [
            y.Item<float>(), .. a.Gradient!.ToArray<float>(), .. b.Gradient!.ToArray<float>(), .. c.Gradient!.ToArray<float>(),
            .. batch.ToArray<float>(), .. a.Sum(0).ToArray<float>(), .. a.Sum(1).ToArray<float>(), .. a.Variance(0).ToArray<float>(),
        ];
    }
}
