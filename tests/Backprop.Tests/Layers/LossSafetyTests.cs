using Backprop.Layers;
using Reduction = Backprop.Layers.Reduction;

namespace Backprop.Tests.Layers;

/// <summary>Finite numbers give finite losses and gradients, however large, small, equal or certain they are.</summary>
public class LossSafetyTests
{
    private static readonly double[] extremes = [1e4, -1e4, 0, 1e-30, -88.8, 750, -750, 17];
    private static readonly double[] certain = [0, 1, 0, 1, 0.5, 1e-30, 1 - 1e-7, 1];

    public static TheoryData<string, Func<Tensor, Tensor>> OfExtremes => new()
    {
        { "binary_cross_entropy_with_logits", x => Losses.BinaryCrossEntropyWithLogits(x, Of(certain, x)) },
        { "the same with a weight", x => Losses.BinaryCrossEntropyWithLogits(x, Of(certain, x), positiveWeight: Tensor.Full([8], 3, x.DType)) },
        { "binary_cross_entropy", x => Losses.BinaryCrossEntropy(x.Sigmoid(), Of([1, 0, 0, 1, 1, 0, 1, 0], x)) },
        { "soft_margin", x => Losses.SoftMargin(x, Of([-1, 1, 1, -1, 1, -1, 1, 1], x)) },
        { "multi_label_soft_margin", x => Losses.MultiLabelSoftMargin(x, Of([0, 1, 0, 1, 1, 0, 1, 1], x)) },
        { "cross_entropy", x => Losses.CrossEntropy(x, Tensor.Scalar(1L)) },
        { "cross_entropy with smoothing", x => Losses.CrossEntropy(x, Tensor.Scalar(1L), labelSmoothing: 0.1) },
        { "cross_entropy of probabilities", x => Losses.CrossEntropy(x, Tensor.Full([8], 0.125, x.DType)) },
        { "kl_divergence", x => Losses.KlDivergence(x.LogSoftmax(), Of([0, 0.5, 0, 0.25, 0, 0.25, 0, 0], x)) },
        { "huber", x => Losses.Huber(x, Tensor.ZerosLike(x)) },
        { "cosine_similarity", x => x.CosineSimilarity(Tensor.OnesLike(x)) },
        { "pairwise_distance", x => x.PairwiseDistance(Tensor.ZerosLike(x)) },
        { "triplet_margin", x => Losses.TripletMargin(x, x, x) },
        { "gaussian_nll", x => Losses.GaussianNll(x, Tensor.ZerosLike(x), Tensor.ZerosLike(x)) },
        { "poisson_nll", x => Losses.PoissonNll(x.Relu(), x.Relu(), logInput: false, full: true) },
    };

    [Theory]
    [MemberData(nameof(OfExtremes), DisableDiscoveryEnumeration = true)]
    public void LossAndGradientAreFinite(string name, Func<Tensor, Tensor> loss)
    {
        Assert.NotEmpty(name);
        foreach (var dtype in new[] { DType.Float32, DType.Float64 })
        {
            var x = Tensor.From(extremes).To(dtype).RequireGradient();
            var y = loss(x);
            Assert.True(double.IsFinite(y.Item()), $"{dtype}: the loss is {y.Item()}");
            foreach (var record in new[] { false, true })
            {
                var gradient = Numbers.Of(Gradient.Of(loss(x), x, record: record));
                Assert.True(gradient.All(double.IsFinite), $"{dtype}, record {record}: the gradient is {string.Join(' ', gradient)}");
            }
        }
    }

    /// <summary>Vectors whose squares overflow or vanish have lengths, distances and cosines all the same.</summary>
    [Theory]
    [InlineData(1e30)]
    [InlineData(1e-30)]
    public void NormsNeitherOverflowNorVanish(double scale)
    {
        var (x, y) = (Tensor.From([3f, 4]) * scale, Tensor.From([0f, 2]) * scale);
        x = x.Detach().RequireGradient();
        var distance = x.PairwiseDistance(Tensor.ZerosLike(x), epsilon: 0);
        Assert.Equal(5 * scale, distance.Item(), 5e-6 * scale);
        Numbers.Close([0.6, 0.8], Gradient.Of(distance, x), 1e-6);
        Assert.Equal(0.8, x.CosineSimilarity(y, epsilon: 1e-37).Item(), 1e-6);
    }

    /// <summary>There is no direction at 0: the gradient is 0, not NaN, to every order.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(double.PositiveInfinity)]
    public void EqualVectorsHaveNoDirection(double p)
    {
        var x = Tensor.From([1.0, -2, 0.5]).RequireGradient();
        var gradient = Gradient.Of(x.PairwiseDistance(x.Detach(), p, epsilon: 0), x, record: true);
        Assert.Equal([0, 0, 0], Numbers.Of(gradient));
        if (gradient.RequiresGradient && Gradient.OrNull((gradient * gradient).Sum(), [x])[0] is { } second)
        {
            Assert.Equal([0, 0, 0], Numbers.Of(second));
        }
    }

    [Fact]
    public void ACosineWithNothingIsZero()
    {
        var x = Tensor.Zeros([3]).RequireGradient();
        var cosine = x.CosineSimilarity(Tensor.Ones([3]));
        Assert.Equal(0, cosine.Item());
        Assert.All(Numbers.Of(Gradient.Of(cosine, x)), g => Assert.True(double.IsFinite(g)));
    }

    [Fact]
    public void WrongAnswersOfFullCertaintyCostAHundred()
    {
        var p = Tensor.From([0.0, 1, 0, 1]).RequireGradient();
        var loss = Losses.BinaryCrossEntropy(p, Tensor.From([1.0, 0, 0, 1]), reduction: Reduction.None);
        Assert.Equal([100, 100, 0, 0], Numbers.Of(loss));
        loss.Sum().Backward();
        Numbers.Close([-1e12, 1e12, 0, 0], p.Gradient!);
    }

    [Fact]
    public void AVarianceBelowEpsilonCountsAsEpsilonAndIsToldToGrow()
    {
        var variance = Tensor.From([0.0, 1e-9, 4]).RequireGradient();
        var (x, t) = (Tensor.From([1.0, 1, 1]), Tensor.From([0.0, 0, 0]));
        var loss = Losses.GaussianNll(x, t, variance, epsilon: 0.5, reduction: Reduction.None);
        var low = 0.5 * (Math.Log(0.5) + 2);
        Numbers.Close([low, low, 0.5 * (Math.Log(4) + 0.25)], loss);
        loss.Sum().Backward();
        Numbers.Close([0.5 * (2 - 4), 0.5 * (2 - 4), 0.5 * (0.25 - 0.0625)], variance.Gradient!);
    }

    [Fact]
    public void TargetsOfProbabilityZeroHaveNoDivergence()
    {
        var (prediction, target) = (Tensor.From([-3.0, -0.5]), Tensor.From([0.0, 1.0]));
        Assert.Equal([0, 0.5], Numbers.Of(Losses.KlDivergence(prediction, target, reduction: Reduction.None)));
    }

    private static Tensor Of(double[] values, Tensor like) => Tensor.From(values).To(like.DType);
}
