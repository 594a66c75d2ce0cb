using System.Runtime.Intrinsics;
using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

/// <summary>Mean and squared deviations of float32 rows against sums in double: also where the first elements tell nothing about the others.</summary>
public unsafe class MomentsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(64)]
    [InlineData(131)]
    [InlineData(256)]
    [InlineData(5000)]
    public void AgreeWithSumsInDouble(int count)
    {
        var random = new Random(count);
        Check([.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble())]);
        Check([.. Enumerable.Range(0, count).Select(_ => 10_000 + (float)random.NextDouble())]);
        Check([.. Enumerable.Range(0, count).Select(i => (i < Vector512<float>.Count ? 1000 : 0) + (float)random.NextDouble())]);
        Check([.. Enumerable.Range(0, count).Select(i => i % 32 == 0 ? 1e4f : -(float)random.NextDouble())]);
        Check([.. Enumerable.Repeat(0.1f, count)]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void OfWhatIsNoNumberAreNone(float value)
    {
        foreach (var at in (int[])[0, 20, 255])
        {
            var row = new float[256];
            row[at] = value;
            Assert.False(double.IsFinite(Of<Lanes512<float>>(row).Variance));
            Assert.False(double.IsFinite(Of<Lanes256<float>>(row).Variance));
        }
    }

    private static void Check(float[] row)
    {
        var mean = row.Average(x => (double)x);
        var variance = row.Average(x => (x - mean) * (x - mean));
        foreach (var moments in (Moments[])[Of<Lanes512<float>>(row), Of<Lanes256<float>>(row)])
        {
            var size = Math.Sqrt(variance) + (Math.Abs(mean) * 1e-3);
            Assert.InRange(moments.Mean, mean - (size * 1e-6), mean + (size * 1e-6));
            Assert.InRange(moments.Variance, variance * (1 - 3e-6), (variance * (1 + 3e-6)) + 1e-15);
        }
    }

    private static Moments Of<N>(float[] row)
        where N : struct, ILanes<N, float>
    {
        fixed (float* x = row)
        {
            return Moments<N, float>.Of(x, row.Length);
        }
    }
}
