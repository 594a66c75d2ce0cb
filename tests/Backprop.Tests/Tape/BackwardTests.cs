namespace Backprop.Tests.Tapes;

public class BackwardTests
{
    private readonly Tensor x = Tensor.From([0.5, -1.5, 2]).RequireGradient();

    [Fact]
    public void OneTensorUsedTwice()
    {
        (x * x).Sum().Backward();
        Assert.Equal([1, -3, 4], x.Gradient!.ToArray<double>());
        x.ZeroGradient();
        (x + x - (x * x / x)).Sum().Backward();
        Assert.Equal([1, 1, 1], x.Gradient!.ToArray<double>());
    }

    [Fact]
    public void Diamonds()
    {
        var h = x.Exp();
        var y = (h * h.Sin()) + (h.Square() * h.Cos()) + h;
        y.Sum().Backward();
        double[] expected = [.. x.ToArray<double>().Select(v =>
        {
            var e = Math.Exp(v);
            return e * (Math.Sin(e) + (e * Math.Cos(e)) + (2 * e * Math.Cos(e)) - (e * e * Math.Sin(e)) + 1);
        })];
        Assert.Equal(expected, x.Gradient!.ToArray<double>().Select((value, i) => Math.Abs(value - expected[i]) < 1e-12 ? expected[i] : value));

        // 2⁶⁰ paths in 60 diamonds, each settled once.
        var z = x.Sum();
        for (var i = 0; i < 60; i++)
        {
            z = (z + z) / 2;
        }

        Assert.Equal([1, 1, 1], Gradient.Of(z, x).ToArray<double>());
    }

    [Fact]
    public void TwoLossesOverOneTrunk()
    {
        var trunk = x.Tanh();
        var (first, second) = (trunk.Sum(), trunk.Square().Sum());
        first.Backward(keepTape: true);
        second.Backward();
        var slope = x.ToArray<double>().Select(v => 1 - (Math.Tanh(v) * Math.Tanh(v)));
        var expected = x.ToArray<double>().Zip(slope, (v, s) => s + (2 * Math.Tanh(v) * s)).ToArray();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(expected[i], x.Gradient!.ToArray<double>()[i], 1e-14);
        }
    }

    [Fact]
    public void ASecondWalkOverADroppedStretchFailsBeforeAnyGradientChanges()
    {
        var w = Tensor.Scalar(2.0).RequireGradient();
        var trunk = x.Tanh();
        var (first, second) = (trunk.Sum(), (trunk.Square() * w).Sum());
        first.Backward();
        var before = x.Gradient!.ToArray<double>();
        foreach (var loss in new[] { first, second })
        {
            var error = Assert.Throws<InvalidOperationException>(() => loss.Backward());
            Assert.Contains("'tanh' has dropped what it had saved", error.Message, StringComparison.Ordinal);
            Assert.Contains("keepTape: true", error.Message, StringComparison.Ordinal);
        }

        Assert.Throws<InvalidOperationException>(() => Gradient.Of(second, x));
        Assert.Equal(before, x.Gradient!.ToArray<double>());
        Assert.Null(w.Gradient);
        second = (trunk.Square() * w).Sum();
        Assert.Equal(2 * trunk.Sum().Item(), Gradient.Of(second, trunk).Sum().Item() / 2, 1e-14);     // what is behind trunk is not needed
    }

    [Fact]
    public void AWalkThatFailedHalfwayIsNotRepeated()
    {
        var h = x.Tanh();
        var y = new Failing().Apply(h).Exp();
        Assert.Throws<NotSupportedException>(() => y.Sum().Backward());
        Assert.Null(x.Gradient);
        Assert.Contains("walked before", Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message, StringComparison.Ordinal);
        h.Sum().Backward();
        Assert.NotNull(x.Gradient);
    }

    [Fact]
    public void KeepTapeAllowsManyWalks()
    {
        var loss = x.Tanh().Exp().Sum();
        for (var i = 0; i < 3; i++)
        {
            loss.Backward(keepTape: true);
        }

        var three = x.Gradient!.ToArray<double>();
        x.ZeroGradient();
        loss.Backward();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(3 * x.Gradient!.ToArray<double>()[i], three[i], 1e-13);
        }
    }

    [Fact]
    public void SeedsWeighTheResult()
    {
        var y = x * 2;
        y.Backward(Tensor.From([1.0, 10, 100]), keepTape: true);
        Assert.Equal([2, 20, 200], x.Gradient!.ToArray<double>());
        Assert.Contains("not a scalar", Assert.Throws<InvalidOperationException>(() => y.Backward()).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => y.Backward(Tensor.From([1.0, 2])));
        Assert.Throws<DTypeException>(() => y.Backward(Tensor.From([1f, 2, 3])));
        Assert.Throws<ShapeException>(() => y.Sum().Backward(Tensor.From([1.0])));
        Assert.Throws<ShapeException>(() => Gradient.Of(y, x, Tensor.Scalar(1.0)));
        Assert.Contains("was not recorded", Assert.Throws<InvalidOperationException>(() => Tensor.Scalar(1.0).Backward()).Message, StringComparison.Ordinal);
        (x[..1] * 3).Reshape(1, 1).Backward();     // one element is enough
        Assert.Equal([5, 20, 200], x.Gradient!.ToArray<double>());
    }

    [Fact]
    public void TheSeedIsLeftAlone()
    {
        var seed = Tensor.From([1.0, 10, 100]);
        var y = x + 0;
        y.Backward(seed, keepTape: true);
        y.Backward(seed);
        Assert.Equal([1, 10, 100], seed.ToArray<double>());
        Assert.Equal([2, 20, 200], x.Gradient!.ToArray<double>());
    }

    [Fact]
    public void BackwardToSomeLeavesOnly()
    {
        var (a, b) = (Tensor.Scalar(2.0).RequireGradient(), Tensor.Scalar(3.0).RequireGradient());
        (a * b * b).Backward(inputs: [b]);
        Assert.Null(a.Gradient);
        Assert.Equal(12, b.Gradient!.Item());
    }

    [Fact]
    public void TheWalkOfARecordedGradientReachesTheLeaves()
    {
        var y = (x * x * x).Sum();
        y.Backward(record: true);
        var gradient = x.Gradient!;
        Assert.True(gradient.RequiresGradient);
        x.ZeroGradient();
        gradient.Square().Sum().Backward();     // Σ (3 x²)² has slope 36 x³
        var expected = x.ToArray<double>().Select(v => 36 * v * v * v).ToArray();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(expected[i], x.Gradient!.ToArray<double>()[i], 1e-12);
        }
    }

    [Fact]
    public void TheTapeCanBeRead()
    {
        x.Name = "w";
        var y = (x * 2).Sum();
        var tape = Tape.Of(y);
        Assert.Equal(["w", "multiply", "sum"], tape.Select(node => node.Label));
        Assert.Equal(3, tape.Count);
        Assert.All(tape.Zip(tape.Skip(1)), pair => Assert.True(pair.First.Position < pair.Second.Position));
        Assert.StartsWith("flowchart TD\n    n1([\"w<br/>[3]\"])\n    n2[\"multiply", tape.ToMermaid(), StringComparison.Ordinal);
        Assert.Empty(Tape.Of(Tensor.Scalar(1.0)));
    }

    private sealed class Failing : Op
    {
        public override string Name => "failing";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output) => output.CopyFrom(inputs[0].Detach());

        protected internal override void Differentiate(Adjoint adjoint) => throw new NotSupportedException();
    }
}
