using Backprop.Layers;
using Reduction = Backprop.Layers.Reduction;

namespace Backprop.Tests.Layers;

/// <summary>Losses against their formulas in plain numbers.</summary>
public class LossFormulaTests
{
    private static readonly double[] scores = [0.5, -1.0, 2.0, 0.3, -0.25, 0.9];
    private static readonly double[] signs = [1, -1, -1, 1, 1, -1];

    /// <summary>Name, the losses of the elements, the call.</summary>
    public static TheoryData<string, double[], Func<Reduction, Tensor>> Elements => new()
    {
        { "soft_margin", Each((x, t) => Math.Log(1 + Math.Exp(-t * x))), reduction => Losses.SoftMargin(Of(scores), Of(signs), reduction) },
        {
            "hinge_embedding", Each((x, t) => t > 0 ? x : Math.Max(0, 1.2 - x)), reduction => Losses.HingeEmbedding(Of(scores), Of(signs), 1.2, reduction)
        },
        {
            "margin_ranking", Each((x, t) => Math.Max(0, 0.4 - (t * (x - 0.6)))),
            reduction => Losses.MarginRanking(Of(scores), Tensor.Full([2, 3], 0.6, DType.Float64), Of(signs), 0.4, reduction)
        },
        {
            "poisson_nll", Each((x, t) => Math.Exp(x) - ((t + 2) * x)), reduction => Losses.PoissonNll(Of(scores), Of(signs) + 2, reduction: reduction)
        },
        {
            "poisson_nll", Each((x, t) => x + 3 - ((t + 1) * Math.Log(x + 3 + 0.1)) + (t > 0 ? (2 * Math.Log(2)) - 2 + (0.5 * Math.Log(4 * Math.PI)) : 0)),
            reduction => Losses.PoissonNll(Of(scores) + 3, Of(signs) + 1, logInput: false, full: true, epsilon: 0.1, reduction)
        },
        {
            "kl_divergence", Each((x, t) => t > 0 ? 0.25 * (Math.Log(0.25) - x) : 0),
            reduction => Losses.KlDivergence(Of(scores), (Of(signs) + 1) / 8, reduction: reduction)
        },
        { "kl_divergence", Each((x, t) => Math.Exp(t) * (t - x)), reduction => Losses.KlDivergence(Of(scores), Of(signs), logTarget: true, reduction) },
        {
            "gaussian_nll", Each((x, t) => 0.5 * (Math.Log(0.7) + ((x - t) * (x - t) / 0.7) + Math.Log(2 * Math.PI))),
            reduction => Losses.GaussianNll(Of(scores), Of(signs), Tensor.Full([2], 0.7, DType.Float64), full: true, reduction: reduction)
        },
        {
            "binary_cross_entropy", Each((x, t) => -2 * Math.Log(t > 0 ? Sigmoid(x) : 1 - Sigmoid(x))),
            reduction => Losses.BinaryCrossEntropy(Of(scores).Sigmoid(), (Of(signs) + 1) / 2, Tensor.Full([3], 2, DType.Float64), reduction)
        },
    };

    [Theory]
    [MemberData(nameof(Elements), DisableDiscoveryEnumeration = true)]
    public void ElementsFollowTheirFormulasAndReductionsReduce(string name, double[] expected, Func<Reduction, Tensor> loss)
    {
        Assert.NotEmpty(name);
        Assert.Equal([2, 3], loss(Reduction.None).Shape.ToArray());
        Numbers.Close(expected, loss(Reduction.None));
        Numbers.Close(expected.Sum(), loss(Reduction.Sum));
        Numbers.Close(expected.Average(), loss(Reduction.Mean));
    }

    [Fact]
    public void TheBatchMeanDividesByTheFirstSize()
    {
        var (x, t) = (Numbers.Normal(1, 4, 3).LogSoftmax(), Numbers.Normal(2, 4, 3).Softmax());
        var divergence = (t * (t.Log() - x)).Sum().Item() / 4;
        Numbers.Close(divergence, Losses.KlDivergence(x, t, reduction: Reduction.BatchMean));
        Numbers.Close(divergence, Losses.KlDivergence(x, t.Log(), logTarget: true, Reduction.BatchMean));
        Assert.Equal(0, Losses.KlDivergence(t.Log(), t, reduction: Reduction.BatchMean).Item(), 1e-15);
    }

    [Fact]
    public void MultiMarginIsTheHingeOfEveryOtherClass()
    {
        var x = Tensor.From([0.1, 0.2, 0.4, 0.8, 1.5, 0.2, -0.3, 0.0], 2, 4);
        var labels = Tensor.From([3, 1]);
        double[] linear = [(0.3 + 0.4 + 0.6) / 4, (2.3 + 0.5 + 0.8) / 4];
        double[] squared = [(0.09 + 0.16 + 0.36) / 4, ((2.3 * 2.3) + 0.25 + 0.64) / 4];

        Numbers.Close(linear, Losses.MultiMargin(x, labels, reduction: Reduction.None));
        Numbers.Close(squared.Average(), Losses.MultiMargin(x, labels, 2));
        var weight = Tensor.From([9.0, 2, 9, 3]);
        Numbers.Close([3 * linear[0], 2 * linear[1]], Losses.MultiMargin(x, labels, weight: weight, reduction: Reduction.None));
        Numbers.Close((3 * linear[0]) + (2 * linear[1]), Losses.MultiMargin(x, labels, weight: weight, reduction: Reduction.Sum));
        Numbers.Close(linear[1], Losses.MultiMargin(x[1], labels[1]));
    }

    /// <summary>The example of PyTorch's documentation: 0.85.</summary>
    [Fact]
    public void MultiLabelMarginIsTheHingeOfEveryLabelWithEveryOtherClass()
    {
        var x = Tensor.From([0.1, 0.2, 0.4, 0.8], 1, 4);
        var labels = Tensor.From([3L, 0, -1, 1], 1, 4);
        Numbers.Close(0.85, Losses.MultiLabelMargin(x, labels));
        Numbers.Close([0.85], Losses.MultiLabelMargin(x, labels, Reduction.None));
        Numbers.Close(0.85, Losses.MultiLabelMargin(x[0], labels[0], Reduction.None));
        Numbers.Close([0.0], Losses.MultiLabelMargin(x, Tensor.From([-1L, 2, 2, 2], 1, 4), Reduction.None));
        Numbers.Close([0.0], Losses.MultiLabelMargin(x, Tensor.From([0, 1, 2, 3], 1, 4), Reduction.None));
    }

    [Fact]
    public void MultiLabelSoftMarginAveragesOverTheClasses()
    {
        var (x, t) = (Of(scores), (Of(signs) + 1) / 2);
        var weight = Tensor.From([0.5, 1, 3]);
        var each = Losses.BinaryCrossEntropyWithLogits(x, t, weight, reduction: Reduction.None).Mean(1);
        Numbers.Close(Numbers.Of(each), Losses.MultiLabelSoftMargin(x, t, weight, Reduction.None));
        Numbers.Close(each.Mean().Item(), Losses.MultiLabelSoftMargin(x, t, weight));
        Numbers.Close(Losses.BinaryCrossEntropyWithLogits(x, t).Item(), Losses.MultiLabelSoftMargin(x, t));
    }

    [Fact]
    public void CosineSimilarityIsTheCosine()
    {
        var (x, y) = (Tensor.From([3.0, 4, 0, 2, 0, 0], 2, 3), Tensor.From([4.0, 3, 0, 0, 5, 0], 2, 3));
        Numbers.Close([24.0 / 25, 0], x.CosineSimilarity(y));
        Numbers.Close([24.0 / 25, 0.8, 0.8, 0], x.Unsqueeze(1).CosineSimilarity(y));
    }

    [Fact]
    public void CosineEmbeddingPullsTogetherOrPushesApart()
    {
        var (x, y) = (Tensor.From([3.0, 4, 3, 4, 1, 0], 3, 2), Tensor.From([4.0, 3, 4, 3, 0, 1], 3, 2));
        var target = Tensor.From([1.0, -1, -1]);
        Numbers.Close([0.04, 0.96 - 0.2, 0], Losses.CosineEmbedding(x, y, target, 0.2, Reduction.None));
        Numbers.Close((0.04 + 0.96) / 3, Losses.CosineEmbedding(x, y, target));
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 5)]
    [InlineData(3, 4.497941445275415)]
    [InlineData(double.PositiveInfinity, 4)]
    public void DistancesAreNorms(double p, double expected)
    {
        var (x, y) = (Tensor.From([4.0, -2, 1], 1, 3), Tensor.From([1.0, 2, 1], 1, 3));
        Numbers.Close([expected], x.PairwiseDistance(y, p, epsilon: 0));
        Assert.Equal([1, 1], x.PairwiseDistance(y, p, keepDimensions: true).Shape.ToArray());
        var (moved, back) = (x.PairwiseDistance(y, p, epsilon: 0.5), (x + 0.5).PairwiseDistance(y, p, epsilon: 0));
        Assert.Equal(Numbers.Of(back), Numbers.Of(moved));
    }

    [Fact]
    public void TripletMarginComparesDistances()
    {
        var (anchor, positive) = (Tensor.From([0.0, 0, 0, 0], 2, 2), Tensor.From([3.0, 4, 0, 1], 2, 2));
        var negative = Tensor.From([0.0, 5.5, 8, 6], 2, 2);

        // Distances: a–p 5 and 1; a–n 5.5 and 10; p–n √(9 + 2.25) and √(64 + 25).
        Numbers.Close([0.5, 0], Losses.TripletMargin(anchor, positive, negative, epsilon: 0, reduction: Reduction.None));
        var swapped = 5 - Math.Sqrt(11.25) + 1;
        Numbers.Close([swapped, 0], Losses.TripletMargin(anchor, positive, negative, epsilon: 0, swap: true, reduction: Reduction.None));
        Numbers.Close(swapped / 2, Losses.TripletMargin(anchor, positive, negative, epsilon: 0, swap: true));
        Numbers.Close(
            [7 - 5.5 + 2, 0],
            Losses.TripletMargin(anchor, positive, negative, (x, y) => (x - y).Abs().Sum(1), margin: 2, reduction: Reduction.None));
    }

    private static double[] Each(Func<double, double, double> formula) => [.. scores.Zip(signs, formula)];

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static Tensor Of(double[] values) => Tensor.From(values, 2, 3);
}
