namespace Backprop.Tests.Tapes;

/// <summary>Operations as a user writes them: recording, broadcasting, checks and every order come by themselves.</summary>
public class CustomOpTests
{
    private static readonly Tensor Points = Tensor.Normal([3, 4], dtype: DType.Float64, generator: new Generator(2));

    [Fact]
    public void AnOpOfOneClass()
    {
        var x = Tensor.From([1.0, -2]).RequireGradient();
        var y = new Cube().Apply(x);
        Assert.Equal([1, -8], y.ToArray<double>());
        Assert.Equal("cube", Tape.Of(y)[^1].Label);
        y.Sum().Backward();
        Assert.Equal([3, 12], x.Gradient!.ToArray<double>());
        GradientCheck.Verify(v => new Cube().Apply(v[0]), [Points], order: 3);
        GradientCheck.Verify(v => new Cube().Apply(v[0].T) * new Cube().Apply(v[0].T), [Points], order: 2);
        using (Recording.Pause())
        {
            Assert.False(new Cube().Apply(x).RequiresGradient);
        }
    }

    [Fact]
    public void AnOpWithoutInputsOrShapeIsNamed()
    {
        Assert.StartsWith("cube: ", Assert.Throws<ArgumentException>(() => new Cube().Apply()).Message, StringComparison.Ordinal);
        var message = Assert.Throws<InvalidOperationException>(() => new Shapeless().Apply(Points)).Message;
        Assert.StartsWith("shapeless: ", message, StringComparison.Ordinal);
        Assert.Contains("ResultSpec.Like", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnOpOfTwoInputsWhoseGradientsAreSummedBack()
    {
        var (a, b) = (Tensor.From([1.0, 2]).RequireGradient(), Tensor.From([3.0, 4, 5], 3, 1).RequireGradient());
        new Hypotenuse().Apply(a, b).Sum().Backward();
        Assert.Equal([2], a.Gradient!.Shape.ToArray());
        Assert.Equal([3, 1], b.Gradient!.Shape.ToArray());
        GradientCheck.Verify(v => new Hypotenuse().Apply(v[0], v[1]), [a, b], order: 2);
        GradientCheck.Verify(v => new Hypotenuse().Apply(v[0], v[0]), [a], order: 2);
    }

    [Fact]
    public void ElementwiseRules()
    {
        GradientCheck.Verify(v => Elementwise.Apply<SwishRule>(v[0]), [Points], order: 3);
        GradientCheck.Verify(v => Elementwise.Apply(new BentRule(2.5), v[0]), [Points], order: 3);
        GradientCheck.Verify(v => Elementwise.Apply<SmoothMaximumRule>(v[0], v[1]), [Points, Points[1, ..1].Clone()], order: 2);
        var x = Tensor.From([0f, 1, -1]);
        Assert.Equal([0f, 1 / (1 + MathF.Exp(-1)), -1 / (1 + MathF.Exp(1))], Elementwise.Apply<SwishRule>(x).ToArray<float>(), new Near(1e-6f));
        Assert.Equal("swish", Tape.Of(Elementwise.Apply<SwishRule>(Tensor.From([1f]).RequireGradient()))[^1].Label);
        Assert.Equal([2, 3], Elementwise.Apply<SmoothMaximumRule>(Tensor.Zeros([2, 1]), Tensor.Zeros([3])).Shape.ToArray());
        Assert.Throws<DTypeException>(() => Elementwise.Apply<SwishRule>(Tensor.From([1, 2])));
        Assert.Throws<ShapeException>(() => Elementwise.Apply<SmoothMaximumRule>(Tensor.Zeros([2]), Tensor.Zeros([3])));
    }

    [Fact]
    public void AFusedOpIsDifferentiatedThroughItsDefinitionAtHigherOrders()
    {
        GradientCheck.Verify(v => new SquaredDistance().Apply(v[0], v[1]), [Points, Points.Flip(0).Contiguous()], order: 3);
        GradientCheck.Verify(v => new SquaredDistance().Apply(v[0], v[0] * 2), [Points], order: 2);
    }

    [Fact]
    public void RulesThatBreakTheContractAreNamed()
    {
        var x = Tensor.From([1.0, 2]).RequireGradient();
        Assert.Contains("careless", Fails<ShapeException>(new Careless(adjoint => adjoint.Add(0, Tensor.Zeros([3], DType.Float64)))), StringComparison.Ordinal);
        Assert.Contains("float32", Fails<DTypeException>(new Careless(adjoint => adjoint.Add(0, Tensor.Zeros([2])))), StringComparison.Ordinal);
        Assert.Contains("Saves", Fails<InvalidOperationException>(new Careless(adjoint => adjoint.Input(0))), StringComparison.Ordinal);
        Assert.Contains("Saves", Fails<InvalidOperationException>(new Careless(adjoint => _ = adjoint.Output)), StringComparison.Ordinal);
        Fails<ArgumentNullException>(new Careless(adjoint => adjoint.Add(0, null!)));
        Assert.Throws<ArgumentNullException>(() => new Cube().Apply((Tensor)null!));

        string Fails<T>(Op op)
            where T : Exception => Assert.ThrowsAny<T>(() => op.Apply(x).Sum().Backward()).Message;
    }

    private readonly struct SwishRule : IUnaryRule
    {
        public static string Name => "swish";

        public static N Value<N>(N x)
            where N : IReal<N> => x / (1 + N.Exp(-x));

        public static N Slope<N>(N x, N y)
            where N : IReal<N>
        {
            var s = 1 / (1 + N.Exp(-x));
            return s + (y * (1 - s));
        }
    }

    /// <summary>y = √(x² + c) − 1</summary>
    private readonly struct BentRule(double c) : IParametricUnaryRule
    {
        public string Name => "bent";

        public N Value<N>(N x)
            where N : IReal<N> => N.Sqrt((x * x) + c) - 1;

        public N Slope<N>(N x, N y)
            where N : IReal<N> => x / (y + 1);
    }

    /// <summary>z = log(eˣ + eʸ)</summary>
    private readonly struct SmoothMaximumRule : IBinaryRule
    {
        public static string Name => "smooth_maximum";

        public static N Value<N>(N x, N y)
            where N : IReal<N> => N.Log(N.Exp(x) + N.Exp(y));

        public static N SlopeX<N>(N x, N y, N z)
            where N : IReal<N> => N.Exp(x - z);

        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => N.Exp(y - z);
    }

    private sealed class Shapeless : Op
    {
        public override string Name => "shapeless";

        protected internal override ResultSpec Infer(in Operands inputs) => default;

        protected internal override void Compute(in Operands inputs, Tensor output) => output.Fill(0);

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, adjoint.Gradient);
    }

    private sealed class Cube : Op
    {
        public override string Name => "cube";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Contiguous().AsSpan<double>();
            var y = output.AsWritableSpan<double>();
            for (var i = 0; i < x.Length; i++)
            {
                y[i] = x[i] * x[i] * x[i];
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Input0;

        protected internal override void Differentiate(Adjoint adjoint) =>
            adjoint.Add(0, adjoint.Gradient * 3 * adjoint.Input(0) * adjoint.Input(0));
    }

    /// <summary>√(a² + b²), made of tensor operations.</summary>
    private sealed class Hypotenuse : Op
    {
        public override string Name => "hypotenuse";

        protected internal override ResultSpec Infer(in Operands inputs) =>
            new([Math.Max(inputs[0].Shape[0], inputs[1].Shape[0]), inputs[0].Shape[^1]], inputs[0].DType);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            using (Recording.Pause())
            {
                output.CopyFrom((inputs[0].Square() + inputs[1].Square()).Sqrt());
            }
        }

        protected internal override void Differentiate(Adjoint adjoint)
        {
            for (var i = 0; i < 2; i++)
            {
                if (adjoint.Needs(i))
                {
                    adjoint.Add(i, adjoint.Gradient * adjoint.Input(i) / adjoint.Output);
                }
            }
        }
    }

    /// <summary>Σ (a − b)²</summary>
    private sealed class SquaredDistance : FusedOp
    {
        public override string Name => "squared_distance";

        protected internal override ResultSpec Infer(in Operands inputs) => new([], inputs[0].DType);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var a = inputs[0].Contiguous().AsSpan<double>();
            var b = inputs[1].Contiguous().AsSpan<double>();
            double sum = 0;
            for (var i = 0; i < a.Length; i++)
            {
                sum += (a[i] - b[i]) * (a[i] - b[i]);
            }

            output.AsWritableSpan<double>()[0] = sum;
        }

        protected internal override Tensor Definition(in Operands inputs) => (inputs[0] - inputs[1]).Square().Sum();

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var difference = 2 * (adjoint.Input(0) - adjoint.Input(1)) * adjoint.Gradient;
            adjoint.Add(0, difference);
            adjoint.Add(1, -difference);
        }
    }

    private delegate void Rule(Adjoint adjoint);

    private sealed class Careless(Rule rule) : Op
    {
        public override string Name => "careless";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output) => output.Fill(0);

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) => rule(adjoint);
    }

    private sealed class Near(float tolerance) : IEqualityComparer<float>
    {
        public bool Equals(float x, float y) => Math.Abs(x - y) <= tolerance;

        public int GetHashCode(float value) => 0;
    }
}
