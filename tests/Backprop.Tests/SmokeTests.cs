namespace Backprop.Tests;

public class SmokeTests
{
    [Fact]
    public void WorkersRunEveryBlockOnce()
    {
        var counts = new int[100];
        Kernels.Workers.Run(new Count(counts), counts.Length, 1e6);
        Assert.All(counts, count => Assert.Equal(1, count));
    }

    private readonly struct Count(int[] counts) : Kernels.IBlockBody
    {
        public void Run(int block) => Interlocked.Increment(ref counts[block]);
    }
}
