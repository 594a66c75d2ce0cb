namespace Backprop.Tests.Tapes;

/// <summary>Gradients that a tape still refers to, walks side by side, pauses and traps that end in any order.</summary>
public sealed class SharedGradientTests
{
    [Fact]
    public void AGradientThatATapeHasSavedIsNotOverwritten()
    {
        var w = Tensor.Scalar(2.0).RequireGradient();
        (3 * w).Backward();
        var g = w.Gradient!; // 3
        var loss = (w * g) + (w * w * g);
        loss.Backward();
        Assert.Equal(3 + (3 + (2 * 2 * 3)), w.Gradient!.Item<double>());
        Assert.Equal(3, g.Item<double>());

        w.ZeroGradient();
        (3 * w).Backward();
        g = w.Gradient!;
        loss = (w * g) + (w * w * g);
        w.ZeroGradient();
        loss.Backward();
        Assert.Equal(15, w.Gradient!.Item<double>());
    }

    [Fact]
    public async Task RetainedGradientsOfASharedTrunkAddUp()
    {
        var w = Tensor.Ones([4], DType.Float64).RequireGradient();
        for (var repetition = 0; repetition < 50; repetition++)
        {
            var trunk = (w * 2).RetainGradient();
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => trunk.Square().Sum().Backward(keepTape: true))));
            Assert.Equal([16, 16, 16, 16], trunk.Gradient!.ToArray<double>());
        }
    }

    [Fact]
    public void ARecordedGradientIsRecordedWhateverItsLayoutAndThePause()
    {
        var x = Tensor.Uniform([2, 3], 1, 2, DType.Float64).RequireGradient();
        var y = x.T.Pow(3.0).Sum();
        using (Recording.Pause())
        {
            Assert.True(Gradient.Of(y, x, record: true).RequiresGradient);
        }
    }

    [Fact]
    public void NoInputsIsAMistake()
    {
        var x = Tensor.Scalar(1.0).RequireGradient();
        var error = Assert.Throws<ArgumentException>(() => (2 * x).Backward(inputs: []));
        Assert.StartsWith("backward: inputs is empty", error.Message, StringComparison.Ordinal);
        Assert.Null(x.Gradient);
    }

    [Fact]
    public void PausesEndInTheirOrderAndOnTheirThread()
    {
        var first = Recording.Pause();
        var second = Recording.Pause();
        Assert.Throws<InvalidOperationException>(() => first.Dispose());
        Exception? elsewhere = null;
        var thread = new Thread(() => elsewhere = Record.Exception(() => second.Dispose()));
        thread.Start();
        thread.Join();
        Assert.IsType<InvalidOperationException>(elsewhere);
        Assert.False(Recording.IsOn);
        second.Dispose();
        second.Dispose();
        Assert.False(Recording.IsOn);
        first.Dispose();
        Assert.True(Recording.IsOn);
        default(Recording.Token).Dispose();
        Assert.True(Recording.IsOn);
    }
}
