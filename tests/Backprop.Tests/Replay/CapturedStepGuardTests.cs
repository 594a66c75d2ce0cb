using Backprop.Layers;
using Backprop.Optimizers;

namespace Backprop.Tests.Replay;

/// <summary>Where a replay would not do what the step does, it is captured anew, or says why it can't be.</summary>
public sealed class CapturedStepGuardTests
{
    private readonly Generator generator = new(3);

    [Fact]
    public void AStateCarriedOnByAssignmentIsRefused()
    {
        var h = Tensor.Ones([2]);
        var w = Tensor.From([0.5f, 2]).RequireGradient();
        var error = Assert.Throws<InvalidOperationException>(() => CapturedStep.Capture(() =>
        {
            var next = h * w;
            h = next.Detach();
            return next.Sum();
        }));
        Assert.Contains("h.CopyFrom", error.Message, StringComparison.Ordinal);

        var state = Tensor.Ones([2]);
        var step = CapturedStep.Capture(() =>
        {
            var next = state * w;
            state.CopyFrom(next.Detach());
            return next.Sum();
        });
        step.Replay();
        Assert.Equal([0.25f, 4], state.ToArray<float>());
    }

    [Fact]
    public void AStepThatReturnsANumberIsRefusedByName()
    {
        var w = Tensor.Ones([2]).RequireGradient();
        var optimizer = new Sgd([w], learningRate: 0.1);
        var error = Assert.Throws<InvalidOperationException>(() => CapturedStep.Capture(() => Tensor.Scalar(optimizer.Step(() => w.Sum()))));
        Assert.Contains("Step(() => loss)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AShapeThatFollowsFromNumbersIsCapturedAnew()
    {
        var x = Tensor.From([1f, 2, -3]);
        var step = CapturedStep.Capture(() => x[x > 0].Sum());
        Assert.Equal(3, step.Result.Item());
        x.CopyFrom([1f, 2, 3]);
        Assert.Equal(6, step.Replay().Item());
        Assert.Contains("depends on the values", step.LastReason, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherDefaultGeneratorIsNoticed()
    {
        var before = Generator.Default;
        try
        {
            var step = CapturedStep.Capture(() => Tensor.Uniform([3]));
            Generator.Default = new Generator(5);
            var drawn = step.Replay().ToArray<float>();
            Assert.Equal(Tensor.Uniform([3], generator: new Generator(5)).ToArray<float>(), drawn);
        }
        finally
        {
            Generator.Default = before;
        }
    }

    [Fact]
    public void AChangedModeIsCapturedAnew()
    {
        var model = new Sequential(new Linear(3, 3, generator: generator), new Dropout(0.5, generator: generator));
        var x = Tensor.Ones([4, 3]);
        var step = CapturedStep.Capture(() => model.Forward(x).Sum());
        model.Evaluate();
        Assert.Equal(model.Forward(x).Sum().Item(), step.Replay().Item());
        Assert.Equal((2, "the model evaluates now"), (step.Captures, step.LastReason));
        step.Replay();
        Assert.Equal(2, step.Captures);
    }

    [Fact]
    public void AFrozenParameterIsNoticed()
    {
        var w = Tensor.From([1f, 2]).RequireGradient();
        var v = Tensor.From([3f, 4]).RequireGradient();
        var step = CapturedStep.Capture(() =>
        {
            w.ZeroGradient();
            var y = (w * v).Sum();
            y.Backward();
            return y;
        });
        v.RequireGradient(false);
        step.Replay();
        Assert.Contains("requires no gradient", step.LastReason, StringComparison.Ordinal);
        Assert.Null(v.Gradient);
    }

    [Fact]
    public void PausedRecordingIsNoticed()
    {
        var w = Tensor.From([1f, 2]).RequireGradient();
        var step = CapturedStep.Capture(() => (w * w).Sum());
        using (Recording.Pause())
        {
            step.Replay();
        }

        Assert.Equal("recording is paused", step.LastReason);
    }

    [Fact]
    public void WhatWasRecycledIsNoticed()
    {
        CapturedStep step;
        var w = Tensor.Ones([2]);
        var input = w;
        using (TensorScope.Begin())
        {
            input = w * 2;
            step = CapturedStep.Capture(() => (w + input).Sum());
        }

        Assert.Throws<ObjectDisposedException>(step.Replay);
        Assert.Contains("recycled", step.LastReason, StringComparison.Ordinal);
        input = w * 3;
        Assert.Equal(8, step.Replay().Item());
    }

    [Fact]
    public void ReadingANumberIsRefusedWithAdvice()
    {
        var x = Tensor.Ones([3]);
        var error = Assert.Throws<InvalidOperationException>(() => CapturedStep.Capture(() => x.Sum().Item() > 2 ? x : x * 2));
        Assert.Contains("Capture.Repeat", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InvalidOperationException>(() => CapturedStep.Capture(() =>
        {
            x.AsWritableSpan<float>()[0] = 5;
            return x;
        }));
        Assert.Contains("captured_step", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, CapturedStep.Capture(() => x.Sum()).Result.Item());     // nothing is left behind
    }

    [Fact]
    public void AnErrorInAReplayChangesNothing()
    {
        var w = Tensor.Ones([3, 4]).RequireGradient();
        var optimizer = new Sgd([w], learningRate: 1);
        var x = Tensor.Ones([2, 3]);
        var labels = Tensor.From([0L, 3]);
        var step = CapturedStep.Capture(() =>
        {
            var loss = Losses.CrossEntropy(x.MatMul(w), labels);
            optimizer.ZeroGradients();
            loss.Backward();
            optimizer.Step();
            return loss;
        });
        var before = w.Detach().ToArray<float>();
        labels.CopyFrom([0L, 4]);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => step.Replay());
        Assert.Contains("label", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, w.Detach().ToArray<float>());
        labels.CopyFrom([1L, 2]);
        step.Replay();
        Assert.NotEqual(before, w.Detach().ToArray<float>());
    }

    [Fact]
    public void ACaughtExceptionIsRefused()
    {
        var x = Tensor.Ones([2]);
        foreach (var fail in new Action[] { () => Capture.Repeat(() => throw new TimeoutException()), () => LinearAlgebra.Cholesky(-Tensor.Ones([2, 2])) })
        {
            Assert.Throws<InvalidOperationException>(() => CapturedStep.Capture(() =>
            {
                try
                {
                    fail();
                }
                catch (Exception exception) when (exception is TimeoutException or ArgumentException or ArithmeticException or InvalidOperationException)
                {
                }

                return (x * 2).Sum();
            }));
        }

        Assert.Equal(4, CapturedStep.Capture(() => (x * 2).Sum()).Replay().Item());
    }

    [Fact]
    public void StepsDontNest()
    {
        var x = Tensor.Ones([2]);
        var other = CapturedStep.Capture(() => x.Sum());
        Assert.Throws<InvalidOperationException>(() => CapturedStep.Capture(() => other.Replay()));
        Assert.Throws<InvalidOperationException>(() => CapturedStep.Capture(() => CapturedStep.Capture(() => x.Sum()).Result));
        Assert.Throws<InvalidOperationException>(() => CapturedStep.Capture(() => null!));
    }

    [Fact]
    public void StepsThatNeverStayTheSameAreRunAsTheyAre()
    {
        var x = Tensor.Ones([2]);
        var count = 0;
        var step = CapturedStep.Capture(() =>
        {
            var now = Capture.Observe(() => count, "it is another time");
            return x.Sum() * now;
        });
        for (count = 1; count < 30; count++)
        {
            Assert.Equal(2 * count, step.Replay().Item());
        }

        Assert.InRange(step.Captures, 2, 9);
        Assert.Contains("run as it is", step.LastReason, StringComparison.Ordinal);
    }
}
