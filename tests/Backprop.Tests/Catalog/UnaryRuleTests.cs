namespace Backprop.Tests.Catalog;

/// <summary>What must hold for every rule of one argument: see <see cref="RuleCatalog"/>.</summary>
public sealed class UnaryRuleTests
{
    private const double Exact = 1e-12;

    public static TheoryData<string> Names() => [.. RuleCatalog.Unary.Select(entry => entry.Rule.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheSlopeIsTheDerivativeOfTheValue(string rule)
    {
        var entry = Entry(rule);
        foreach (var x in entry.Points)
        {
            Near(entry.Value(x).Slope, entry.Slope(x).Value, Exact, $"slope at {x}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void KernelsAgreeWithTheFormula(string rule)
    {
        var entry = Entry(rule);
        var x = Strides.Matrix(entry.Points).RequireGradient();
        var y = entry.Apply(x);
        y.Backward(Tensor.OnesLike(y), keepTape: true);
        var recorded = Gradient.Of(y, x, Tensor.OnesLike(y), record: true);
        var second = recorded.RequiresGradient ? Gradient.OrNull(recorded, [x], Tensor.OnesLike(y))[0] : null;
        var (xs, ys, slopes, slopesAgain) = (x.ToArray<double>(), y.ToArray<double>(), x.Gradient!.ToArray<double>(), recorded.ToArray<double>());
        var curvatures = (second ?? Tensor.ZerosLike(x)).ToArray<double>();
        for (var i = 0; i < xs.Length; i++)
        {
            Near(entry.Value(xs[i]).Value, ys[i], Exact, $"value at {xs[i]}");
            Near(entry.Slope(xs[i]).Value, slopes[i], Exact, $"gradient at {xs[i]}");
            Near(entry.Slope(xs[i]).Value, slopesAgain[i], Exact, $"recorded gradient at {xs[i]}");
            Near(entry.Slope(xs[i]).Slope, curvatures[i], Exact, $"second derivative at {xs[i]}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void DifferencesAgreeToSecondOrder(string rule)
    {
        var entry = Entry(rule);
        GradientCheck.Verify(v => entry.Apply(v[0]), [Tensor.From(entry.Points)], order: 2);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SinglesAgreeWithDoubles(string rule)
    {
        var entry = Entry(rule);
        var x = Strides.Matrix(entry.Points, DType.Float32).RequireGradient();
        var wide = x.Detach().To(DType.Float64).RequireGradient();
        var (y, expected) = (entry.Apply(x), entry.Apply(wide));
        y.Backward(Tensor.OnesLike(y));
        expected.Backward(Tensor.OnesLike(expected));
        for (var i = 0; i < x.Count; i++)
        {
            var at = x.ToArray<float>()[i];
            Near(expected.ToArray<double>()[i], y.ToArray<float>()[i], 2e-6, $"value at {at}");
            Near(wide.Gradient!.ToArray<double>()[i], x.Gradient!.ToArray<float>()[i], 4e-6, $"gradient at {at}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void StridesDoNotChangeABit(string rule)
    {
        var entry = Entry(rule);
        foreach (var dtype in new[] { DType.Float64, DType.Float32 })
        {
            var dense = Strides.Matrix(entry.Points, dtype);
            var (value, gradient) = Run(entry, dense);
            foreach (var kind in Strides.Kinds)
            {
                var (sameValue, sameGradient) = Run(entry, Strides.View(dense, kind));
                Assert.Equal(value, sameValue);
                Assert.Equal(gradient, sameGradient);
            }

            var row = dense.Narrow(0, 0, 1);
            var rows = row.Expand(Strides.Rows, Strides.Columns);
            Assert.Equal(Run(entry, rows.Contiguous()).Value, Run(entry, rows).Value);
            Assert.Equal(Run(entry, rows.Contiguous()).Gradient, Run(entry, rows).Gradient);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AnElementDoesNotKnowItsPlace(string rule)
    {
        var entry = Entry(rule);
        foreach (var dtype in new[] { DType.Float64, DType.Float32 })
        {
            var all = Strides.Matrix(entry.Points, dtype).Flatten();
            var (value, gradient) = Run(entry, all);
            for (var i = 0; i < entry.Points.Length; i++)
            {
                var (one, slope) = Run(entry, all.Narrow(0, i, 1));
                Assert.Equal(value[i], one[0]);
                Assert.Equal(gradient[i], slope[0]);
            }
        }
    }

    private static (long[] Value, long[] Gradient) Run(UnaryEntry entry, Tensor x)
    {
        var leaf = x.Detach().RequireGradient();
        var y = entry.Apply(leaf);
        y.Backward(Tensor.Full(y.Shape, 0.75, y.DType));
        return (Strides.Bits(y), Strides.Bits(leaf.Gradient!));
    }

    private static UnaryEntry Entry(string rule) => RuleCatalog.Unary.Single(entry => entry.Rule.Name == rule);

    private static void Near(double expected, double actual, double tolerance, string what) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * (1 + Math.Abs(expected)), $"{what} is {actual:R}, not {expected:R}");
}
