namespace Backprop.Tests.RandomNumbers;

public class GeneratorTests
{
    [Fact]
    public void TheSameSeedGivesTheSameNumbers()
    {
        var (a, b, other) = (new Generator(seed: 7), new Generator(seed: 7), new Generator(seed: 8));
        Assert.Equal(Draw(a), Draw(b));
        Assert.NotEqual(Draw(a), Draw(other));
    }

    [Fact]
    public void AStateReadEarlierRepeatsWhatFollowedIt()
    {
        var generator = new Generator(seed: 7);
        generator.NextDouble();
        var state = generator.State;
        Assert.Equal(7UL, state.Seed);
        var first = Draw(generator);
        Assert.NotEqual(first, Draw(generator));
        generator.State = state;
        Assert.Equal(first, Draw(generator));
        generator.Seed(7);
        Assert.Equal(new GeneratorState(7, 0), generator.State);
    }

    [Fact]
    public void EveryCallTakesItsOwnStretch()
    {
        var generator = new Generator(seed: 3);
        var first = new float[5];
        var second = new float[5];
        generator.FillUniform(first);
        Assert.Equal(2UL, generator.State.Counter);
        generator.FillUniform(second);
        Assert.Empty(first.Intersect(second));
        var wide = new double[5];
        generator.FillNormal(wide);
        Assert.Equal(7UL, generator.State.Counter);
    }

    [Fact]
    public void ThreadsNeverShareAStretch()
    {
        var generator = new Generator(seed: 3);
        var values = new double[4 * 2000];
        Parallel.For(0, 4, thread =>
        {
            for (var i = 0; i < 2000; i++)
            {
                values[(thread * 2000) + i] = generator.NextDouble();
            }
        });
        Assert.Equal(values.Length, values.Distinct().Count());
        Assert.Equal(8000UL, generator.State.Counter);
        generator.Seed(3);
        Assert.Equal(values.Order(), Enumerable.Range(0, 8000).Select(_ => generator.NextDouble()).Order());
    }

    [Fact]
    public void DefaultIsSettable()
    {
        var before = Generator.Default;
        try
        {
            Generator.Default = new Generator(seed: 5);
            Assert.Equal(5UL, Generator.Default.State.Seed);
            Assert.Throws<ArgumentNullException>(() => Generator.Default = null!);
        }
        finally
        {
            Generator.Default = before;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1024)]
    [InlineData(5000)]
    public void APermutationHoldsEveryNumberOnce(int n)
        => Assert.Equal(Enumerable.Range(0, n), new Generator(seed: 11).Permutation(n).Order());

    [Fact]
    public void EveryOrderHasTheSameChance()
    {
        var generator = new Generator(seed: 11);
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 24_000; i++)
        {
            var order = string.Join(',', generator.Permutation(4));
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(24, counts.Count);
        Assert.InRange(counts.Values.Sum(c => (c - 1000.0) * (c - 1000.0) / 1000), 7, 50); // 23 degrees of freedom
    }

    [Fact]
    public void SingleDrawsStayInRange()
    {
        var generator = new Generator(seed: 1);
        var seen = new HashSet<int>();
        for (var i = 0; i < 1000; i++)
        {
            Assert.InRange(generator.NextDouble(), 0, Math.BitDecrement(1.0));
            seen.Add(generator.NextInt32(6));
        }

        Assert.Equal([0, 1, 2, 3, 4, 5], seen.Order());
        Assert.Equal(0, generator.NextInt32(1));
    }

    [Fact]
    public void BadArgumentsAreRefused()
    {
        var generator = new Generator(seed: 1);
        Assert.Throws<ArgumentOutOfRangeException>("exclusiveMax", () => generator.NextInt32(0));
        Assert.Throws<ArgumentOutOfRangeException>("n", () => generator.Permutation(-1));
        foreach (var (low, high) in ((float, float)[])[(1, 0), (float.NaN, 1), (0, float.NaN), (0, float.PositiveInfinity),
            (float.MinValue, float.MaxValue)])
        {
            Assert.Throws<ArgumentOutOfRangeException>("low", () => generator.FillUniform(new float[1], low, high));
        }

        Assert.Throws<ArgumentOutOfRangeException>("low", () => generator.FillUniform(new double[1], double.MinValue, double.MaxValue));
        foreach (var (mean, deviation) in ((float, float)[])[(0, -1), (float.NaN, 1), (0, float.NaN), (0, float.PositiveInfinity)])
        {
            Assert.Throws<ArgumentOutOfRangeException>("deviation", () => generator.FillNormal(new float[1], mean, deviation));
            Assert.Throws<ArgumentOutOfRangeException>("deviation", () => generator.FillNormal(new double[1], mean, deviation));
        }

        Assert.Equal(0UL, generator.State.Counter);
    }

    private static List<double> Draw(Generator generator)
    {
        var single = new float[7];
        var wide = new double[7];
        generator.FillUniform(single);
        generator.FillNormal(wide);
        return [.. single, .. wide, generator.NextDouble(), generator.NextInt32(1000), .. generator.Permutation(20)];
    }
}
