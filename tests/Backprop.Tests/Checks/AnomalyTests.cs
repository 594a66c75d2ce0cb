using Backprop.Layers;

namespace Backprop.Tests.Checks;

/// <summary>Sets Recording.CallSites, which every thread sees.</summary>
[CollectionDefinition(nameof(AnomalyTests), DisableParallelization = true)]
public sealed class AnomalyCollection;

[Collection(nameof(AnomalyTests))]
public sealed class AnomalyTests
{
    [Fact]
    public void TheFirstOperationIsNamedWithItsLineAndItsInputs()
    {
        var x = Tensor.From(new[,] { { 1.5f, 0f }, { 2f, -3f } });
        using (Anomaly.Trap())
        {
            var shifted = x + 1;
            var thrown = Assert.Throws<AnomalyException>(() => shifted.Exp().Log().Sqrt().Log().Exp().Sum());
            Assert.Equal("sqrt", thrown.Operation);
            Assert.Contains("'sqrt' (AnomalyTests.cs:", thrown.Message);
            Assert.Contains("1 NaN (first at [1, 1])", thrown.Message);
            Assert.Contains("input 0: float32 [2, 2], from -2 to 3", thrown.Message);
        }

        Assert.True(float.IsNaN((x - 5).Sqrt().Sum().Item<float>()));
    }

    [Fact]
    public void WhatWasSpoiltBeforeIsNobodysFault()
    {
        var w = Tensor.Ones([1]).RequireGradient();
        w.Gradient = Tensor.From([float.NaN]);
        using var trap = Anomaly.Trap();
        (w * 2).Sum().Backward();
        Assert.True(float.IsNaN(w.Gradient.Item<float>()));
    }

    [Fact]
    public void TrapsAndProfilersEndInAnyOrderButOnTheirThread()
    {
        var before = Recording.CallSites;
        var first = Anomaly.Trap();
        var profiler = Profiler.Begin();
        var second = Anomaly.Trap();
        Exception? elsewhere = null;
        var thread = new Thread(() => elsewhere = Record.Exception(profiler.Dispose));
        thread.Start();
        thread.Join();
        Assert.IsType<InvalidOperationException>(elsewhere);
        first.Dispose();
        profiler.Dispose();
        Assert.Throws<AnomalyException>(() => Tensor.From([-1.0]).Sqrt());
        second.Dispose();
        second.Dispose();
        Tensor.From([-1.0]).Sqrt();
        Assert.Empty(profiler.ByOperation());
        Assert.Equal(before, Recording.CallSites);
        Assert.False(Backprop.Devices.Watch.IsOn);
    }

    [Fact]
    public void InfinityIsOneTooUnlessItWasThereBefore()
    {
        var x = Tensor.From([0.0, 1]);
        using (Anomaly.Trap())
        {
            Assert.Contains("1 infinite (first at [0])", Assert.Throws<AnomalyException>(() => x.Log()).Message);

            // A mask of −∞ is meant, and softmax makes it finite again.
            Assert.Equal([0, 1], Tensor.Where(x > 0, x, double.NegativeInfinity).Softmax(0).ToArray<double>());
        }

        using (Anomaly.Trap(infinity: false))
        {
            Assert.True(double.IsNegativeInfinity(x.Log()[0].Item()));
            Assert.Throws<AnomalyException>(() => x.Log() * 0);
        }
    }

    [Fact]
    public void GradientKernelsAreWatchedToo()
    {
        var x = Tensor.From([4.0, 0]).RequireGradient();
        using (Anomaly.Trap())
        {
            var y = x.Sqrt().Sum();
            var thrown = Assert.Throws<AnomalyException>(() => y.Backward());
            Assert.Equal("sqrt", thrown.Operation);
            Assert.Contains("the gradient of 'sqrt' (AnomalyTests.cs:", thrown.Message);
            Assert.Contains("1 infinite (first at [1]) for input 0", thrown.Message);
            Assert.Contains("gradient of the result: float64 [2], from 1 to 1", thrown.Message);
        }
    }

    [Fact]
    public void RulesMadeOfOperationsAreNamedWithTheNode()
    {
        var x = Tensor.From([4.0, 0]).RequireGradient();
        using (Anomaly.Trap())
        {
            var thrown = Assert.Throws<AnomalyException>(() => Gradient.Of(x.Sqrt().Sum(), x, record: true));
            Assert.Contains("in the gradient of 'sqrt' (AnomalyTests.cs:", thrown.Message);
        }
    }

    [Fact]
    public void AHealthyTrainingStepPassesAndTheSwitchGoesBack()
    {
        var before = Recording.CallSites;
        var layer = new Linear(3, 2, generator: new Generator(1));
        using (var trap = Anomaly.Trap())
        {
            Losses.CrossEntropy(layer.Forward(Tensor.Ones([4, 3])), Tensor.From([0L, 1, 1, 0])).Backward();
            trap.Dispose();
        }

        Assert.Equal(before, Recording.CallSites);
        Assert.NotNull(layer.Weight.Gradient);
    }

    [Fact]
    public void ParametersAreNamed()
    {
        var layer = new Linear(2, 1, generator: new Generator(1));
        layer.Weight.Name = "output.weight";
        using (Recording.Pause())
        {
            layer.Weight.Fill(float.MaxValue);
        }

        using (Anomaly.Trap())
        {
            var message = Assert.Throws<AnomalyException>(() => layer.Forward(Tensor.Full([1, 2], 3f))).Message;
            Assert.Contains("'linear' (AnomalyTests.cs:", message);
            Assert.Contains("'output.weight' float32 [1, 2], from 3.40282E+38 to 3.40282E+38", message);
        }
    }
}
