using Backprop.Layers;
using Backprop.Optimizers;

namespace Backprop.Tests.Replay;

/// <summary>A replay does what the step does.</summary>
public sealed class CapturedStepTests
{
    private readonly Generator generator = new(3);

    [Fact]
    public void TrainingReplayedGivesTheBitsOfTraining()
    {
        var (eager, replayed) = (Model(), Model());
        var (first, second) = (Training(eager), Training(replayed));
        var x = Tensor.Uniform([8, 5], generator: generator);
        var y = Tensor.Uniform([8, 2], generator: generator);
        var (ownX, ownY) = (x.Clone(), y.Clone());
        CapturedStep? step = null;
        for (var i = 0; i < 12; i++)
        {
            var (nextX, nextY) = (Tensor.Uniform([8, 5], generator: generator), Tensor.Uniform([8, 2], generator: generator));
            double expected;
            using (TensorScope.Begin())
            {
                expected = first(nextX, nextY).Item();
            }

            ownX.CopyFrom(nextX);
            ownY.CopyFrom(nextY);
            var actual = step is null ? (step = CapturedStep.Capture(() => second(ownX, ownY))).Result : step.Replay();
            Assert.Equal(expected, actual.Item());
        }

        Assert.Equal((1, null), (step!.Captures, step.LastReason));
        Assert.All(eager.StateDictionary(), entry =>
            Assert.Equal(entry.Value.To(DType.Float64).ToArray<double>(), replayed.StateDictionary()[entry.Key].To(DType.Float64).ToArray<double>()));
    }

    [Fact]
    public void AReplayAllocatesNothing()
    {
        var x = Tensor.Uniform([16, 20], generator: generator);
        var labels = Tensor.RandomIntegers([16], 0, 4, generator: generator);
        var model = new Sequential(new Linear(20, 30, generator: generator), new Relu(), new Linear(30, 4, generator: generator));
        var optimizer = new Adam(model.Parameters());
        var step = CapturedStep.Capture(() =>
        {
            var loss = Losses.CrossEntropy(model.Forward(x), labels);
            optimizer.ZeroGradients();
            loss.Backward();
            optimizer.Step();
            return loss;
        });
        step.Replay();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            step.Replay();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void ResultsThatAreNotNeededTogetherShareMemory()
    {
        var x = Tensor.Uniform([1000], generator: generator);
        var step = CapturedStep.Capture(() =>
        {
            var y = x;
            for (var i = 0; i < 50; i++)
            {
                y = (y * 0.5) + 1;
            }

            return y.Sum();
        });
        Assert.InRange(step.BufferBytes, 4000, 3 * 4064);
    }

    [Fact]
    public void AResultIsWrittenOverAnInputThatIsNeededNoMore()
    {
        var x = Tensor.Uniform([1000], generator: generator);
        var y = Tensor.Uniform([1000], generator: generator);
        var step = CapturedStep.Capture(() => ((x + y).Exp() * (x + 1)).Tanh());
        var other = CapturedStep.Capture(() =>
        {
            var sum = x + y;
            return (sum.Exp() * sum) + sum[0];      // a view of what is multiplied: it must not be overwritten before
        });
        x.CopyFrom(Tensor.Uniform([1000], generator: generator));
        Assert.Equal(((x + y).Exp() * (x + 1)).Tanh().ToArray<float>(), step.Replay().ToArray<float>());
        Assert.Equal((((x + y).Exp() * (x + y)) + (x + y)[0]).ToArray<float>(), other.Replay().ToArray<float>());

        // The result itself is kept; of the four others two are needed at once.
        Assert.InRange(step.BufferBytes, 2 * 4000, (2 * 4064) + 64);
    }

    [Fact]
    public void WhoLooksOnSeesInputsThatAreOverwritten()
    {
        var x = Tensor.From([1f, 2]);
        var step = CapturedStep.Capture(() => (x * 2).Log() + 1);
        x.CopyFrom(Tensor.From([1f, -3]));
        using var trap = Anomaly.Trap();
        var error = Assert.Throws<AnomalyException>(() => step.Replay());
        Assert.Equal("log", error.Operation);
        Assert.Contains("-6", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RandomNumbersAreDrawnAnew()
    {
        var (first, second) = (new Generator(9), new Generator(9));
        var x = Tensor.Ones([50]);
        var step = CapturedStep.Capture(() => Step(first));
        Assert.Equal(Step(second).Item(), step.Result.Item());
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Step(second).Item(), step.Replay().Item());
        }

        Assert.Equal(second.State, first.State);

        Tensor Step(Generator from) =>
            ((x * Tensor.Bernoulli([50], 0.5, generator: from)) + Tensor.Normal([50], generator: from) + Tensor.Uniform([50], generator: from)).Sum();
    }

    [Fact]
    public void RunningStatisticsSchedulesAndClippingGoOn()
    {
        var (a, b) = (Build(), Build());
        var step = CapturedStep.Capture(b.Step);
        a.Step();
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(a.Step().Item(), step.Replay().Item());
        }

        Assert.Equal(1, step.Captures);
        Assert.Equal(a.Schedule.StepNumber, b.Schedule.StepNumber);
        Assert.Equal(7, b.Norm.BatchesTracked!.Item<long>());
        Assert.Equal(a.Norm.RunningMean!.ToArray<float>(), b.Norm.RunningMean!.ToArray<float>());

        (Func<Tensor> Step, Schedule Schedule, BatchNorm1d Norm) Build()
        {
            var own = new Generator(4);
            var norm = new BatchNorm1d(6);
            var model = new Sequential(new Linear(5, 6, generator: own), norm, new Dropout(0.3, generator: own), new Linear(6, 1, generator: own));
            var optimizer = new Sgd(model.Parameters(), learningRate: 0.1, momentum: 0.9);
            var schedule = new ExponentialSchedule(0.9).Attach(optimizer);
            var x = Tensor.Uniform([10, 5], generator: own);
            return (() =>
            {
                var loss = model.Forward(x).Square().Mean();
                optimizer.ZeroGradients();
                loss.Backward();
                GradientClipping.ByNorm(model.Parameters(), 0.05);
                optimizer.Step();
                schedule.Step();
                return loss;
            }, schedule, norm);
        }
    }

    [Fact]
    public void GradientsAccumulateWhereNothingClearsThem()
    {
        var w = Tensor.From([1f, 2]).RequireGradient();
        var step = CapturedStep.Capture(() =>
        {
            var y = (w * w).Sum();
            y.Backward();
            return y;
        });
        Assert.Equal([2f, 4], w.Gradient!.ToArray<float>());
        step.Replay();      // the first found no gradient, so this one is captured anew
        Assert.Equal([4f, 8], w.Gradient!.ToArray<float>());
        step.Replay();
        step.Replay();
        Assert.Equal([8f, 16], w.Gradient!.ToArray<float>());
        Assert.Equal(2, step.Captures);
        w.ZeroGradient();
        step.Replay();
        Assert.Equal([2f, 4], w.Gradient!.ToArray<float>());
    }

    [Fact]
    public void StatesThatTakeTurnsHaveACaptureEach()
    {
        var w = Tensor.From([1f, 2]).RequireGradient();
        var model = new Sequential(new Dropout(0.5, generator: generator));
        var step = CapturedStep.Capture(() =>
        {
            var y = (model.Forward(w) * w).Sum();
            y.Backward();
            return y;
        });
        for (var i = 0; i < 40; i++)
        {
            if (i % 4 == 3)
            {
                w.ZeroGradient();
            }

            if (i % 10 == 0)
            {
                model.Evaluate();
            }

            if (i % 10 == 5)
            {
                model.Train();
            }

            step.Replay();
        }

        Assert.InRange(step.Captures, 2, 4);
    }

    [Fact]
    public void GradientsOfGradientsAreReplayed()
    {
        var x = Tensor.From([0.3, -0.7, 1.1]);
        var w = Tensor.From([0.5, 0.25, -2]).RequireGradient();
        Tensor Step()
        {
            var input = x.Detach().RequireGradient();
            var slope = Gradient.Of((input * w).Sin().Sum(), input, record: true);
            var loss = slope.Square().Sum();
            w.ZeroGradient();
            loss.Backward();
            return loss;
        }

        var step = CapturedStep.Capture(Step);
        x.CopyFrom(Tensor.From([0.1, 0.2, -0.4]));
        var replayed = (step.Replay().Item(), w.Gradient!.ToArray<double>());
        var eager = Step().Item();
        Assert.Equal(eager, replayed.Item1);
        Assert.Equal(w.Gradient!.ToArray<double>(), replayed.Item2);
    }

    [Fact]
    public void WhatIsObservedDecidesAndIsWatched()
    {
        var flag = Tensor.Scalar(1f);
        var x = Tensor.Ones([3]);
        var step = CapturedStep.Capture(() => Capture.Observe(() => flag.Item<float>() > 0, "the flag has changed") ? x.Sum() : -x.Sum());
        Assert.Equal(3, step.Replay().Item());
        flag.Fill(-1);
        Assert.Equal(-3, step.Replay().Item());
        Assert.Equal((2, "the flag has changed"), (step.Captures, step.LastReason));

        var inner = CapturedStep.Capture(() =>
        {
            var y = x * flag;
            return Capture.Observe(() => y.Sum().Item() > 0, "the sign has changed") ? y.Sum() : y.Sum() * 10;
        });
        Assert.Equal(-30, inner.Replay().Item());
        flag.Fill(2);
        Assert.Equal(6, inner.Replay().Item());
        Assert.Equal((2, "the sign has changed"), (inner.Captures, inner.LastReason));
    }

    [Fact]
    public void RepeatedWorkOfOnesOwn()
    {
        var count = 0;
        var scale = Tensor.Scalar(0f);
        var step = CapturedStep.Capture(() =>
        {
            Capture.Repeat(() => scale.Fill(++count));
            return scale * 2;
        });
        Assert.Equal([2.0, 4, 6], [step.Result.Item(), step.Replay().Item(), step.Replay().Item()]);
    }

    [Fact]
    public void TensorsOfTheStepAreGoneBetweenReplays()
    {
        Tensor? inner = null;
        var x = Tensor.Ones([3]);
        var step = CapturedStep.Capture(() =>
        {
            inner = x * 2;
            return inner.Sum();
        });
        step.Replay();
        var error = Assert.Throws<ObjectDisposedException>(() => inner!.ToArray<float>());
        Assert.Contains("captured step", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ObjectDisposedException>(() => inner! + 1);
        Assert.Contains("captured step", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AKeptTensorStaysAndIsOverwritten()
    {
        Tensor? kept = null;
        var x = Tensor.Ones([3]);
        using var scope = TensorScope.Begin();
        var step = CapturedStep.Capture(() =>
        {
            using var inner = TensorScope.Begin();
            kept = inner.Keep(x * 2);
            return inner.Keep(kept.Sum());
        });
        x.Fill(4);
        step.Replay();
        Assert.Equal([8f, 8, 8], kept!.ToArray<float>());
    }

    [Fact]
    public void AReplayChangesItsResult()
    {
        var x = Tensor.Ones([2]);
        var w = Tensor.Ones([2]).RequireGradient();
        var step = CapturedStep.Capture(() => x * 2);
        var y = (w * step.Result).Sum();
        step.Replay();
        Assert.Throws<InvalidOperationException>(() => y.Backward());
    }

    [Fact]
    public void AReplayCountsAsAChange()
    {
        var state = Tensor.Ones([2]);
        var w = Tensor.Ones([2]).RequireGradient();
        var step = CapturedStep.Capture(() =>
        {
            state.CopyFrom(state * 2);
            return state.Sum();
        });
        var y = (w * state).Sum();
        step.Replay();
        Assert.Throws<InvalidOperationException>(() => y.Backward());
    }

    [Fact]
    public void ACheckpointedSegmentIsKeptInstead()
    {
        var w = Tensor.From([0.5, -1.5]).RequireGradient();
        var x = Tensor.From([1.0, 2]);
        Tensor Step()
        {
            w.ZeroGradient();
            var y = Checkpoint.Run(() => (w * x).Sin().Exp()).Sum();
            y.Backward();
            return y;
        }

        var step = CapturedStep.Capture(Step);
        x.CopyFrom([-0.3, 0.7]);
        var replayed = (step.Replay().Item(), w.Gradient!.ToArray<double>());
        Assert.Equal(Step().Item(), replayed.Item1);
        Assert.Equal(w.Gradient!.ToArray<double>(), replayed.Item2);
    }

    [Fact]
    public void SixteenBitTensorsAreReplayed()
    {
        var x = Tensor.Uniform([40], generator: generator).To(DType.BFloat16);
        Tensor Step() => (x.Exp() + x).Sum();
        var step = CapturedStep.Capture(Step);
        x.CopyFrom(Tensor.Uniform([40], generator: generator).To(DType.BFloat16));
        Assert.Equal(Step().Item(), step.Replay().Item());
    }

    [Fact]
    public void AProfilerSeesWhatIsReplayed()
    {
        var x = Tensor.Ones([2]).RequireGradient();
        var step = CapturedStep.Capture(() =>
        {
            x.ZeroGradient();
            var y = x.Exp().Sum();
            y.Backward();
            return y;
        });
        using var profiler = Profiler.Begin();
        step.Replay();
        Assert.Contains("exp", profiler.ToString(), StringComparison.Ordinal);
    }

    private Module Model()
    {
        var own = new Generator(11);
        return new Sequential(new Linear(5, 7, generator: own), new Tanh(), new LayerNorm([7]), new Dropout(0.25, generator: own), new Linear(7, 2, generator: own));
    }

    private static Func<Tensor, Tensor, Tensor> Training(Module model)
    {
        var optimizer = new AdamW(model.Parameters(), learningRate: 0.01);
        return (x, y) =>
        {
            var loss = Losses.MeanSquaredError(model.Forward(x), y);
            optimizer.ZeroGradients();
            loss.Backward();
            optimizer.Step();
            return loss;
        };
    }
}
