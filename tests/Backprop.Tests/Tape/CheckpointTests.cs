using Backprop.Layers;

namespace Backprop.Tests.Tapes;

public sealed class CheckpointTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GradientsHaveTheSameBitsRandomNumbersIncluded(bool scoped)
    {
        var plain = Step(scoped, segment => segment());
        var checkpointed = Step(scoped, segment => Checkpoint.Run(segment));
        var nested = Step(scoped, segment => Checkpoint.Run(() => Checkpoint.Run(segment).Relu().Relu()));
        Assert.Equal(plain.Gradients, checkpointed.Gradients);
        Assert.Equal(plain.After, checkpointed.After);

        // Two more operations that change nothing, since the segments end with Relu.
        Assert.Equal(plain.Gradients, nested.Gradients);
        Assert.Equal(plain.After, nested.After);
        Assert.NotEqual(plain.Gradients, Step(scoped, segment => segment(), seed: 12).Gradients);
    }

    /// <summary>Three segments that share a parameter with each other and with the outside, with dropout inside.</summary>
    private static (float[] Gradients, GeneratorState After) Step(bool scoped, Func<Func<Tensor>, Tensor> run, ulong seed = 11)
    {
        var generator = new Generator(seed);
        var shared = Tensor.Normal([6], generator: new Generator(1)).RequireGradient();
        var layers = Enumerable.Range(0, 3).Select(i => new Linear(6, 6, generator: new Generator((ulong)i + 5))).ToArray();
        var dropout = new Dropout(0.4, generator);
        var x = Tensor.Normal([8, 6], generator: new Generator(2)).RequireGradient();
        using var scope = scoped ? TensorScope.Begin() : null;
        var h = x * shared;
        foreach (var layer in layers)
        {
            var input = h;
            h = run(() => (dropout.Forward(layer.Forward(input)) + shared).Relu());
        }

        (h * shared).Sum().Backward();
        return ([.. layers.SelectMany(layer => layer.Parameters()).Append(shared).Append(x).SelectMany(p => p.Gradient!.ToArray<float>())], generator.State);
    }

    [Fact]
    public void WhatTheSegmentSavedIsGone()
    {
        var x = Tensor.Ones([4]).RequireGradient();
        var references = new List<WeakReference>();
        var y = Checkpoint.Run(() => Saving(x, references));
        for (var i = 0; i < 5 && references[0].IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(references[0].IsAlive);
        Assert.Equal(["leaf", "checkpoint", "checkpoint_result"], Tape.Of(y).Select(node => node.Label));
        y.Backward();
        Assert.Equal(2, references.Count);
        Assert.All(x.Gradient!.ToArray<float>(), value => Assert.Equal((float)(Math.E * Math.Exp(Math.E)), value, 1e-4f));
    }

    private static Tensor Saving(Tensor x, List<WeakReference> references)
    {
        var middle = x.Exp();
        references.Add(new WeakReference(middle));
        return middle.Exp().Sum();
    }

    [Fact]
    public void SecondDerivativesAndTargetsInTheMiddle()
    {
        var x = Tensor.From([0.3, -1.2, 0.8]).RequireGradient();
        var middle = x * 2;
        var y = Checkpoint.Run(() => middle.Sin() * x).Sum();
        var slope = Gradient.Of(y, x, record: true);
        var curvature = Gradient.Of(slope.Sum(), x);
        Assert.All(
            x.ToArray<double>().Zip(curvature.ToArray<double>()),
            pair => Assert.Equal((4 * Math.Cos(2 * pair.First)) - (4 * pair.First * Math.Sin(2 * pair.First)), pair.Second, 1e-12));
        Assert.Equal((middle.Cos() * x).ToArray<double>(), Gradient.Of(y, middle).ToArray<double>());
        GradientCheck.Verify(v => Checkpoint.Run(() => (v[0].Exp() * v[1]).Tanh()).Sum(), [x.Detach(), middle.Detach()], order: 2);
    }

    [Fact]
    public void SeveralResultsAreWalkedOnce()
    {
        var calls = 0;
        var x = Tensor.From([0.5, 2]).RequireGradient();
        var results = Checkpoint.Run(() =>
        {
            calls++;
            return new[] { x.Exp(), x.Square(), Tensor.Ones([2], DType.Float64) };
        });
        (results[0] * results[1] * results[2]).Sum().Backward();
        Assert.Equal(2, calls);
        Assert.All(
            x.ToArray<double>().Zip(x.Gradient!.ToArray<double>()),
            pair => Assert.Equal(Math.Exp(pair.First) * ((pair.First * pair.First) + (2 * pair.First)), pair.Second, 1e-12));

        // Only one of them used, and the tape kept.
        x.ZeroGradient();
        var squares = Checkpoint.Run(() => new[] { x.Exp(), x.Square() })[1].Sum();
        squares.Backward(keepTape: true);
        squares.Backward();
        Assert.Equal([2, 8], x.Gradient!.ToArray<double>());
    }

    [Fact]
    public void MemoryInAScopeIsGivenBackSegmentBySegment()
    {
        var x = Tensor.Normal([100_000], generator: new Generator(1)).RequireGradient();
        Assert.True(Peak(segments: 8, checkpointed: true) < Peak(segments: 8, checkpointed: false) / 2);

        // The pool of a fresh thread holds what the scope had at its peak.
        long Peak(int segments, bool checkpointed)
        {
            long bytes = 0;
            var thread = new Thread(() =>
            {
                using (TensorScope.Begin())
                {
                    var h = x;
                    for (var i = 0; i < segments; i++)
                    {
                        var input = h;
                        Tensor Segment() => input.Tanh().Exp().Tanh().Exp().Tanh().Sigmoid();
                        h = checkpointed ? Checkpoint.Run(Segment) : Segment();
                    }

                    h.Sum().Backward();
                }

                bytes = Backprop.Memory.BufferPool.Current.FreeBytes;
            });
            thread.Start();
            thread.Join();
            return bytes;
        }
    }

    [Fact]
    public void MistakesAreNamed()
    {
        var x = Tensor.From([1.0, 2]).RequireGradient();
        Assert.Contains("make parameters outside", Assert.Throws<InvalidOperationException>(
            () => Checkpoint.Run(() => x * Tensor.From([1.0, 2]).RequireGradient())).Message);

        var y = Checkpoint.Run(() => x.Exp()).Sum();
        using (Recording.Pause())
        {
            x.AddInPlace(1);
        }

        Assert.Contains("changed in place by 'add_in_place'", Assert.Throws<InvalidOperationException>(() => y.Backward()).Message);

        var generator = new Generator(1);
        var count = 1;
        y = Checkpoint.Run(() => x * Tensor.Uniform([2], dtype: DType.Float64, generator: generator).Sum() * count * Draw()).Sum();
        count = 2;
        Assert.Contains("other random numbers", Assert.Throws<InvalidOperationException>(() => y.Backward()).Message);

        y = Checkpoint.Run(() => x[..count]).Sum();
        count = 1;
        Assert.Contains("other results", Assert.Throws<InvalidOperationException>(() => y.Backward()).Message);

        Tensor Draw() => count == 1 ? 1 : Tensor.Uniform([], dtype: DType.Float64, generator: generator);
    }

    [Fact]
    public void ASegmentKnowsThatItIsComputedAgain()
    {
        var seen = new List<bool>();
        var x = Tensor.From([1.0]).RequireGradient();
        var y = Checkpoint.Run(() =>
        {
            seen.Add(Checkpoint.IsRecomputing);
            return x * 2;
        });
        y.Backward(Tensor.From([1.0]));
        Assert.Equal([false, true], seen);
        using (Recording.Pause())
        {
            Assert.Null(Checkpoint.Run(() => x * 2).Node);
        }
    }
}
