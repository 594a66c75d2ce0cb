namespace Backprop.Tests.RandomNumbers;

/// <summary>Random integers, draws with given chances, and random numbers in the shape of others.</summary>
public sealed class DrawTests
{
    [Theory]
    [InlineData(DType.Int32)]
    [InlineData(DType.Int64)]
    public void IntegersAreInRangeAndAlikeInFrequency(DType dtype)
    {
        var x = Tensor.RandomIntegers([100, 100], -2, 3, dtype, new Generator(4));
        Assert.Equal((dtype, 10_000), (x.DType, x.Count));
        Assert.All((x + 2).BinCount().ToArray<long>(), count => Assert.InRange(count, 1850, 2150));
        Assert.Equal(5, (x + 2).BinCount().Count);
        Assert.Equal(x.To(DType.Int64).ToArray<long>(), Tensor.RandomIntegers([100, 100], -2, 3, dtype, new Generator(4)).To(DType.Int64).ToArray<long>());
        Assert.Contains("low is 3; it must be below high, 3", Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.RandomIntegers([1], 3, 3)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.RandomIntegers([1], 0, 1L << 40, DType.Int32));
        Assert.Throws<DTypeException>(() => Tensor.RandomIntegers([1], 0, 2, DType.Float32));
        Assert.InRange(Tensor.RandomIntegers([1], long.MinValue, long.MaxValue).Item<long>(), long.MinValue, long.MaxValue - 1);
    }

    [Fact]
    public void DrawsFollowTheChances()
    {
        var chances = Tensor.From([1.0, 0, 3, 0, 4, 2, 0]);
        var drawn = Tensor.Multinomial(chances, 20_000, replacement: true, new Generator(5));
        var counts = drawn.BinCount(7).ToArray<long>();
        Assert.All(counts.Zip(chances.ToArray<double>()), pair => Assert.InRange(pair.First, 1800 * pair.Second, 2200 * pair.Second));

        var rows = Tensor.Multinomial(Tensor.From([0f, 1, 0, 2, 0, 2], 2, 3), 50, replacement: true, new Generator(6));
        Assert.Equal([2, 50], rows.Shape.ToArray());
        Assert.All(rows[0].ToArray<long>(), position => Assert.Equal(1, position));
        Assert.All(rows[1].ToArray<long>(), position => Assert.True(position is 0 or 2));
    }

    [Fact]
    public void WithoutReplacementNoneComesTwiceAndTheFirstFollowsTheChances()
    {
        var chances = Tensor.From([1.0, 0, 3, 0, 4, 2, 0]).Expand(5000, 7);
        var drawn = Tensor.Multinomial(chances, 4, generator: new Generator(7));
        Assert.All(drawn.Sort().Values.Unbind(0), row => Assert.Equal([0, 2, 4, 5], row.ToArray<long>()));
        var first = drawn[.., 0].BinCount(7).ToArray<long>();
        Assert.All(first.Zip(chances[0].ToArray<double>()), pair => Assert.InRange(pair.First, 430 * pair.Second, 570 * pair.Second));
    }

    [Fact]
    public void ImpossibleDrawsAreRefused()
    {
        Refused("1 above 0", () => Tensor.Multinomial(Tensor.From([0.0, 1]), 2), "at most the number of probabilities above 0, 1");
        Refused("all 0", () => Tensor.Multinomial(Tensor.Zeros([3]), 1, replacement: true), "above 0");
        Refused("negative", () => Tensor.Multinomial(Tensor.From([1.0, -0.5]), 1), "-0.5");
        Refused("NaN", () => Tensor.Multinomial(Tensor.From([1.0, double.NaN]), 1), "NaN");
        Refused("infinite", () => Tensor.Multinomial(Tensor.From([1.0, double.PositiveInfinity]), 1), "finite");
        Refused("a negative number", () => Tensor.Multinomial(Tensor.Ones([2]), -1), "-1");
        Assert.Throws<ShapeException>(() => Tensor.Multinomial(Tensor.Ones([2, 2, 2]), 1));
        Assert.Throws<DTypeException>(() => Tensor.Multinomial(Tensor.Arange(2, DType.Int64), 1));
        Assert.Equal([3, 0], Tensor.Multinomial(Tensor.Ones([3, 2]), 0).Shape.ToArray());
        Assert.Equal([0, 2], Tensor.Multinomial(Tensor.Ones([0, 2]), 2).Shape.ToArray());

        static void Refused(string what, Func<object> draw, string says)
        {
            var message = Assert.Throws<ArgumentOutOfRangeException>(draw).Message;
            Assert.True(message.StartsWith("multinomial:", StringComparison.Ordinal) && message.Contains(says, StringComparison.Ordinal), $"{what}: {message}");
        }
    }

    [Fact]
    public void LikeAnotherTensor()
    {
        var other = Tensor.Zeros([2, 3], DType.Float64);
        Assert.Equal(
            Tensor.Normal([2, 3], 1, 2, DType.Float64, new Generator(1)).ToArray<double>(),
            Tensor.NormalLike(other, 1, 2, new Generator(1)).ToArray<double>());
        Assert.Equal(
            Tensor.Uniform([2, 3], 1, 2, DType.Float64, new Generator(1)).ToArray<double>(),
            Tensor.UniformLike(other, 1, 2, new Generator(1)).ToArray<double>());
        Assert.Throws<DTypeException>(() => Tensor.NormalLike(Tensor.From([1])));
        Assert.Equal([5, 5], Tensor.FullLike(Tensor.From([1, 2]), 5).ToArray<int>());
    }
}
