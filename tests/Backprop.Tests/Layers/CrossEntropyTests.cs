using Backprop.Layers;
using Reduction = Backprop.Layers.Reduction;

namespace Backprop.Tests.Layers;

public class CrossEntropyTests
{
    /// <summary>A label beyond int32, and one that a float64 does not hold.</summary>
    [Theory]
    [InlineData(5_000_000_000)]
    [InlineData(9_007_199_254_740_993)]
    public void TheIgnoredLabelMayBeAnyInteger(long ignored)
    {
        var scores = Tensor.From([1f, 2, 3, 4], 2, 2);
        var expected = Losses.CrossEntropy(scores[..1], Tensor.From([1L]));
        Assert.Equal(expected.Item(), Losses.CrossEntropy(scores, Tensor.From([1, ignored]), ignoreIndex: ignored).Item(), 1e-6);
        Assert.Equal(
            expected.Item(),
            Losses.NegativeLogLikelihood(scores.LogSoftmax(1), Tensor.From([1, ignored]), ignoreIndex: ignored).Item(), 1e-6);
        Assert.Throws<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(scores, Tensor.From([1, ignored - 1]), ignoreIndex: ignored));
        _ = Losses.CrossEntropy(scores, Tensor.From([1, 0]), ignoreIndex: ignored);
    }

    private static readonly Tensor Logits = Numbers.Normal(5, 4, 3);
    private static readonly long[] Labels = [2, 0, 1, 2];

    [Theory]
    [InlineData(DType.Int64)]
    [InlineData(DType.Int32)]
    public void ClassNumbersPickLogProbabilities(DType dtype)
    {
        var labels = Tensor.From(Labels).To(dtype);
        double[] expected = [.. Labels.Select((label, i) => -LogProbability(i, (int)label))];

        Numbers.Close(expected, Losses.CrossEntropy(Logits, labels, reduction: Reduction.None));
        Numbers.Close(expected.Sum(), Losses.CrossEntropy(Logits, labels, reduction: Reduction.Sum));
        Numbers.Close(expected.Average(), Losses.CrossEntropy(Logits, labels));
        Numbers.Close(expected[0], Losses.CrossEntropy(Logits[0], labels[0]));
        Numbers.Close(expected.Average(), Losses.NegativeLogLikelihood(LogProbabilities(), labels));
    }

    [Fact]
    public void WeightsIgnoredLabelsAndSmoothingWorkTogether()
    {
        double[] weights = [0.5, 2, 1.5];
        const double Smoothing = 0.1;
        var labels = Tensor.From([2L, 7, 1, 2]);
        double Loss(int i, int label) =>
            (-(1 - Smoothing) * weights[label] * LogProbability(i, label))
            - (Smoothing / 3 * Enumerable.Range(0, 3).Sum(c => weights[c] * LogProbability(i, c)));
        double[] expected = [Loss(0, 2), 0, Loss(2, 1), Loss(3, 2)];

        Tensor Of(Reduction reduction) => Losses.CrossEntropy(Logits, labels, Tensor.From(weights), 7, Smoothing, reduction);
        Numbers.Close(expected, Of(Reduction.None));
        Numbers.Close(expected.Sum(), Of(Reduction.Sum));
        Numbers.Close(expected.Sum() / (1.5 + 2 + 1.5), Of(Reduction.Mean));
        Numbers.CheckGradient(x => Losses.CrossEntropy(x, labels, Tensor.From(weights), 7, Smoothing, Reduction.None), Logits);
    }

    [Fact]
    public void IgnoredSamplesLeaveTheMeanAlone()
    {
        var some = Tensor.From([2L, -100, 1, -100]);
        var expected = (-LogProbability(0, 2) - LogProbability(2, 1)) / 2;

        Numbers.Close(expected, Losses.CrossEntropy(Logits, some));
        Numbers.Close(expected, Losses.NegativeLogLikelihood(LogProbabilities(), some));
        Numbers.Close(double.NaN, Losses.CrossEntropy(Logits, Tensor.Full([4], -100, DType.Int64)));
        Numbers.Close(0, Losses.CrossEntropy(Logits, Tensor.Full([4], -100, DType.Int64), reduction: Reduction.Sum));

        var x = Logits.Clone().RequireGradient();
        Losses.CrossEntropy(x, some).Backward();
        Assert.Equal([0.0, 0, 0], x.Gradient![1].ToArray<double>());
        Assert.Equal([0.0, 0, 0], x.Gradient![3].ToArray<double>());
    }

    [Fact]
    public void AnInfiniteLogProbabilityOfAnIgnoredSampleDoesNoHarm()
    {
        var x = Tensor.From([double.NegativeInfinity, 0, -1, -2], 2, 2).RequireGradient();
        var loss = Losses.NegativeLogLikelihood(x, Tensor.From([0L, 1]), ignoreIndex: 0);
        loss.Backward();

        Numbers.Close(2, loss);
        Numbers.Close([0, 0, 0, -1], x.Gradient!);
    }

    [Fact]
    public void ClassesAreOnAxisOneOfLargerScores()
    {
        var x = Numbers.Normal(6, 2, 3, 2, 2);
        var labels = Tensor.From([0L, 1, 2, 0, 2, 1, 0, 1], 2, 2, 2);
        var flat = x.Permute(0, 2, 3, 1).Reshape(8, 3);

        Numbers.Close(Losses.CrossEntropy(flat, labels.Flatten()).Item(), Losses.CrossEntropy(x, labels));
        var single = Losses.CrossEntropy(x, labels, reduction: Reduction.None);
        Assert.Equal([2, 2, 2], single.Shape.ToArray());
        Numbers.Close(Numbers.Of(Losses.CrossEntropy(flat, labels.Flatten(), reduction: Reduction.None)), single);
    }

    [Fact]
    public void ProbabilitiesAreTargetsToo()
    {
        var targets = Tensor.From([0.2, 0.3, 0.5, 1, 0, 0, 0.1, 0.8, 0.1, 0, 0.5, 0.5], 4, 3);
        double[] weights = [0.5, 2, 1.5];
        double Loss(int i, double smoothing, Func<int, double> weight) => -Enumerable.Range(0, 3).Sum(
            c => weight(c) * ((targets[i, c].Item() * (1 - smoothing)) + (smoothing / 3)) * LogProbability(i, c));

        Numbers.Close(Enumerable.Range(0, 4).Average(i => Loss(i, 0, _ => 1)), Losses.CrossEntropy(Logits, targets));
        double[] expected = [.. Enumerable.Range(0, 4).Select(i => Loss(i, 0.2, c => weights[c]))];
        Numbers.Close(expected, Losses.CrossEntropy(Logits, targets, Tensor.From(weights), labelSmoothing: 0.2, reduction: Reduction.None));
        Numbers.Close(expected.Average(), Losses.CrossEntropy(Logits, targets, Tensor.From(weights), labelSmoothing: 0.2));
        Numbers.CheckGradient(t => Losses.CrossEntropy(Logits, t, Tensor.From(weights), labelSmoothing: 0.2), targets);
        Assert.Throws<ArgumentException>(() => Losses.CrossEntropy(Logits, targets, ignoreIndex: 1));
    }

    [Theory]
    [InlineData(Reduction.Mean)]
    [InlineData(Reduction.Sum)]
    [InlineData(Reduction.None)]
    public void GradientsAgreeWithDifferences(Reduction reduction)
    {
        var labels = Tensor.From(Labels);
        Numbers.CheckGradient(x => Losses.CrossEntropy(x, labels, reduction: reduction), Logits);
        Numbers.CheckGradient(x => Losses.NegativeLogLikelihood(x, labels, Tensor.From([1.0, 2, 3]), reduction: reduction), Logits);
        Numbers.CheckGradient(Numbers.Slope(x => Losses.CrossEntropy(x, labels, reduction: reduction).Sum()), Logits);
    }

    [Fact]
    public void LargeLogitsNeitherOverflowNorLosePrecision()
    {
        var x = Tensor.From([1000.0, 0, -1000, -1000, -1000, 1000], 2, 3);

        Numbers.Close([0, 2000], Losses.CrossEntropy(x, Tensor.From([0L, 1]), reduction: Reduction.None));
        Numbers.Close(1000, Losses.CrossEntropy(x.To(DType.Float32), Tensor.From([0L, 1])));
    }

    [Fact]
    public void ALabelThatIsNoClassIsNamed()
    {
        var high = Assert.Throws<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(Logits, Tensor.From([0L, 1, 3, 0])));
        Assert.Contains("cross_entropy: label 3 at position 2 is not a class", high.Message);
        Assert.Contains("from 0 to 2", high.Message);

        var negative = Assert.Throws<ArgumentOutOfRangeException>(() => Losses.NegativeLogLikelihood(Logits, Tensor.From([0, 1, -1, 0])));
        Assert.Contains("negative_log_likelihood: label -1", negative.Message);
        Assert.Contains("from 0 to 2", negative.Message);
    }

    [Fact]
    public void LabelsMustFitTheScores()
    {
        var column = Assert.Throws<ShapeException>(() => Losses.CrossEntropy(Logits, Tensor.Zeros([4, 1], DType.Int64)));
        Assert.Contains("[4, 1]", column.Message);
        Assert.Contains("[4, 3]", column.Message);
        Assert.Throws<ShapeException>(() => Losses.CrossEntropy(Logits, Tensor.Zeros([3], DType.Int64)));
        Assert.Throws<ShapeException>(() => Losses.CrossEntropy(Tensor.Scalar(1.0), Tensor.Scalar(0L)));
        Assert.Throws<ShapeException>(() => Losses.CrossEntropy(Tensor.Zeros([4, 0]), Tensor.Zeros([4], DType.Int64)));
        Assert.Throws<ShapeException>(() => Losses.CrossEntropy(Logits, Tensor.From(Labels), Tensor.Ones([4], DType.Float64)));
    }

    [Fact]
    public void TypesMustFit()
    {
        var labels = Tensor.From(Labels);

        Assert.Throws<DTypeException>(() => Losses.CrossEntropy(Logits, Tensor.Zeros([4], DType.Bool)));
        var floating = Assert.Throws<DTypeException>(() => Losses.CrossEntropy(Logits, Tensor.Zeros([4])));
        Assert.Contains("labels [4] for logits [4, 3] must be class indices, int64 or int32: use To(DType.Int64)", floating.Message);
        Assert.Throws<DTypeException>(() => Losses.CrossEntropy(Logits, Tensor.Zeros([4, 3], DType.Float32)));
        Assert.Throws<DTypeException>(() => Losses.NegativeLogLikelihood(Logits, Tensor.Zeros([4], DType.Float64)));
        Assert.Throws<DTypeException>(() => Losses.CrossEntropy(Logits.To(DType.Int64), labels));
        Assert.Throws<DTypeException>(() => Losses.CrossEntropy(Logits, labels, Tensor.Ones([3])));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void SmoothingIsAShare(double smoothing)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(Logits, Tensor.From(Labels), labelSmoothing: smoothing));
        Assert.Contains("cross_entropy: labelSmoothing is", error.Message);
    }

    [Theory]
    [InlineData(DType.Int64)]
    [InlineData(DType.Int32)]
    public void ABadLabelIsNamedWithTheLossItsPositionAndWhatIsLegal(DType dtype)
    {
        // With one classification axis more, the fused operation sees other shapes than the caller.
        var labels = Tensor.From([0L, 1, 2, 0, 9, 2, 3, 1], 2, 2, 2).To(dtype);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(Tensor.Zeros([2, 3, 2, 2]), labels, ignoreIndex: 9));
        Assert.StartsWith("cross_entropy: label 3 at position 6 is not a class; it must be from 0 to 2, or 9 to be ignored.", error.Message);
        Assert.Equal(("labels", 3L), (error.ParamName, error.ActualValue));
        error = Assert.Throws<ArgumentOutOfRangeException>(() => Losses.CrossEntropy(Tensor.Zeros([3]), Tensor.Scalar(-1L)));
        Assert.StartsWith("cross_entropy: label -1 at position 0 is not a class; it must be from 0 to 2, or -100 to be ignored.", error.Message);
    }

    private static double LogProbability(int row, int label)
    {
        var scores = Numbers.Of(Logits)[(3 * row)..((3 * row) + 3)];
        return scores[label] - Math.Log(scores.Sum(Math.Exp));
    }

    private static Tensor LogProbabilities() =>
        Tensor.From([.. Enumerable.Range(0, 12).Select(i => LogProbability(i / 3, i % 3))], 4, 3);
}
