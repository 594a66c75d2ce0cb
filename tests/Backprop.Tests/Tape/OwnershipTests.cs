using Backprop.Layers;

namespace Backprop.Tests.Tapes;

/// <summary>Whose memory a gradient is: a leaf's own, outside scopes, never shared with another leaf, a seed or the user's tensors.</summary>
public class OwnershipTests
{
    [Fact]
    public void RecordedGradientsOfTwoLeavesAreTwoTensors()
    {
        var (a, b) = (Vector(1, 2), Vector(1, 2));
        var seed = Tensor.From([1.0, 1]);
        (a + b).Backward(seed, record: true);
        (a * 5).Backward(Tensor.From([1.0, 1]));
        Assert.Equal([6.0, 6], a.Gradient!.ToArray<double>());
        Assert.Equal([1.0, 1], b.Gradient!.ToArray<double>());
        Assert.Equal([1.0, 1], seed.ToArray<double>());
    }

    [Fact]
    public void AGradientTheUserSetIsNotWrittenTo()
    {
        var (x, y) = (Vector(0, 0), Vector(0, 0));
        var mine = Tensor.Ones([2], DType.Float64);
        x.Gradient = mine;
        y.Gradient = mine;
        ((x * 5) + (y * 7)).Sum().Backward();
        Assert.Equal([6.0, 6], x.Gradient!.ToArray<double>());
        Assert.Equal([8.0, 8], y.Gradient!.ToArray<double>());
        Assert.Equal([1.0, 1], mine.ToArray<double>());
    }

    [Fact]
    public void AGradientThatWasSavedStaysAsItWas()
    {
        var (x, w) = (Vector(1, 2), Vector(1, 1));
        var loss = (x * x).Sum();
        loss.Backward(keepTape: true);
        var z = (w * x.Gradient!).Sum();
        loss.Backward(keepTape: true);
        z.Backward();
        Assert.Equal([4.0, 8], x.Gradient!.ToArray<double>());
        Assert.Equal([2.0, 4], w.Gradient!.ToArray<double>());
    }

    [Fact]
    public void ASeedMayBeTheGradientItself()
    {
        var x = Vector(1, 2, 3);
        (x * x).Sum().Backward();
        var y = (2 * x) + (3 * x);
        y.Backward(seed: x.Gradient);
        Assert.Equal([12.0, 24, 36], x.Gradient!.ToArray<double>());
    }

    [Fact]
    public void RetainedGradientsAreTheirOwn()
    {
        var x = Vector(1, 2);
        var a = (x * 1).RetainGradient();
        var b = (x * 1).RetainGradient();
        var seed = Tensor.From([1.0, 1]);
        (a + b).Backward(seed);
        a.Gradient!.MultiplyInPlace(10);
        Assert.Equal([1.0, 1], b.Gradient!.ToArray<double>());
        Assert.Equal([1.0, 1], seed.ToArray<double>());
    }

    [Fact]
    public void RetainedGradientsOfASumAreDense()
    {
        var h = (Vector(1, 2) * 2).RetainGradient();
        h.Sum().Backward();
        Assert.Equal([1.0, 1], h.Gradient!.AsSpan<double>().ToArray());
    }

    [Fact]
    public void FunctionalGradientsAreDenseAndApart()
    {
        var (a, b) = (Vector(1, 2), Vector(3, 4));
        Assert.Equal([1.0, 1], Gradient.Of(a.Sum(), a).AsSpan<double>().ToArray());
        var seed = Tensor.From([1.0, 1]);
        var gradients = Gradient.Of(a + b, [a, b], seed);
        gradients[0].MultiplyInPlace(3);
        Assert.Equal([1.0, 1], gradients[1].ToArray<double>());
        Assert.Equal([1.0, 1], seed.ToArray<double>());
    }

    [Fact]
    public void ARecordedGradientOutlivesTheScope()
    {
        var x = Vector(1, 2);
        using (TensorScope.Begin())
        {
            (x * x * x).Sum().Backward(record: true);
        }

        Assert.Equal([3.0, 12], x.Gradient!.ToArray<double>());
        x.ZeroGradient();
        (x * x).Sum().Backward();
        Assert.Equal([2.0, 4], x.Gradient!.ToArray<double>());
    }

    [Fact]
    public void AFailedWalkLeavesNoGradient()
    {
        var x = Tensor.Ones([4, 3]).RequireGradient();
        (x * 3).Sum().Backward();
        x.ZeroGradient();
        var labels = Tensor.From([0L, 1, 2, 0]);
        var scope = TensorScope.Begin();
        var loss = scope.Keep(Losses.CrossEntropy(x * 1, labels));
        scope.Dispose();
        Assert.Throws<ObjectDisposedException>(() => loss.Backward());
        Assert.Null(x.Gradient);

        scope = TensorScope.Begin();
        var seed = Tensor.Ones([4, 3]);
        scope.Dispose();
        Assert.Throws<ObjectDisposedException>(() => (x + 0).Backward(seed));
        Assert.Null(x.Gradient);
    }

    [Fact]
    public void ZeroGradientLetsTheRecordedGraphGo()
    {
        var x = Vector(1, 2);
        var activation = Record(x);
        x.ZeroGradient();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(activation.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Record(Tensor x)
        {
            var h = x.Exp();
            h.Square().Sum().Backward(record: true);
            return new WeakReference(h);
        }
    }

    [Fact]
    public void BackwardTwiceIsAnErrorEvenWhereOnlyLeavesWereSaved()
    {
        var x = Vector(1, 2);
        var loss = (x * x).Sum();
        loss.Backward();
        var error = Assert.Throws<InvalidOperationException>(() => loss.Backward());
        Assert.Contains("keepTape: true", error.Message, StringComparison.Ordinal);
        Assert.Equal([2.0, 4], x.Gradient!.ToArray<double>());
        Assert.Equal([2.0, 4], Gradient.Of(loss, x).ToArray<double>());
    }

    [Fact]
    public void ARecordedSourceIsNotLostInAChangeInPlace()
    {
        var x = Vector(1, 2);
        var sum = Tensor.Zeros([2], DType.Float64);
        var error = Assert.Throws<InvalidOperationException>(() => sum.AddInPlace(x * x));
        Assert.Contains("add_in_place", error.Message, StringComparison.Ordinal);
        Assert.Contains("Detach()", error.Message, StringComparison.Ordinal);
        Assert.Equal([0.0, 0], sum.ToArray<double>());
        sum.AddInPlace((x * x).Detach());
        Assert.Equal([1.0, 4], sum.ToArray<double>());
    }

    [Fact]
    public void OrNullGivesNullWhereNothingWasRecorded()
    {
        var x = Tensor.Scalar(3.0).RequireGradient();
        Assert.Null(Gradient.OrNull(Tensor.Scalar(2.0), [x])[0]);
        Assert.Null(Gradient.OrNull(Gradient.Of(2 * x, x, record: true), [x])[0]);
        Assert.Throws<InvalidOperationException>(() => Gradient.Of(Tensor.Scalar(2.0), x));
    }

    [Fact]
    public void ANumberIsASeedOfAnyDType()
    {
        var x = Tensor.Scalar(3.0).RequireGradient();
        (x * x).Backward(2.0);
        Assert.Equal(12, x.Gradient!.Item());
    }

    [Fact]
    public void RecordedGradientsCanBeClipped()
    {
        var (c, d) = (Vector(3, 0), Vector(0, 4));
        ((c * c).Sum() + (d * d).Sum()).Backward(record: true);
        Assert.Equal(10, GradientClipping.ByNorm([c, d], 1), 6);
        Assert.Equal(0.6, c.Gradient![0].Item(), 5);
        Assert.Equal(0.8, d.Gradient![1].Item(), 5);
    }

    [Fact]
    public void LeavesThatWereNotNamedGetNothing()
    {
        var (x, w) = (Vector(1, 2), Vector(3, 4));
        x.Exp().Sum().Backward(inputs: [w]);
        x.Exp().Backward(Tensor.From([1.0, 1]), inputs: [w]);
        Assert.Null(x.Gradient);
        Assert.Null(w.Gradient);
        (x.Exp() * w).Sum().Backward(inputs: [w]);
        Assert.Null(x.Gradient);
        Assert.Equal(Math.E, w.Gradient![0].Item(), 12);
    }

    [Fact]
    public void TwoThreadsMayAddToTheSameLeaf()
    {
        for (var round = 0; round < 30; round++)
        {
            var x = Tensor.Ones([5000], DType.Float64).RequireGradient();
            using var barrier = new Barrier(2);
            var threads = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
            {
                var loss = (x * 1.0).Sum();
                barrier.SignalAndWait();
                for (var i = 0; i < 10; i++)
                {
                    loss.Backward(keepTape: true);
                }
            })).ToArray();
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            Assert.All(x.Gradient!.ToArray<double>(), value => Assert.Equal(20, value));
        }
    }

    private static Tensor Vector(params double[] values) => Tensor.From(values).RequireGradient();
}
