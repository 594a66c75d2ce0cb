namespace Backprop.Tests.Core;

/// <summary>Images whose channels lie last in memory answer like any others.</summary>
public sealed class ChannelsLastTests
{
    private readonly Generator generator = new(21);

    [Fact]
    public void TheOrderIsKnownByItsStrides()
    {
        var x = Tensor.Zeros([2, 3, 4, 5]);
        var last = x.ChannelsLast();
        Assert.Equal([60, 1, 15, 3], last.Strides.ToArray());
        Assert.True(last.Layout.IsChannelsLast);
        Assert.False(last.IsContiguous);
        Assert.True(Tensor.Zeros([2, 4, 5, 3]).MoveAxis(3, 1).Layout.IsChannelsLast);
        Assert.False(x.Layout.IsChannelsLast);
        Assert.False(last.Transpose(2, 3).Layout.IsChannelsLast);
        Assert.False(last[.., 1..].Layout.IsChannelsLast);
        Assert.True(last[1..].Layout.IsChannelsLast);
        Assert.True(last.Layout.LiesLike(last[..].Layout));
        Assert.False(last.Layout.LiesLike(x.Layout));

        // Where there is nothing between channels and positions to exchange, or no images, everything stays row-major.
        Assert.Same(x.Layout, x.Layout.Dense());
        Assert.True(Tensor.Zeros([2, 1, 4, 5]).ChannelsLast().IsContiguous);
        Assert.True(Tensor.Zeros([2, 3, 1, 1]).ChannelsLast().IsContiguous);
        Assert.True(Tensor.Zeros([2, 0, 4, 5]).ChannelsLast().IsContiguous);
        Assert.True(Tensor.Zeros([2, 3, 4]).ChannelsLast().IsContiguous);
    }

    [Fact]
    public void ElementwiseResultsKeepTheOrder()
    {
        var x = Tensor.Normal([2, 3, 4, 5], generator: generator);
        var last = x.ChannelsLast();
        var other = Tensor.Normal([2, 3, 4, 5], generator: generator);
        var perChannel = Tensor.Normal([3, 1, 1], generator: generator);
        foreach (var y in new[] { last.Tanh(), last + last, last * other, other * last, last - perChannel })
        {
            Assert.True(y.Layout.IsChannelsLast);
        }

        Assert.Equal((x.Tanh() * other).ToArray<float>(), (last.Tanh() * other).ToArray<float>());
        Assert.Equal((x - perChannel).ToArray<float>(), (last - perChannel).ToArray<float>());

        // Repeated along an axis it is not images' own order that counts.
        Assert.True((Tensor.Zeros([4, 2, 3, 4, 5]) + last).IsContiguous);
    }

    [Fact]
    public void ElementsAreReadInRowMajorOrder()
    {
        var x = Tensor.Arange(0, 24).To(DType.Float32).Reshape(1, 2, 3, 4);
        var last = x.ChannelsLast();
        Assert.Equal(x.ToArray<float>(), last.AsSpan<float>().ToArray());
        Assert.Equal(x.ToArray<float>(), last.ToArray<float>());
        Assert.Equal(x.ToArray<float>(), last.Flatten().AsSpan<float>().ToArray());
        Assert.Equal(x.ToString(), last.ToString());
        Assert.True(last.Clone().IsContiguous);
        Assert.Throws<DTypeException>(() => last.AsSpan<double>().Length);
        var error = Assert.Throws<InvalidOperationException>(() => last.AsWritableSpan<float>().Length);
        Assert.Contains("as_writable_span: a tensor of float32 [1, 2, 3, 4] has its channels last", error.Message, StringComparison.Ordinal);
        Assert.Contains("CopyFrom", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GradientsOfBothOrdersAddUp()
    {
        var values = Tensor.Normal([2, 3, 4, 5], generator: generator);
        var weight = Tensor.Normal([2, 3, 4, 5], generator: generator);
        float[] Of(bool isLast, Func<Tensor, Tensor>[] uses)
        {
            var leaf = values.Clone().RequireGradient();
            var x = leaf * 1.5;
            x = isLast ? x * Tensor.Ones([2, 3, 4, 5]).ChannelsLast() : x * Tensor.Ones([2, 3, 4, 5]);
            Assert.Equal(isLast, x.Layout.IsChannelsLast);
            uses.Aggregate(Tensor.Zeros([]), (sum, use) => sum + use(x).Sum()).Backward();
            Assert.True(leaf.Gradient!.IsContiguous);
            return leaf.Gradient.ToArray<float>();
        }

        // A rule that writes in either order, one that writes row-major, one that hands on what it was given.
        Func<Tensor, Tensor>[] uses = [x => x.Tanh(), x => x.Softmax(1) * weight, x => x + weight];
        for (var first = 0; first < 3; first++)
        {
            Func<Tensor, Tensor>[] turned = [uses[first], uses[(first + 1) % 3], uses[(first + 2) % 3]];
            var (expected, actual) = (Of(isLast: false, turned), Of(isLast: true, turned));
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], actual[i], 1e-6f);
            }
        }
    }

    [Fact]
    public void GradientsAreHandedOutInRowMajorOrder()
    {
        var x = Tensor.Normal([2, 16, 6, 6], generator: generator).RequireGradient();
        var weight = Tensor.Normal([16, 16, 3, 3], generator: generator).RequireGradient();
        var y = Tensor.Conv2d(x, weight, padding: 1);
        var gradients = Gradient.Of(y.Tanh().Sum(), [x, weight, y]);
        Assert.All(gradients, gradient => Assert.True(gradient.IsContiguous));
        var retained = (y * 2).RetainGradient();
        retained.Tanh().Sum().Backward();
        Assert.True(retained.Gradient!.IsContiguous);
        Assert.Equal(retained.Gradient.ToArray<float>(), retained.Gradient.AsWritableSpan<float>().ToArray());
    }

    [Fact]
    public void ASpanLivesAsLongAsTheTensor()
    {
        var outside = Tensor.Normal([2, 16, 5, 5], generator: generator).ChannelsLast();
        ReadOnlySpan<float> kept, own;
        float[] expected;
        Tensor tensor;
        using (var scope = TensorScope.Begin())
        {
            tensor = scope.Keep(outside.Tanh());
            expected = tensor.ToArray<float>();
            kept = tensor.AsSpan<float>();
            own = outside.AsSpan<float>();
            Assert.True(kept == tensor.AsSpan<float>());        // one copy, however often it is asked for
        }

        using (TensorScope.Begin())
        {
            for (var i = 0; i < 5; i++)
            {
                _ = Tensor.Full([2, 16, 5, 5], 42);
            }
        }

        Assert.Equal(expected, kept.ToArray());
        Assert.Equal(outside.ToArray<float>(), own.ToArray());
        tensor.Fill(7);
        Assert.All(tensor.AsSpan<float>().ToArray(), element => Assert.Equal(7, element));
    }

    [Fact]
    public void ASpanOfAReplayedResultIsUpToDate()
    {
        var x = Tensor.Normal([2, 16, 5, 5], generator: generator);
        var last = x.ChannelsLast();
        var step = CapturedStep.Capture(() => last * 2);
        Assert.Equal((x * 2).ToArray<float>(), step.Result.AsSpan<float>().ToArray());
        last.CopyFrom(x + 1);
        Assert.Equal(((x + 1) * 2).ToArray<float>(), step.Replay().AsSpan<float>().ToArray());
        Assert.Throws<InvalidOperationException>(() => CapturedStep.Capture(() => last * (last * 2).AsSpan<float>()[0]));
    }
}
