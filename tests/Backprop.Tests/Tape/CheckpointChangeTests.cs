using Backprop.Layers;

namespace Backprop.Tests.Tapes;

/// <summary>A segment that doesn't do the same again is refused before any gradient comes of it.</summary>
public sealed class CheckpointChangeTests
{
    private readonly Tensor w = Tensor.From([1.5, -0.5]).RequireGradient();

    [Fact]
    public void ALoopVariableThatTheLambdaCaptured()
    {
        var x = Tensor.Ones([2], DType.Float64);
        for (var i = 0; i < 3; i++)
        {
            x = Checkpoint.Run(() => (x * w).Sin());
        }

        Refused(x);
    }

    [Fact]
    public void AnotherLeafOrConstant()
    {
        var u = Tensor.From([1.5, -0.5]).RequireGradient(); // the same elements, so that only the tape differs
        var leaf = w;
        var y = Checkpoint.Run(() => leaf.Sin());
        leaf = u;
        Refused(y);
        Assert.Null(u.Gradient);

        var factor = 3.0;
        y = Checkpoint.Run(() => w.Sin() * factor);
        factor = 50;
        Refused(y);
    }

    [Fact]
    public void AConstantThatWasChangedInPlace()
    {
        var c = Tensor.From([2.0, 3.0]);
        var y = Checkpoint.Run(() => (w * c).Sin());
        c.Fill(5);
        Refused(y);

        var h = w * 2;
        y = Checkpoint.Run(() => (h + 1).Square());
        h.Detach().Fill(10);
        Assert.Throws<InvalidOperationException>(() => y.Sum().Backward());
    }

    [Fact]
    public void AModuleThatChangedItsMode()
    {
        var dropout = new Dropout(0.5, new Generator(3));
        var y = Checkpoint.Run(() => dropout.Forward(w * Tensor.Ones([8, 2], DType.Float64)));
        dropout.Evaluate();
        Assert.Throws<InvalidOperationException>(() => y.Sum().Backward());
    }

    [Fact]
    public void OtherRandomNumbersOrDTypesOrNothingRecorded()
    {
        var times = 2;
        var generator = new Generator(1);
        var y = Checkpoint.Run(() =>
        {
            for (var i = 0; i < times; i++)
            {
                generator.NextDouble();
            }

            return w.Sin();
        });
        times = 1;
        Assert.Contains("other random numbers", Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message, StringComparison.Ordinal);

        var dtype = DType.Float64;
        y = Checkpoint.Run(() => w.To(dtype).Sin());
        dtype = DType.Float32;
        Refused(y);

        var record = true;
        y = Checkpoint.Run(() => record ? w.Sin() : w.Detach().Sin());
        record = false;
        Refused(y);
    }

    [Fact]
    public void SeedingInsideMovesNoGeneratorTheSecondTime()
    {
        var generator = new Generator(1);
        var y = Checkpoint.Run(() =>
        {
            generator.Seed(7);
            return w * generator.NextDouble();
        });
        generator.Seed(100);
        y.Sum().Backward();
        Assert.Equal(new Generator(100).State, generator.State);
        Assert.Equal(new Generator(7).NextDouble(), w.Gradient!.ToArray<double>()[0]);
    }

    [Fact]
    public void CalculusInsideASegment()
    {
        var t = Tensor.From([2.0, 3.0]);
        Tensor Penalty() => Calculus.Gradient(x => (w * x.Square()).Sum(), t).Square().Sum(); // Σ (2 w t)²
        Checkpoint.Run(Penalty).Backward();
        Assert.Equal([8 * 1.5 * 4, 8 * -0.5 * 9], w.Gradient!.ToArray<double>());
    }

    [Fact]
    public async Task ThreadsWalkOneSegmentAtATime()
    {
        var generator = new Generator(5);
        var dropout = new Dropout(0.5, generator);
        Tensor Segment()
        {
            var h = w * Tensor.Ones([16, 2], DType.Float64);
            for (var i = 0; i < 40; i++)
            {
                h = dropout.Forward(h) + w;
            }

            return h;
        }

        var y = Checkpoint.Run(Segment).Sum();
        var expected = Gradient.Of(y, w).ToArray<double>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 25; i++)
            {
                Assert.Equal(expected, Gradient.Of(y, w).ToArray<double>());
            }
        })));
    }

    [Fact]
    public void LongChainsInAScopeGiveTheirGradients()
    {
        using var scope = TensorScope.Begin();
        var x = w * 1;
        for (var i = 0; i < 500; i++)
        {
            var input = x;
            x = Checkpoint.Run(() => input + 0.001);
        }

        x.Sum().Backward();
        Assert.Equal([1, 1], w.Gradient!.ToArray<double>());
    }

    private void Refused(Tensor y)
    {
        var error = Assert.Throws<InvalidOperationException>(() => y.Sum().Backward());
        Assert.StartsWith("checkpoint: the segment gave other results", error.Message, StringComparison.Ordinal);
        Assert.Null(w.Gradient);
    }
}
