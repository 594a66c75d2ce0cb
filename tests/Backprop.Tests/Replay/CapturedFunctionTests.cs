using Backprop.Layers;
using Backprop.Optimizers;

namespace Backprop.Tests.Replay;

/// <summary>Inputs of many shapes neither are mixed up nor pile up.</summary>
public sealed class CapturedFunctionTests
{
    [Fact]
    public void BatchesOfChangingSizeGiveWhatTheyGiveByThemselves()
    {
        var (eager, captured) = (Build(), Build());
        var function = new CapturedFunction(t => captured(t[0], t[1]), mostCaptures: 3);
        var generator = new Generator(5);
        for (var i = 0; i < 60; i++)
        {
            var size = i % 5 == 4 ? 1 + generator.NextInt32(12) : 4;
            using var scope = TensorScope.Begin();
            var (x, y) = (Tensor.Uniform([size, 6], generator: generator), Tensor.RandomIntegers([size], 0, 3, generator: generator));
            Assert.Equal(eager(x, y).Item(), function.Run(x, y).Item());
            Assert.InRange(function.Count, 0, 3);
        }

        Assert.Equal(3, function.Count);

        static Func<Tensor, Tensor, Tensor> Build()
        {
            var generator = new Generator(2);
            var model = new Sequential(new Linear(6, 8, generator: generator), new Relu(), new Linear(8, 3, generator: generator));
            var optimizer = new Adam(model.Parameters(), learningRate: 0.01);
            return (x, y) =>
            {
                var loss = Losses.CrossEntropy(model.Forward(x), y);
                optimizer.ZeroGradients();
                loss.Backward();
                optimizer.Step();
                return loss;
            };
        }
    }

    [Fact]
    public void ASecondCallCapturesAndFurtherOnesReplay()
    {
        var calls = 0;
        var function = new CapturedFunction(t =>
        {
            calls++;
            return t[0] * 2;
        });
        Assert.Equal([2f, 4], function.Run(Tensor.From([1f, 2])).ToArray<float>());
        Assert.Equal((1, 0), (calls, function.Count));
        Assert.Equal([6f, 8], function.Run(Tensor.From([3f, 4])).ToArray<float>());
        Assert.Equal((2, 1), (calls, function.Count));
        Assert.Equal([10f, 12], function.Run(Tensor.From([5f, 6])).ToArray<float>());
        Assert.Equal((2, 1), (calls, function.Count));
        Assert.Equal([2.0], function.Run(Tensor.From([1.0])).ToArray<double>());     // another dtype and shape
        Assert.Equal(3, calls);
    }

    [Fact]
    public void ManyShapesAreBounded()
    {
        var function = new CapturedFunction(t => t[0] + 1, mostCaptures: 2);
        for (var round = 0; round < 3; round++)
        {
            for (var size = 1; size <= 200; size++)
            {
                Assert.Equal(2, function.Run(Tensor.Ones([size]))[0].Item());
            }
        }

        Assert.InRange(function.Count, 0, 2);
    }

    [Fact]
    public void ShapesThatTakeTurnsDontPushEachOtherOut()
    {
        var calls = 0;
        var function = new CapturedFunction(
            t =>
            {
                calls++;
                return t[0] + 1;
            },
            mostCaptures: 4);
        for (var i = 0; i < 40; i++)
        {
            function.Run(Tensor.Ones([1 + (i % 10)]));
        }

        // Ten at first, four captures, and from then on six of ten as they are.
        Assert.Equal(10 + 4 + 6 + (2 * 6), calls);
        for (var i = 0; i < 30; i++)
        {
            function.Run(Tensor.Ones([50]));
        }

        calls = 0;
        Assert.Equal(2, function.Run(Tensor.Ones([50]))[0].Item());
        Assert.Equal(0, calls);     // what comes most often gets a place
    }

    [Fact]
    public void TheCallersTensorsAreTheirs()
    {
        var function = new CapturedFunction(t => t[0].AddInPlace(1));
        var x = Tensor.Ones([2]);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal([2f, 2], function.Run(x).ToArray<float>());
            Assert.Equal([1f, 1], x.ToArray<float>());
        }

        CapturedFunction? inner = null;
        inner = new CapturedFunction(t => inner!.Run(t[0]));
        Assert.Throws<InvalidOperationException>(() => inner.Run(x));
    }

    [Fact]
    public void BadCallsAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CapturedFunction(t => t[0], mostCaptures: 0));
        var function = new CapturedFunction(t => t[0]);
        Assert.Throws<ArgumentException>(() => function.Run());
        var recorded = Tensor.Ones([2]).RequireGradient() * 2;
        var error = Assert.Throws<InvalidOperationException>(() => function.Run(recorded));
        Assert.Contains("Detach", error.Message, StringComparison.Ordinal);
    }
}
