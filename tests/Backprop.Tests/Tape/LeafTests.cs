namespace Backprop.Tests.Tapes;

public class LeafTests
{
    [Fact]
    public void TheTour()
    {
        var x = Tensor.Scalar(3.0).RequireGradient();
        var y = (x * x) + (2 * x);
        y.Backward(keepTape: true);
        Assert.Equal("8", x.Gradient!.ToString());
        Assert.Equal(8, Gradient.Of(y, x).Item());
        Assert.Equal(2, Gradient.Of(Gradient.Of(y, x, record: true), x).Item());
        Assert.Equal(8, x.Gradient.Item());
    }

    [Fact]
    public void OnlyLeavesGetAGradient()
    {
        var x = Tensor.From([1.0, 2]).RequireGradient();
        var constant = Tensor.From([5.0, 6]);
        var y = x * constant;
        Assert.True(x.IsLeaf && constant.IsLeaf && !y.IsLeaf);
        Assert.True(x.RequiresGradient && !constant.RequiresGradient && y.RequiresGradient);
        y.Sum().Backward();
        Assert.Equal([5, 6], x.Gradient!.ToArray<double>());
        Assert.Null(y.Gradient);
        Assert.Null(constant.Gradient);
    }

    [Fact]
    public void GradientsAccumulateOverWalks()
    {
        var x = Tensor.From([1.0, 2]).RequireGradient();
        (x * 3).Sum().Backward();
        var first = x.Gradient!;
        x.Square().Sum().Backward();
        Assert.Equal([5, 7], x.Gradient!.ToArray<double>());
        Assert.Same(first, x.Gradient);
        x.ZeroGradient();
        Assert.Null(x.Gradient);
        (x * 3).Sum().Backward();
        Assert.Equal([3, 3], x.Gradient!.ToArray<double>());
    }

    [Fact]
    public void RetainedGradientsOfIntermediateResults()
    {
        var x = Tensor.From([1.0, 2]).RequireGradient();
        var h = (x * 3).RetainGradient();
        h.Square().Sum().Backward(keepTape: true);
        Assert.Equal([6, 12], h.Gradient!.ToArray<double>());
        Assert.Equal([18, 36], x.Gradient!.ToArray<double>());
        h.Sum().Backward();
        Assert.Equal([7, 13], h.Gradient!.ToArray<double>());
        h.ZeroGradient();
        Assert.Null(h.Gradient);
        Assert.Throws<InvalidOperationException>(() => Tensor.Scalar(1.0).RetainGradient());
    }

    [Fact]
    public void DetachCutsAndShares()
    {
        var x = Tensor.From([2.0, 3]).RequireGradient();
        var h = x * x;
        var cut = h.Detach();
        Assert.False(cut.RequiresGradient);
        Assert.True(ReferenceEquals(cut.Storage, h.Storage));
        (h * cut).Sum().Backward();
        Assert.Equal([16, 54], x.Gradient!.ToArray<double>());     // x² · c has slope 2 x c
    }

    [Fact]
    public void TheGradientCanBeSet()
    {
        var x = Tensor.From([1.0, 2]).RequireGradient();
        var mine = Tensor.From([10.0, 20]);
        x.Gradient = mine;
        (x * 3).Sum().Backward();
        Assert.Equal([13, 23], x.Gradient!.ToArray<double>());
        Assert.Equal([10, 20], mine.ToArray<double>());
        x.Gradient = null;
        Assert.Null(x.Gradient);
        Assert.Throws<ShapeException>(() => x.Gradient = Tensor.Scalar(1.0));
        Assert.Throws<ShapeException>(() => x.Gradient = Tensor.From([1f, 2]));
        Assert.Throws<InvalidOperationException>(() => mine.Gradient = mine);
        Assert.Throws<InvalidOperationException>(() => (x * 2).Gradient = mine);
    }

    [Fact]
    public void LeavesNeverShareAGradient()
    {
        var (x, y) = (Tensor.Scalar(1.0).RequireGradient(), Tensor.Scalar(1.0).RequireGradient());
        (x + y).Backward(record: true);      // both are owed the seed itself
        (2 * x).Backward();
        Assert.Equal((3, 1), (x.Gradient!.Item(), y.Gradient!.Item()));
        var (h, shared) = (Tensor.Scalar(2.0), Tensor.Scalar(1.0));
        (x.Gradient, y.Gradient) = (shared, shared);
        (h * x).Backward();
        Assert.Equal((3, 1, 1), (x.Gradient!.Item(), y.Gradient!.Item(), shared.Item()));
    }

    [Fact]
    public void ALeafMayBeTheRoot()
    {
        var x = Tensor.Scalar(5.0).RequireGradient();
        x.Backward();
        x.Backward(Tensor.Scalar(3.0));
        Assert.Equal(4, x.Gradient!.Item());
        Assert.Equal(1, Gradient.Of(x, x).Item());
    }

    [Fact]
    public void PausedRecordingRecordsNothingAndNests()
    {
        var x = Tensor.Scalar(5.0).RequireGradient();
        using (Recording.Pause())
        {
            using (Recording.Pause())
            {
                Assert.False(Recording.IsOn);
            }

            Assert.False(Recording.IsOn);
            Assert.False((x * 2).RequiresGradient);
        }

        Assert.True(Recording.IsOn);
        Assert.True((x * 2).RequiresGradient);
        Assert.Throws<InvalidOperationException>(Paused);
        Assert.True(Recording.IsOn);

        void Paused()
        {
            using (Recording.Pause())
            {
                throw new InvalidOperationException();
            }
        }
    }

    [Fact]
    public void PausingIsAMatterOfOneThread()
    {
        using (Recording.Pause())
        {
            var other = false;
            var thread = new Thread(() => other = Recording.IsOn);
            thread.Start();
            thread.Join();
            Assert.True(other);
        }
    }
}
