using Backprop.Layers;
using Reduction = Backprop.Layers.Reduction;

namespace Backprop.Tests.Layers;

public class LossesTests
{
    private static readonly Tensor Prediction = Tensor.From([0.5, -1.0, 2.0, 3.0, -0.25, 0.0], 3, 2);
    private static readonly Tensor Target = Tensor.From([1.0, -1.0, -1.5, 2.5, 0.0, 0.5], 3, 2);
    private static readonly double[] Differences = [-0.5, 0, 3.5, 0.5, -0.25, -0.5];

    public static TheoryData<string, Func<double, double>, Func<Reduction, Tensor>> Pairs => new()
    {
        { "mean_squared_error", d => d * d, reduction => Losses.MeanSquaredError(Prediction, Target, reduction) },
        { "l1", Math.Abs, reduction => Losses.L1(Prediction, Target, reduction) },
        { "huber", d => Math.Abs(d) <= 0.3 ? d * d / 2 : 0.3 * (Math.Abs(d) - 0.15), reduction => Losses.Huber(Prediction, Target, 0.3, reduction) },
        { "smooth_l1", d => Math.Abs(d) < 2 ? d * d / 4 : Math.Abs(d) - 1, reduction => Losses.SmoothL1(Prediction, Target, 2, reduction) },
    };

    [Theory]
    [MemberData(nameof(Pairs), DisableDiscoveryEnumeration = true)]
    public void ElementwiseLossesFollowTheirFormulas(string name, Func<double, double> formula, Func<Reduction, Tensor> loss)
    {
        var expected = Differences.Select(formula).ToArray();

        Assert.NotEmpty(name);
        Assert.Equal([3, 2], loss(Reduction.None).Shape.ToArray());
        Numbers.Close(expected, loss(Reduction.None));
        Numbers.Close(expected.Sum(), loss(Reduction.Sum));
        Numbers.Close(expected.Average(), loss(Reduction.Mean));
    }

    public static TheoryData<string, Func<Tensor, Tensor, Tensor>> PairLosses => new()
    {
        { "mean_squared_error", (x, y) => Losses.MeanSquaredError(x, y) },
        { "l1", (x, y) => Losses.L1(x, y) },
        { "huber", (x, y) => Losses.Huber(x, y, 0.7) },
        { "smooth_l1", (x, y) => Losses.SmoothL1(x, y, 0.7) },
        { "binary_cross_entropy_with_logits", (x, y) => Losses.BinaryCrossEntropyWithLogits(x, y) },
    };

    [Theory]
    [MemberData(nameof(PairLosses), DisableDiscoveryEnumeration = true)]
    public void NothingIsBroadcastSilently(string name, Func<Tensor, Tensor, Tensor> loss)
    {
        var shapes = Assert.Throws<ShapeException>(() => loss(Tensor.Zeros([4]), Tensor.Zeros([4, 1])));
        Assert.StartsWith($"{name}: ", shapes.Message);
        Assert.Contains("[4] and target", shapes.Message);
        Assert.Contains("[4, 1]", shapes.Message);
        Assert.Throws<ShapeException>(() => loss(Tensor.Zeros([4]), 1.0));

        var types = Assert.Throws<DTypeException>(() => loss(Tensor.Zeros([4]), Tensor.Zeros([4], DType.Int64)));
        Assert.StartsWith($"{name}: dtypes differ: float32 and int64", types.Message);
        Assert.Throws<DTypeException>(() => loss(Tensor.Zeros([4], DType.Int64), Tensor.Zeros([4], DType.Int64)));
        Assert.Throws<ArgumentNullException>(() => loss(Tensor.Zeros([4]), null!));
        Assert.Throws<ArgumentNullException>(() => loss(null!, Tensor.Zeros([4])));
    }

    [Theory]
    [MemberData(nameof(PairLosses), DisableDiscoveryEnumeration = true)]
    public void GradientsAgreeWithDifferences(string name, Func<Tensor, Tensor, Tensor> loss)
    {
        var (x, y) = (Numbers.Normal(1, 3, 4), Numbers.Normal(2, 3, 4));
        Numbers.CheckGradient(v => loss(v, y), x);
        Numbers.CheckGradient(v => loss(x, v), y);
        if (name != "l1")
        {
            Numbers.CheckGradient(Numbers.Slope(v => loss(v, y)), x);
        }
    }

    [Fact]
    public void AnUnknownReductionIsRefused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Losses.MeanSquaredError(Prediction, Target, (Reduction)7));
        Assert.Contains("mean_squared_error: reduction is 7; it must be Mean, Sum or None", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(Tensor.Zeros([1, 2]), Tensor.Zeros([1], DType.Int64), reduction: (Reduction)7));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void WidthsMustBePositive(double width)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Losses.Huber(Prediction, Target, width));
        if (width != 0)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Losses.SmoothL1(Prediction, Target, width));
        }
    }

    [Fact]
    public void ASmoothLossWithoutABendIsTheAbsoluteError() => Assert.Equal(
        Losses.L1(Prediction, Target).Item(), Losses.SmoothL1(Prediction, Target, 0).Item());

    [Fact]
    public void BinaryCrossEntropyFollowsItsFormula()
    {
        var (x, t) = (Numbers.Normal(3, 2, 3), Tensor.From([0.0, 1.0, 0.3, 1.0, 0.0, 0.9], 2, 3));
        var (weight, positive) = (Tensor.From([0.5, 2.0, 1.0]), Tensor.From([3.0, 1.0, 0.25]));
        double Term(int i, double p)
        {
            var sigmoid = 1 / (1 + Math.Exp(-Numbers.Of(x)[i]));
            var target = Numbers.Of(t)[i];
            return -((p * target * Math.Log(sigmoid)) + ((1 - target) * Math.Log(1 - sigmoid)));
        }

        double[] plain = [.. Enumerable.Range(0, 6).Select(i => Term(i, 1))];
        double[] weighted = [.. Enumerable.Range(0, 6).Select(i => Term(i, Numbers.Of(positive)[i % 3]) * Numbers.Of(weight)[i % 3])];
        Numbers.Close(plain, Losses.BinaryCrossEntropyWithLogits(x, t, reduction: Reduction.None));
        Numbers.Close(plain.Average(), Losses.BinaryCrossEntropyWithLogits(x, t));
        Numbers.Close(weighted, Losses.BinaryCrossEntropyWithLogits(x, t, weight, positive, Reduction.None));
        Numbers.Close(weighted.Sum(), Losses.BinaryCrossEntropyWithLogits(x, t, weight, positive, Reduction.Sum));
        Numbers.CheckGradient(v => Losses.BinaryCrossEntropyWithLogits(v, t, weight, positive, Reduction.None), x);
        Numbers.CheckGradient(v => Losses.BinaryCrossEntropyWithLogits(x, v, weight, positive, Reduction.None), t);
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void BinaryCrossEntropyIsExactForLargeLogits(DType dtype)
    {
        var x = Tensor.From([1000.0, 1000, -1000, -1000, 20, -20]).To(dtype);
        var t = Tensor.From([1.0, 0, 0, 1, 1, 0]).To(dtype);
        var small = Math.Exp(-20) - (Math.Exp(-40) / 2);
        var loss = Numbers.Of(Losses.BinaryCrossEntropyWithLogits(x, t, reduction: Reduction.None));

        Assert.Equal([0.0, 1000, 0, 1000], loss[..4]);
        Assert.Equal(small, loss[4], small * 1e-6);
        Assert.Equal(small, loss[5], small * 1e-6);
    }

    [Fact]
    public void BinaryCrossEntropyChecksItsWeights()
    {
        var (x, t) = (Tensor.Zeros([2, 3]), Tensor.Zeros([2, 3]));

        Assert.Throws<ShapeException>(() => Losses.BinaryCrossEntropyWithLogits(x, t, Tensor.Zeros([2])));
        var error = Assert.Throws<ShapeException>(() => Losses.BinaryCrossEntropyWithLogits(x, t, positiveWeight: Tensor.Zeros([5, 2, 3])));
        Assert.Contains("positiveWeight [5, 2, 3] does not broadcast to [2, 3]", error.Message);
        Assert.Throws<DTypeException>(() => Losses.BinaryCrossEntropyWithLogits(x, t, Tensor.Zeros([3], DType.Float64)));
    }
}
