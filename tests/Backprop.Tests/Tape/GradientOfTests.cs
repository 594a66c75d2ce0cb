namespace Backprop.Tests.Tapes;

public class GradientOfTests
{
    private readonly Tensor x = Tensor.From([0.5, -1.5, 2]).RequireGradient();

    [Fact]
    public void ItTouchesNoGradientAndKeepsTheTape()
    {
        var y = x.Exp().Sum();
        var first = Gradient.Of(y, x).ToArray<double>();
        Assert.Equal(first, Gradient.Of(y, x).ToArray<double>());
        Assert.Null(x.Gradient);
        y.Backward();
        Assert.Equal(first, x.Gradient!.ToArray<double>());
    }

    [Fact]
    public void IntermediateResultsAreTargetsToo()
    {
        var h = x * 3;
        var y = (h * h).Sum();
        var gradients = Gradient.Of(y, [h, x, h]);
        Assert.Equal([3, -9, 12], gradients[0].ToArray<double>());
        Assert.Equal([9, -27, 36], gradients[1].ToArray<double>());
        Assert.Equal([3, -9, 12], gradients[2].ToArray<double>());
        Assert.Equal(1, Gradient.Of(y, y).Item());
    }

    [Fact]
    public void TargetsWithoutInfluence()
    {
        var other = Tensor.Scalar(1.0).RequireGradient();
        other.Name = "bias";
        var y = x.Sum();
        Assert.Contains("'bias'", Assert.Throws<InvalidOperationException>(() => Gradient.Of(y, other)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Gradient.Of(y, [x, other]));
        var found = Gradient.OrNull(y, [other, x]);
        Assert.Null(found[0]);
        Assert.Equal([1, 1, 1], found[1]!.ToArray<double>());
        var constant = Assert.Throws<InvalidOperationException>(() => Gradient.Of(y, Tensor.Scalar(1.0)));
        Assert.Contains("RequireGradient()", constant.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Gradient.Of(Tensor.Scalar(1.0), x));
    }

    [Fact]
    public void OnlyTheWayToTheTargetsIsWalked()
    {
        var counted = new Counted();
        var w = Tensor.Scalar(2.0).RequireGradient();
        var y = (counted.Apply(x) * w).Sum();
        Gradient.Of(y, w);
        Assert.Equal(0, counted.Walks);
        Gradient.Of(y, x);
        Assert.Equal(1, counted.Walks);
        var h = counted.Apply(x);
        Gradient.Of(h.Sum(), h);
        Assert.Equal(1, counted.Walks);
    }

    [Fact]
    public void DerivativesUpToTheFifthOrder()
    {
        // d/dx x⁵ = 5 x⁴, 20 x³, 60 x², 120 x, 120.
        Follow(v => v * v * v * v * v, v => [5 * v * v * v * v, 20 * v * v * v, 60 * v * v, 120 * v, 120]);
        Follow(v => v.Pow(5), v => [5 * v * v * v * v, 20 * v * v * v, 60 * v * v, 120 * v, 120]);
        Follow(v => v.Exp(), v => [Math.Exp(v), Math.Exp(v), Math.Exp(v), Math.Exp(v), Math.Exp(v)]);
        Follow(v => v.Sin(), v => [Math.Cos(v), -Math.Sin(v), -Math.Cos(v), Math.Sin(v), Math.Cos(v)]);
        Follow(v => 1 / v, v => [-1 / (v * v), 2 / Math.Pow(v, 3), -6 / Math.Pow(v, 4), 24 / Math.Pow(v, 5), -120 / Math.Pow(v, 6)]);
        Follow(v => v.Log(), v => [1 / v, -1 / (v * v), 2 / Math.Pow(v, 3), -6 / Math.Pow(v, 4), 24 / Math.Pow(v, 5)]);
        Follow(v => v.Tanh(), v =>
        {
            var t = Math.Tanh(v);
            var s = 1 - (t * t);
            return [s, -2 * t * s, s * ((6 * t * t) - 2), 8 * t * s * (2 - (3 * t * t)), s * (16 - (120 * t * t) + (120 * t * t * t * t))];
        });

        static void Follow(Func<Tensor, Tensor> function, Func<double, double[]> derivatives)
        {
            foreach (var at in new[] { 0.7, 1.3 })
            {
                var v = Tensor.Scalar(at).RequireGradient();
                var y = function(v);
                foreach (var expected in derivatives(at))
                {
                    y = Gradient.Of(y, v, record: true);
                    Assert.Equal(expected, y.Item(), Math.Abs(expected) * 1e-10);
                }
            }
        }
    }

    [Fact]
    public void MixedDerivatives()
    {
        var (a, b) = (Tensor.Scalar(1.5).RequireGradient(), Tensor.Scalar(0.5).RequireGradient());
        var y = a * a * a * b.Sin();
        var byA = Gradient.Of(y, a, record: true);
        var byAB = Gradient.Of(byA, b, record: true);
        Assert.Equal(3 * 2.25 * Math.Cos(0.5), byAB.Item(), 1e-14);
        Assert.Equal(byAB.Item(), Gradient.Of(Gradient.Of(y, b, record: true), a).Item(), 1e-14);
        Assert.Equal(-6 * 1.5 * Math.Sin(0.5), Gradient.Of(Gradient.Of(byAB, b, record: true), a).Item(), 1e-13);
    }

    [Fact]
    public void AHessianTimesAVector()
    {
        var v = Tensor.From([1.0, -2, 0.5]);
        var y = (x * x * x).Sum() + (x[0] * x[1] * x[2]);
        var slope = Gradient.Of(y, x, record: true);
        var product = Gradient.Of((slope * v).Sum(), x).ToArray<double>();
        var p = x.ToArray<double>();
        Assert.Equal((6 * p[0] * 1) + (p[2] * -2) + (p[1] * 0.5), product[0], 1e-13);
        Assert.Equal((6 * p[1] * -2) + (p[2] * 1) + (p[0] * 0.5), product[1], 1e-13);
        Assert.Equal((6 * p[2] * 0.5) + (p[1] * 1) + (p[0] * -2), product[2], 1e-13);
    }

    private sealed class Counted : Op
    {
        public int Walks { get; private set; }

        public override string Name => "counted";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output) => output.CopyFrom(inputs[0].Detach());

        protected internal override void Differentiate(Adjoint adjoint)
        {
            Walks++;
            adjoint.Add(0, adjoint.Gradient);
        }
    }

    [Fact]
    public void WhatIsHandedOutIsNobodyElses()
    {
        var constant = Tensor.From([5.0, 6, 7]);
        var gradient = Gradient.Of(new Giving(constant).Apply(x).Sum(), x);
        gradient.Fill(0);
        Assert.Equal([5.0, 6, 7], constant.ToArray<double>());
    }

    /// <summary>Adds a tensor of its own to the gradient, as it is.</summary>
    private sealed class Giving(Tensor constant) : Op
    {
        public override string Name => "giving";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output) => constant.AsSpan<double>().CopyTo(output.AsWritableSpan<double>());

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, constant);
    }
}
