using Backprop.Layers;

namespace Backprop.Tests.Layers;

public class DropoutTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void TheExpectationStays(double probability)
    {
        const int Count = 100_000;
        var y = Numbers.Of(new Dropout(probability, new Generator(1)).Forward(Tensor.Ones([Count])));
        var kept = y.Count(value => value != 0);

        Assert.All(y.Where(value => value != 0).Distinct(), value => Assert.Equal(1 / (1 - probability), value, 1e-6));

        // Five standard deviations of the binomial distribution.
        Assert.InRange(kept, (Count * (1 - probability)) - Deviation(), (Count * (1 - probability)) + Deviation());
        double Deviation() => 5 * Math.Sqrt(Count * probability * (1 - probability));
    }

    [Fact]
    public void TheSameSeedDropsTheSameElements()
    {
        var x = Tensor.Ones([1000]);
        float[] Two(ulong seed)
        {
            var dropout = new Dropout(0.5, new Generator(seed));
            return [.. dropout.Forward(x).ToArray<float>(), .. dropout.Forward(x).ToArray<float>()];
        }

        var first = Two(3);
        Assert.Equal(first, Two(3));
        Assert.NotEqual(first, Two(4));
        Assert.NotEqual(first[..1000], first[1000..]);
    }

    [Fact]
    public void EvaluationChangesNothing()
    {
        var x = Tensor.Ones([10]);
        var dropout = new Dropout(0.5);
        dropout.Evaluate();

        Assert.Same(x, dropout.Forward(x));
        Assert.Same(x, new Dropout(0).Forward(x));
    }

    [Fact]
    public void AProbabilityOfOneGivesZeros()
    {
        var x = Tensor.Ones([10]).RequireGradient();
        var y = new Dropout(1).Forward(x);
        y.Sum().Backward();

        Assert.Equal(new float[10], y.ToArray<float>());
        Assert.Equal(new float[10], x.Gradient!.ToArray<float>());
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void TheGradientGoesWhereTheValueWent(DType dtype)
    {
        var x = Tensor.Full([100], 3, dtype).RequireGradient();
        var y = new Dropout(0.25, new Generator(1)).Forward(x);
        y.Sum().Backward();

        Numbers.Close(Numbers.Of(y / 3), x.Gradient!, 1e-6);
        Assert.Contains(0, Numbers.Of(y));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void TheProbabilityMustBeOne(double probability)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(probability));
        Assert.Contains("dropout: probability is", error.Message);
        Assert.Contains("from 0 to 1", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Bernoulli([2], probability));
    }

    [Fact]
    public void BernoulliTakesAValueAndAType()
    {
        var x = Tensor.Bernoulli([1000], 0.3, 2.5, DType.Float64, new Generator(1)).ToArray<double>();

        Assert.Equal([0, 2.5], x.Distinct().Order());
        Assert.InRange(x.Count(value => value > 0), 220, 380);
        Assert.Throws<DTypeException>(() => Tensor.Bernoulli([2], 0.5, dtype: DType.Int32));
        Assert.All(Tensor.Bernoulli([10], 1).ToArray<float>(), value => Assert.Equal(1f, value));
        Assert.All(Tensor.Bernoulli([10], 0).ToArray<float>(), value => Assert.Equal(0f, value));
    }
}
