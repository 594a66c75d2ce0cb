namespace Backprop.Tests.Checks;

public class GradientCheckTests
{
    private static readonly Generator Source = new(11);
    private readonly Tensor a64 = Tensor.Normal([3, 4], dtype: DType.Float64, generator: Source);
    private readonly Tensor b64 = Tensor.Normal([4, 2], dtype: DType.Float64, generator: Source);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RightDerivativesPass(int order)
    {
        GradientCheck.Verify(v => v[0].MatMul(v[1]).Tanh().Sum(), [a64, b64], order);
        GradientCheck.Verify(v => v[0].MatMul(v[1]).Tanh(), [a64, b64], order);
        GradientCheck.Verify(v => v[0].Exp() * v[0].T.Sin().T, [a64], order);
        GradientCheck.Verify(v => v[0].Sum(), [a64], order);     // its second derivative is 0 and not recorded at all
    }

    [Fact]
    public void EveryDerivativeIsCounted()
    {
        var found = GradientCheck.Compare(v => v[0].MatMul(v[1]).Tanh(), [a64, b64], order: 2);
        Assert.True(found.IsMatch);
        Assert.Equal(2 * (12 + 8), found.Elements);
        Assert.InRange(found.Worst.Error, 0, 1e-9);
        Assert.StartsWith("40 derivatives agree", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongGradientIsNamed()
    {
        var x = Tensor.From([0.5, 1, 2, 3], 2, 2);
        x.Name = "w";
        var error = Assert.Throws<GradientCheckException>(() => GradientCheck.Verify(v => v[0] * new WrongSquare().Apply(v[1]), [x, x]));
        Assert.Equal(
            "gradient_check: order 1, input 1 'w' [2, 2], element [0, 1]: ",
            error.Message[..error.Message.IndexOf("analytic", StringComparison.Ordinal)]);
        var found = error.Comparison!.Value;
        Assert.Equal(8, found.Elements);
        Assert.Equal(2, found.Mismatches);
        Assert.Equal(1, found.First.Input);
        Assert.Equal(found.First.Numeric * 1.01, found.First.Analytic, 1e-6);
        Assert.Contains("element [1, 1]", found.Worst.Place, StringComparison.Ordinal);
        Assert.Contains("2 of 8 derivatives disagree; the worst is order 1, input 1 'w' [2, 2], element [1, 1]: analytic ", error.Message, StringComparison.Ordinal);
        Assert.Contains(", numeric ", error.Message, StringComparison.Ordinal);
        Assert.Contains(", off by ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongSecondDerivativeIsFound()
    {
        var x = Tensor.From([0.5, 1.5]);
        GradientCheck.Verify(v => new WrongSecond().Apply(v[0]), [x]);
        var error = Assert.Throws<GradientCheckException>(() => GradientCheck.Verify(v => new WrongSecond().Apply(v[0]), [x], order: 2));
        Assert.Equal(2, error.Comparison!.Value.First.Order);
    }

    [Fact]
    public void TheWalkThatRecordsIsCheckedToo()
    {
        var x = Tensor.From([0.5, 1.5]);
        GradientCheck.Verify(v => new WrongWhileRecording().Apply(v[0]), [x]);
        var found = GradientCheck.Compare(v => new WrongWhileRecording().Apply(v[0]), [x], order: 2);
        Assert.Equal(1, found.First.Order);
        Assert.EndsWith("by the walk that records", found.First.Place, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNotFiniteDisagrees()
    {
        // The square root's slope at 0 is infinite; below, the function is not defined.
        var found = GradientCheck.Compare(v => v[0].Sqrt(), [Tensor.From([1.0, 0])]);
        Assert.Equal(1, found.Mismatches);
        Assert.Contains("element [1]", found.First.Place, StringComparison.Ordinal);

        // Defined at one point only: the differences on both sides are NaN and must not cancel.
        Assert.False(GradientCheck.Compare(v => Tensor.Where(v[0].EqualTo(0), v[0] * 0, v[0] * double.NaN), [Tensor.From([0.0])]).IsMatch);
    }

    [Theory]
    [InlineData(1e6)]
    [InlineData(-1e5)]
    public void AWrongSlopeDoesNotHideBehindALargeConstant(double constant)
    {
        var x = Tensor.From([0.5, -1, 2]);
        GradientCheck.Verify(v => (v[0] + constant).Sum(), [x]);
        GradientCheck.Verify(v => (v[0].Sin() + constant).Sum(), [x]);
        Assert.Equal(3, GradientCheck.Compare(v => (new SlightlyWrong().Apply(v[0]) + constant).Sum(), [x]).Mismatches);
        Assert.Equal(3, GradientCheck.Compare(v => new SlightlyWrong().Apply(v[0]) + constant, [x]).Mismatches);
    }

    [Fact]
    public void NothingToCompareIsAnError()
    {
        var x = Tensor.From([1.0, -1]);
        Refused("is NaN at position 1", () => GradientCheck.Verify(v => v[0].Log(), [x]));
        Refused("is Infinity at position 0", () => GradientCheck.Verify(v => v[0] / 0.0, [x]));
        Refused("no elements", () => GradientCheck.Verify(v => v[0].Narrow(0, 0, 0), [x]));
        Assert.Contains(
            "no elements",
            Assert.Throws<ArgumentException>(() => GradientCheck.Verify(v => v[0].Sum(), [Tensor.Zeros([0, 3], DType.Float64)])).Message,
            StringComparison.Ordinal);

        static void Refused(string why, Action call) =>
            Assert.Contains(why, Assert.Throws<GradientCheckException>(call).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TinyDerivativesAreExaminedWithoutAnAbsoluteTolerance()
    {
        var x = Tensor.From([0.5, 1, 2]);
        GradientCheck.Verify(v => v[0].Square() * 1e-10, [x], absoluteTolerance: 0);
        Assert.True(GradientCheck.Compare(v => new WrongSquare().Apply(v[0]) * 1e-10, [x]).IsMatch);
        Assert.False(GradientCheck.Compare(v => new WrongSquare().Apply(v[0]) * 1e-10, [x], absoluteTolerance: 0).IsMatch);
    }

    [Fact]
    public void SharpBendsAreMeasuredWithSmallerSteps()
    {
        GradientCheck.Verify(v => v[0].Log(), [Tensor.From([1e-3, 5e-4])]);
        GradientCheck.Verify(v => v[0].Relu(), [Tensor.From([1e-4, -1e-4])]);
        Assert.False(GradientCheck.Compare(v => v[0].Log(), [Tensor.From([1e-3])], step: 1e-4).IsMatch);
    }

    [Fact]
    public void ALargeSumIsNoNoise() =>
        GradientCheck.Verify(v => v[0].Square() + 1e6, [Tensor.From([0.1, -3, 1e4])], order: 2);

    [Fact]
    public void FunctionsThatCannotBeCheckedAreRefused()
    {
        var x = Tensor.From([1.0, 2]);
        var calls = 0;
        Refused("different results", v => v[0] * calls++, x);
        Refused("does not depend", _ => x * 2, x);
        Refused("changed input 0 [2], element [1]", v => Change(v[0]) * 2, x);
        Refused("returned null", _ => null!, x);
        Refused("shape", v => v[0].Sum(new int[calls++ % 2], keepDimensions: true).Expand(1 + (calls / 2)), x);

        static void Refused(string why, Func<Tensor[], Tensor> function, Tensor x) =>
            Assert.Contains(why, Assert.Throws<GradientCheckException>(() => GradientCheck.Verify(function, [x])).Message, StringComparison.Ordinal);

        static Tensor Change(Tensor v)
        {
            v.Detach().AsWritableSpan<double>()[1] += 1;
            return v;
        }
    }

    [Fact]
    public void ArgumentsAreChecked()
    {
        var x = Tensor.From([1.0, 2]);
        Assert.Contains("float64", Assert.Throws<DTypeException>(() => GradientCheck.Verify(v => v[0], [x, Tensor.Ones([2])])).Message, StringComparison.Ordinal);
        Assert.Throws<DTypeException>(() => GradientCheck.Verify(v => v[0].To(DType.Float32), [x]));
        Assert.Throws<ArgumentException>(() => GradientCheck.Verify(v => v[0], []));
        Assert.Throws<ArgumentNullException>(() => GradientCheck.Verify(null!, [x]));
        Assert.Throws<ArgumentNullException>(() => GradientCheck.Verify(v => v[0], [null!]));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Verify(v => v[0], [x], order: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Verify(v => v[0], [x], step: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Verify(v => v[0], [x], relativeTolerance: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Verify(v => v[0], [x], absoluteTolerance: double.PositiveInfinity));
    }

    [Fact]
    public void ItWorksWhileRecordingIsPausedAndInAScopeAndLeavesTheInputsAlone()
    {
        var x = Tensor.From([1.0, 2]).RequireGradient();
        using (TensorScope.Begin())
        using (Recording.Pause())
        {
            GradientCheck.Verify(v => v[0].Square().Sum(), [x], order: 2);
            Assert.False(Recording.IsOn);
        }

        Assert.Null(x.Gradient);
        Assert.Equal([1.0, 2], x.ToArray<double>());
    }

    /// <summary>x², whose slope is 1 % off where x is odd.</summary>
    private sealed class WrongSquare : Power
    {
        protected internal override void Differentiate(Adjoint adjoint)
        {
            var x = adjoint.Input(0);
            var odd = (x - (2 * (x / 2).Floor())).EqualTo(1);
            adjoint.Add(0, adjoint.Gradient * x * Tensor.Where(odd, Tensor.Scalar(2.02), Tensor.Scalar(2.0)));
        }
    }

    /// <summary>x, whose slope is 0.1 % off.</summary>
    private sealed class SlightlyWrong : Op
    {
        public override string Name => "slightly_wrong";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output) => output.CopyFrom(inputs[0].Detach());

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, adjoint.Gradient * 1.001);
    }

    /// <summary>x², whose gradient is right but cut off from the tape.</summary>
    private sealed class WrongSecond : Power
    {
        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, adjoint.Gradient * 2 * adjoint.Input(0).Detach());
    }

    /// <summary>x², whose gradient is right only in a plain walk.</summary>
    private sealed class WrongWhileRecording : Power
    {
        protected internal override void Differentiate(Adjoint adjoint) =>
            adjoint.Add(0, adjoint.Gradient * (Recording.IsOn ? 2.1 : 2) * adjoint.Input(0));
    }

    private abstract class Power : Op
    {
        public override string Name => "power";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output) => output.CopyFrom(inputs[0].Detach().Square());
    }
}
