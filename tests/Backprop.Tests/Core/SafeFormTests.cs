namespace Backprop.Tests.Core;

/// <summary>
/// What the gradients are where formulas have none (the remarks of the members say it), and the forms that are finite there, to second order.
/// </summary>
public class SafeFormTests
{
    private const double Infinity = double.PositiveInfinity;
    private const double NaN = double.NaN;

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.0)]
    [InlineData(1.5)]
    [InlineData(2.0)]
    [InlineData(3.0)]
    [InlineData(Infinity)]
    public void ANormAtZeroHasTheGradientZero(double p)
    {
        Check(x => x.Norm(p), [0, 0], [0], [0, 0]);
        Check(x => x.Reshape(2, 2).Norm(p, 1), [0, 0, 0, -2], [0, 2], [0, 0, 0, -1]);
        if (p == 2)
        {
            Gives(x => x.Square().Sum().Sqrt(), [0, 0], [0], [NaN, NaN]);
        }
    }

    [Fact]
    public void ARootAtZeroHasAnInfiniteSlope()
    {
        Gives(x => x.Sqrt(), [0, 4, -1], [0, 2, NaN], [Infinity, 0.25, NaN]);
        Gives(x => x.Square().Sqrt(), [0, -2], [0, 2], [NaN, -1]);
        Gives(x => x.ReciprocalSqrt(), [0, 4], [Infinity, 0.5], [-Infinity, -0.0625]);
        Check(x => Tensor.Where(x > 0, Tensor.Where(x > 0, x, 1).Sqrt(), 0), [0, 4, -1], [0, 2, 0], [0, 0.25, 0]);
    }

    [Fact]
    public void AHypotenuseOfNothingHasTheGradientZero()
    {
        Check(x => x[..2].Hypot(x[2..]), [0, 3, 0, -4], [0, 5], [0, 0.6, 0, -0.8]);
        Gives(x => (x[..2].Square() + x[2..].Square()).Sqrt(), [0, 3, 0, -4], [0, 5], [NaN, 0.6, NaN, -0.8]);
    }

    /// <summary>The branch not taken gets 0, and 0 times the infinite slope behind it is NaN: its argument must be made harmless, too.</summary>
    [Fact]
    public void AForbiddenBranchNeedsTwoChoices()
    {
        Gives(x => Tensor.Where(x > 0, x.Log(), 0), [0, 2, 1], [0, Math.Log(2), 0], [NaN, 0.5, 1]);
        Gives(x => Tensor.Where(x > 0, x.Sqrt(), 0), [0, -1, 4], [0, 0, 2], [NaN, NaN, 0.25]);
        Gives(x => Tensor.Where(x.EqualTo(0), 1, x.Sin() / x), [0, Math.PI], [1, 0], [NaN, -1 / Math.PI]);
        Check(x => Tensor.Where(x > 0, Tensor.Where(x > 0, x, 1).Log(), 0), [0, -1, 2], [0, 0, Math.Log(2)], [0, 0, 0.5]);
        Check(
            x =>
            {
                var isZero = x.EqualTo(0);
                var safe = Tensor.Where(isZero, 1, x);
                return Tensor.Where(isZero, 1, safe.Sin() / safe);
            },
            [0, Math.PI],
            [1, 0],
            [0, -1 / Math.PI]);
    }

    [Fact]
    public void ALogarithmAtZero()
    {
        Gives(x => x.Log(), [0, 2, -1], [-Infinity, Math.Log(2), NaN], [Infinity, 0.5, -1]);
        Gives(x => x * x.Log(), [0, 1], [NaN, 0], [NaN, 1]);
        Check(x => x.Clamp(1e-12).Log(), [0, 2], [Math.Log(1e-12), Math.Log(2)], [0, 0.5]);
        Check(x => x.XLogY(x), [0, 0.5], [0, 0.5 * Math.Log(0.5)], [0, Math.Log(0.5) + 1]);
        Check(x => x[..3].XLogY(x[3..]), [0, 0, 2, 0, 2, 4], [0, 0, 2 * Math.Log(4)], [0, Math.Log(2), Math.Log(4), 0, 0, 0.5]);
        Gives(x => x[..1].XLogY(x[1..]), [1, 0], [-Infinity], [-Infinity, Infinity]);
    }

    [Fact]
    public void LogSumExpOfNothingButMinusInfinity()
    {
        Check(x => x.LogSumExp(), [-Infinity, -Infinity], [-Infinity], [0, 0]);
        Check(x => x.Reshape(2, 2).LogSumExp(1), [-Infinity, -Infinity, -Infinity, 3], [-Infinity, 3], [0, 0, 0, 1]);
        Check(x => x.LogCumSumExp(0), [-Infinity, -Infinity], [-Infinity, -Infinity], [0, 0]);
        Check(x => x[..3].LogAddExp(x[3..]), [-Infinity, -Infinity, 1, -Infinity, 0, -Infinity], [-Infinity, 0, 1], [0, 0, 1, 0, 1, 0]);
        Gives(x => x.Exp().Sum().Log(), [-Infinity, -Infinity], [-Infinity], [NaN, NaN]);

        // In float32, and added to a gradient that is there already.
        var single = Tensor.Full([40], -Infinity).RequireGradient();
        single.LogSumExp().Backward();
        single.LogSumExp().Backward();
        Assert.Equal(new float[40], single.Gradient!.ToArray<float>());
    }

    [Fact]
    public void ASoftmaxOfMaskedScores()
    {
        Gives(x => x.Softmax(), [-Infinity, -Infinity], [NaN, NaN], [NaN, NaN]);
        Gives(x => x.LogSoftmax(), [-Infinity, -Infinity], [NaN, NaN], [NaN, NaN]);
        Check(x => x.Softmax()[1], [-Infinity, 1, 1], [0.5], [0, 0.25, -0.25]);
        Check(x => x.LogSoftmax()[1], [-Infinity, 1, 1], [-Math.Log(2)], [0, 0.5, -0.5]);

        var mask = Tensor.From([true, true, false, false]).Reshape(2, 2);
        Tensor Masked(Tensor x)
        {
            var scores = x.Reshape(2, 2).MaskedFill(!mask, -Infinity);
            var any = mask.Any(-1, keepDimensions: true);
            return Tensor.Where(any, Tensor.Where(any, scores, 0).Softmax(), 0).Flatten();
        }

        Check(x => Masked(x)[1..], [1, 1, 7, 8], [0.5, 0, 0], [-0.25, 0.25, 0, 0]);
    }

    [Fact]
    public void PowersAtZero()
    {
        Gives(x => x.Pow(0.5), [0, 4], [0, 2], [Infinity, 0.25]);
        Gives(x => x.Pow(-1), [0, 4], [Infinity, 0.25], [-Infinity, -0.0625]);
        Gives(x => x.Pow(1.5), [0, 4], [0, 8], [0, 3]);
        Check(x => x.Pow(0), [0, 4], [1, 1], [0, 0]);
        Check(x => x.Pow(1), [0, 4], [0, 4], [1, 1]);
        Check(x => x.Pow(2), [0, 4], [0, 16], [0, 8]);
        Check(x => x.Pow(3), [0, 4], [0, 64], [0, 48]);
        Check(x => Tensor.Where(x > 0, Tensor.Where(x > 0, x, 1).Pow(0.5), 0), [0, 4], [0, 2], [0, 0.25]);

        // The gradients of exponents: 0ʸ is a constant for y ≥ 0, and no real function of a negative number is.
        var zero = Tensor.Full([], 0, DType.Float64);
        Check(y => zero.Pow(y), [0, 0.5, 1, 2], [1, 0, 0, 0], [0, 0, 0, 0]);
        Gives(y => zero.Pow(y), [-1], [Infinity], [-Infinity]);
        Gives(x => x[..1].Pow(x[1..]), [-2, 2], [4], [-4, NaN]);
    }

    [Fact]
    public void AnAngleAtTheOrigin()
    {
        Gives(x => x[..1].Atan2(x[1..]), [0, 0], [0], [NaN, NaN]);
        Check(
            x =>
            {
                var (b, a) = (x[..2], x[2..]);
                return b.Atan2(Tensor.Where(b.EqualTo(0) & a.EqualTo(0), 1, a));
            },
            [0, 1, 0, 1],
            [0, Math.PI / 4],
            [1, 0.5, 0, -0.5]);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.0)]
    [InlineData(2.0)]
    [InlineData(3.0)]
    [InlineData(Infinity)]
    public void DistancesOfEqualPointsHaveTheGradientZero(double p)
    {
        Check(x => x[..2].Reshape(1, 2).DistanceMatrix(x[2..].Reshape(1, 2), p), [1, 2, 1, 2], [0], [0, 0, 0, 0]);
        Check(x => x[..2].PairwiseDistance(x[2..], p, epsilon: 0), [1, 2, 1, 2], [0], [0, 0, 0, 0]);
        Check(x => x[..2].PairwiseDistance(x[2..], p, epsilon: 0), [1, 2, 1, 5], [3], [0, -1, 0, 1]);
        Check(x => x[..2].CosineSimilarity(x[2..]), [0, 0, 0, 0], [0], [0, 0, 0, 0]);
    }

    [Fact]
    public void TheDeviationOfEqualNumbersHasTheGradientZero()
    {
        Check(x => x.StandardDeviation(), [2, 2, 2], [0], [0, 0, 0]);
        Check(x => x.Reshape(2, 2).StandardDeviation(1, correction: 0), [2, 2, 1, 3], [0, 1], [0, 0, -0.5, 0.5]);
        Gives(x => x.Variance().Sqrt(), [2, 2, 2], [0], [NaN, NaN, NaN]);
        Check(x => (x.Variance() + 1e-4).Sqrt(), [2, 2, 2], [0.01], [0, 0, 0]);
        Assert.Equal(NaN, Tensor.From([3.0]).StandardDeviation().Item());
    }

    [Fact]
    public void ProductsWithZerosNeedNoDivision()
    {
        Check(x => x.Product(), [0, 2, 3], [0], [6, 0, 0]);
        Check(x => x.Product(), [0, 0, 3], [0], [0, 0, 0]);
        Check(x => x.CumProd(0), [2, 0, 3], [2, 0, 0], [1, 8, 0]);
    }

    /// <summary>The value, the gradient of the sum of the results, and a gradient of the gradient that is finite.</summary>
    private static void Check(Func<Tensor, Tensor> function, double[] at, double[] value, double[] gradient)
    {
        Gives(function, at, value, gradient);
        var x = Tensor.From(at).RequireGradient();
        var y = function(x);
        var first = Gradient.Of(y, x, Tensor.OnesLike(y), record: true);
        Near(gradient, first.ToArray<double>(), "recorded gradient");
        if (first.RequiresGradient && Gradient.OrNull(first.Square().Sum(), [x])[0] is { } second)
        {
            Assert.All(second.ToArray<double>(), element => Assert.True(double.IsFinite(element), $"second derivative: {second}"));
        }
    }

    private static void Gives(Func<Tensor, Tensor> function, double[] at, double[] value, double[] gradient)
    {
        var x = Tensor.From(at).RequireGradient();
        var y = function(x);
        Near(value, y.Flatten().ToArray<double>(), "value");
        y.Backward(Tensor.OnesLike(y));
        Near(gradient, x.Gradient!.ToArray<double>(), "gradient");
    }

    private static void Near(double[] expected, double[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var agrees = expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) < 1e-12;
            Assert.True(agrees, $"{what} at {i} is {actual[i]}, not {expected[i]}");
        }
    }
}
