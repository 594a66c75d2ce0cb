using Backprop.Layers;
using Reduction = Backprop.Layers.Reduction;

namespace Backprop.Tests.Layers;

/// <summary>Connectionist temporal classification against the sum over every path there is.</summary>
public class CtcTests
{
    /// <summary>Frames, classes, blank, labels.</summary>
    public static TheoryData<int, int, int, long[]> Cases => new()
    {
        { 1, 3, 0, [2] },
        { 1, 3, 0, [] },
        { 4, 3, 0, [] },
        { 4, 3, 0, [1] },
        { 4, 3, 0, [1, 2] },
        { 4, 3, 0, [1, 1] },
        { 5, 3, 1, [0, 0, 2] },
        { 5, 3, 2, [0, 1, 0] },
        { 3, 3, 0, [1, 1] },
        { 6, 2, 0, [1, 1, 1] },
        { 3, 4, 3, [2, 1, 0] },
        { 6, 3, 0, [1, 2, 2, 1] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void LossAndDerivativesAreThoseOfTheSumOverAllPaths(int frames, int classes, int blank, long[] labels)
    {
        var x = Numbers.Normal(5, frames, classes);
        Tensor Loss(Tensor scores) => Tensor.Ctc(scores, Tensor.From(labels), Tensor.Scalar((long)frames), Tensor.Scalar((long)labels.Length), blank);
        Tensor Expected(Tensor scores) => SumOverPaths(scores, labels, blank);

        Numbers.Close(Expected(x).Item(), Loss(x));
        var (a, b) = (x.Clone().RequireGradient(), x.Clone().RequireGradient());
        Loss(a).Backward();
        Expected(b).Backward();
        Numbers.Close(Numbers.Of(b.Gradient!), a.Gradient!);
        var direction = Numbers.Normal(6, frames, classes);
        Numbers.Close(Numbers.Of(Curvature(Expected, x, direction)), Curvature(Loss, x, direction), 1e-10);
    }

    /// <summary>Of every frame, the probabilities of all classes given the labels add up to 1.</summary>
    [Fact]
    public void TheGradientOfAFrameAddsUpToMinusOne()
    {
        var x = Numbers.Normal(7, 200, 2, 12).LogSoftmax().Detach().RequireGradient();
        var targets = (Tensor.Uniform([2, 40], dtype: DType.Float64, generator: new Generator(3)) * 11).Floor().To(DType.Int64) + 1;
        Losses.Ctc(x, targets, Tensor.From([200L, 150L]), Tensor.From([40L, 33L]), reduction: Reduction.Sum).Backward();
        var sums = x.Gradient!.Sum(2);

        Numbers.Close([.. Enumerable.Repeat(-1.0, 200)], sums[.., 0], 1e-10);
        Numbers.Close([.. Enumerable.Repeat(-1.0, 150), .. Enumerable.Repeat(0.0, 50)], sums[.., 1], 1e-10);
    }

    [Fact]
    public void LabelsInOneRowAreLikePaddedOnes()
    {
        var x = Numbers.Normal(8, 7, 3, 4);
        var (inputLengths, targetLengths) = (Tensor.From([7, 6, 5]), Tensor.From([3, 0, 2]));
        var padded = Tensor.Ctc(x, Tensor.From([1, 2, 2, -9, 99, 0, 3, 1, 0], 3, 3), inputLengths, targetLengths);
        var row = Tensor.Ctc(x, Tensor.From([1, 2, 2, 3, 1]), inputLengths, targetLengths);

        Assert.Equal([3], padded.Shape.ToArray());
        Assert.Equal(Numbers.Of(padded), Numbers.Of(row));
        for (var n = 0; n < 3; n++)
        {
            var length = targetLengths[n].Item<int>();
            var labels = Tensor.From([1, 2, 2, 0, 0, 0, 3, 1, 0], 3, 3)[n].Narrow(0, 0, length);
            var single = Tensor.Ctc(x[.., n], labels, inputLengths[n], targetLengths[n]);
            Assert.Equal(0, single.Rank);
            Assert.Equal(padded[n].Item(), single.Item());
        }
    }

    [Fact]
    public void TheMeanDividesByTheNumberOfLabels()
    {
        var x = Numbers.Normal(9, 5, 3, 4);
        var (targets, inputLengths, targetLengths) = (Tensor.From([1L, 2, 3, 0, 0, 0, 3, 1, 0], 3, 3), Tensor.From([5L, 5, 4]), Tensor.From([3L, 0, 2]));
        var each = Losses.Ctc(x, targets, inputLengths, targetLengths, reduction: Reduction.None);
        var losses = Numbers.Of(each);

        Assert.Equal(Numbers.Of(Tensor.Ctc(x, targets, inputLengths, targetLengths)), losses);
        Numbers.Close(losses.Sum(), Losses.Ctc(x, targets, inputLengths, targetLengths, reduction: Reduction.Sum));
        Numbers.Close(((losses[0] / 3) + losses[1] + (losses[2] / 2)) / 3, Losses.Ctc(x, targets, inputLengths, targetLengths));
    }

    /// <summary>Two equal labels need a blank between them: three frames.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TooFewFramesAreInfinitelyUnlikelyAndTeachNothing(bool record)
    {
        var x = Numbers.Normal(10, 3, 2, 3).RequireGradient();
        var (targets, inputLengths, targetLengths) = (Tensor.From([1L, 1, 1, 1], 2, 2), Tensor.From([2L, 3]), Tensor.From([2L, 2]));
        var loss = Losses.Ctc(x, targets, inputLengths, targetLengths, reduction: Reduction.None);
        Assert.Equal(double.PositiveInfinity, loss[0].Item());
        Assert.True(double.IsFinite(loss[1].Item()));

        var zero = Losses.Ctc(x, targets, inputLengths, targetLengths, reduction: Reduction.None, zeroInfinity: true);
        Assert.Equal([0, loss[1].Item()], Numbers.Of(zero));
        foreach (var zeroInfinity in new[] { false, true })
        {
            var sum = Losses.Ctc(x, targets, inputLengths, targetLengths, reduction: Reduction.Sum, zeroInfinity: zeroInfinity);
            var gradient = Gradient.Of(sum, x, record: record);
            Assert.All(Numbers.Of(gradient[.., 0]), g => Assert.Equal(0, g));
            Assert.All(Numbers.Of(gradient[.., 1].Sum(1)), g => Assert.Equal(-1, g, 1e-12));
        }
    }

    /// <summary>A probability of 0 closes some paths and, if it closes all, makes the labels impossible; neither gives NaN.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ImpossibleClassesAreLegal(bool record)
    {
        const double Never = double.NegativeInfinity;
        var x = Tensor.From([-1, -2, Never, Never, -0.5, -3, Never, -1.5, -1], 3, 3).RequireGradient();
        var loss = Tensor.Ctc(x, Tensor.From([1L]), Tensor.Scalar(3L), Tensor.Scalar(1L));

        // Paths of 1 with blanks 0: "011", "111"; all others are closed, "0 1 0" at its last frame.
        Numbers.Close(-Math.Log(Math.Exp(-1 - 0.5 - 1.5) + Math.Exp(-2 - 0.5 - 1.5)), loss);
        var first = Math.Exp(-1) / (Math.Exp(-1) + Math.Exp(-2));
        Numbers.Close([-first, first - 1, 0, 0, -1, 0, 0, -1, 0], Gradient.Of(loss, x, record: record));

        var impossible = Tensor.Ctc(x, Tensor.From([2L]), Tensor.Scalar(1L), Tensor.Scalar(1L));
        Assert.Equal(double.PositiveInfinity, impossible.Item());
        Assert.All(Numbers.Of(Gradient.Of(impossible, x, record: record)), g => Assert.Equal(0, g));
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void LogitsOfAnySizeAreSafe(DType dtype)
    {
        var logits = Tensor.From([1e4, -1e4, 0, -1e4, 1e4, 0, 1e4, 0, -1e4], 3, 3).To(dtype).RequireGradient();
        var likely = Losses.Ctc(logits.LogSoftmax(), Tensor.From([1L]), Tensor.Scalar(3L), Tensor.Scalar(1L));
        var unlikely = Losses.Ctc(logits.LogSoftmax(), Tensor.From([2L, 1L]), Tensor.Scalar(3L), Tensor.Scalar(2L), reduction: Reduction.Sum);

        Assert.Equal(0, likely.Item(), 1e-6);
        Assert.Equal(2e4, likely.Item() + unlikely.Item(), 1e4);
        (likely + unlikely).Backward();
        Assert.All(Numbers.Of(logits.Gradient!), g => Assert.True(Math.Abs(g) <= 1.001));
    }

    /// <summary>The recursions run in double: float32 loses nothing beyond the rounding of its input and result.</summary>
    [Fact]
    public void LongSequencesInSinglePrecisionAreAsGoodAsInDouble()
    {
        var x = Numbers.Normal(11, 2000, 1, 8).LogSoftmax().To(DType.Float32);
        var targets = Tensor.From([.. Enumerable.Range(0, 300).Select(i => (long)((i * 5) % 7) + 1)], 1, 300);
        var (single, wide) = (x.Detach().RequireGradient(), x.To(DType.Float64).RequireGradient());
        var (inputLengths, targetLengths) = (Tensor.From([2000L]), Tensor.From([300L]));
        var (loss, expected) = (Tensor.Ctc(single, targets, inputLengths, targetLengths), Tensor.Ctc(wide, targets, inputLengths, targetLengths));
        loss.Sum().Backward();
        expected.Sum().Backward();

        Assert.Equal((float)expected[0].Item(), (float)loss[0].Item());
        Assert.All(Numbers.Of(wide.Gradient!).Zip(Numbers.Of(single.Gradient!)), pair => Assert.Equal(pair.First, pair.Second, 3e-7));
    }

    [Fact]
    public void AnEmptyBatchHasNoLosses()
    {
        var none = Tensor.Zeros([0], DType.Int64);
        Assert.Equal([0], Tensor.Ctc(Tensor.Zeros([4, 0, 3]), none, none, none).Shape.ToArray());
        Assert.Equal([0], Tensor.Ctc(Tensor.Zeros([4, 0, 3]), Tensor.Zeros([0, 2], DType.Int64), none, none).Shape.ToArray());
    }

    private static Tensor Curvature(Func<Tensor, Tensor> loss, Tensor at, Tensor direction)
    {
        var x = at.Clone().RequireGradient();
        var slope = (Gradient.Of(loss(x), x, record: true) * direction).Sum();
        return slope.RequiresGradient && Gradient.OrNull(slope, [x])[0] is { } curvature ? curvature : Tensor.ZerosLike(at);
    }

    /// <summary>−ln Σ e^(Σ scores along the path) over the paths that give the labels when repetitions, then blanks, are taken out.</summary>
    private static Tensor SumOverPaths(Tensor scores, long[] labels, int blank)
    {
        var (frames, classes) = (scores.Shape[0], scores.Shape[1]);
        var sums = new List<Tensor>();
        var path = new long[frames];
        for (var number = 0; number < (int)Math.Pow(classes, frames); number++)
        {
            for (int t = 0, rest = number; t < frames; t++, rest /= classes)
            {
                path[t] = rest % classes;
            }

            if (path.Where((label, t) => label != blank && (t == 0 || path[t - 1] != label)).SequenceEqual(labels))
            {
                sums.Add(scores.Gather(1, Tensor.From(path, frames, 1)).Sum());
            }
        }

        return -Tensor.Stack([.. sums]).LogSumExp();
    }
}
