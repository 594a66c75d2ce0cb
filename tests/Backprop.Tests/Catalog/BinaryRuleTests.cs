namespace Backprop.Tests.Catalog;

/// <summary>What must hold for every rule of two arguments: see <see cref="RuleCatalog"/>.</summary>
public sealed class BinaryRuleTests
{
    private const double Exact = 1e-12;

    public static TheoryData<string> Names() => [.. RuleCatalog.Binary.Select(entry => entry.Rule.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheSlopesAreTheDerivativesOfTheValue(string rule)
    {
        var entry = Entry(rule);
        foreach (var x in entry.Xs)
        {
            foreach (var y in entry.Ys.Where(y => y != x))
            {
                Near(entry.Value(x, y, alongX: true).Slope, entry.SlopeX(x, y, true).Value, Exact, $"slope in x at {x}, {y}");
                Near(entry.Value(x, y, alongX: false).Slope, entry.SlopeY(x, y, false).Value, Exact, $"slope in y at {x}, {y}");
                Near(entry.SlopeX(x, y, alongX: false).Slope, entry.SlopeY(x, y, alongX: true).Slope, Exact, $"mixed derivative at {x}, {y}");
            }
        }
    }

    /// <summary>On the grid of all pairs: x is a column, y a row, and each gets the sum over the other.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void BroadcastKernelsAgreeWithTheFormula(string rule)
    {
        var entry = Entry(rule);
        var (xs, ys) = Grid(entry);
        var x = Tensor.From(xs, xs.Length, 1).RequireGradient();
        var y = Tensor.From(ys).RequireGradient();
        var z = entry.Apply(x, y);
        var ones = Tensor.OnesLike(z);
        z.Backward(ones, keepTape: true);
        var recorded = Gradient.Of(z, [x, y], ones, record: true);
        var ofX = Second(recorded[0], x, y);
        var ofY = Second(recorded[1], x, y);
        for (var i = 0; i < xs.Length; i++)
        {
            for (var j = 0; j < ys.Length; j++)
            {
                Near(entry.Value(xs[i], ys[j], true).Value, z[i, j].Item<double>(), Exact, $"value at {xs[i]}, {ys[j]}");
            }

            var at = $"summed over y at x = {xs[i]}";
            Near(ys.Sum(b => entry.SlopeX(xs[i], b, true).Value), x.Gradient![i, 0].Item<double>(), Exact, $"gradient {at}");
            Near(ys.Sum(b => entry.SlopeX(xs[i], b, true).Value), recorded[0][i, 0].Item<double>(), Exact, $"recorded gradient {at}");
            Near(ys.Sum(b => entry.SlopeX(xs[i], b, true).Slope), ofX.X[i], Exact, $"second derivative {at}");
            Near(ys.Sum(b => entry.SlopeY(xs[i], b, true).Slope), ofY.X[i], Exact, $"mixed derivative {at}");
        }

        for (var j = 0; j < ys.Length; j++)
        {
            var at = $"summed over x at y = {ys[j]}";
            Near(xs.Sum(a => entry.SlopeY(a, ys[j], false).Value), y.Gradient![j].Item<double>(), Exact, $"gradient {at}");
            Near(xs.Sum(a => entry.SlopeY(a, ys[j], false).Value), recorded[1][j].Item<double>(), Exact, $"recorded gradient {at}");
            Near(xs.Sum(a => entry.SlopeX(a, ys[j], false).Slope), ofX.Y[j], Exact, $"mixed derivative {at}");
            Near(xs.Sum(a => entry.SlopeY(a, ys[j], false).Slope), ofY.Y[j], Exact, $"second derivative {at}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void DifferencesAgreeToSecondOrder(string rule)
    {
        var entry = Entry(rule);
        var (xs, ys) = Grid(entry);
        GradientCheck.Verify(v => entry.Apply(v[0], v[1]), [Tensor.From(xs, xs.Length, 1), Tensor.From(ys)], order: 2);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ConstantsAreLikeTensors(string rule)
    {
        var entry = Entry(rule);
        foreach (var dtype in new[] { DType.Float64, DType.Float32 })
        {
            var (x, y) = (Strides.Matrix(entry.Xs, dtype), Strides.Matrix(entry.Ys, dtype));
            var (cx, cy) = (2.0, 0.5);
            Assert.Equal(Bits(entry.Apply(x, Tensor.Full([], cy, dtype))), Bits(entry.ApplyRight(x, cy)));
            Assert.Equal(Bits(entry.Apply(Tensor.Full([], cx, dtype), y)), Bits(entry.ApplyLeft(cx, y)));
            Assert.Equal(GradientBits(x, leaf => entry.Apply(leaf, Tensor.Full([], cy, dtype))), GradientBits(x, leaf => entry.ApplyRight(leaf, cy)));
            Assert.Equal(GradientBits(y, leaf => entry.Apply(Tensor.Full([], cx, dtype), leaf)), GradientBits(y, leaf => entry.ApplyLeft(cx, leaf)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SinglesAgreeWithDoubles(string rule)
    {
        var entry = Entry(rule);
        var (xs, ys) = Grid(entry);
        var (x, y) = (Tensor.From(xs, xs.Length, 1).To(DType.Float32).RequireGradient(), Tensor.From(ys).To(DType.Float32).RequireGradient());
        var (wideX, wideY) = (x.Detach().To(DType.Float64).RequireGradient(), y.Detach().To(DType.Float64).RequireGradient());
        var (z, expected) = (entry.Apply(x, y), entry.Apply(wideX, wideY));
        z.Backward(Tensor.OnesLike(z));
        expected.Backward(Tensor.OnesLike(expected));
        AllNear(expected, z, 2e-6, "value");
        AllNear(wideX.Gradient!, x.Gradient!, 1e-5, "gradient of x");
        AllNear(wideY.Gradient!, y.Gradient!, 1e-5, "gradient of y");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void StridesDoNotChangeABit(string rule)
    {
        var entry = Entry(rule);
        foreach (var dtype in new[] { DType.Float64, DType.Float32 })
        {
            var (x, y) = (Strides.Matrix(entry.Xs, dtype), Strides.Matrix(entry.Ys, dtype, shift: 3));
            var dense = Run(entry, x, y);
            foreach (var kind in Strides.Kinds)
            {
                Same(dense, Run(entry, Strides.View(x, kind), y));
                Same(dense, Run(entry, x, Strides.View(y, kind)));
                Same(dense, Run(entry, Strides.View(x, kind), Strides.View(y, kind)));
            }

            var rows = y.Narrow(0, 0, 1).Expand(Strides.Rows, Strides.Columns);
            var columns = y.Narrow(1, 0, 1).Expand(Strides.Rows, Strides.Columns);
            Same(Run(entry, x, rows.Contiguous()), Run(entry, x, rows));
            Same(Run(entry, x, columns.Contiguous()), Run(entry, x, columns));
        }
    }

    private static (double[] X, double[] Y) Second(Tensor gradient, Tensor x, Tensor y)
    {
        var second = gradient.RequiresGradient ? Gradient.OrNull(gradient, [x, y], Tensor.OnesLike(gradient)) : [null, null];
        return ((second[0] ?? Tensor.ZerosLike(x)).ToArray<double>(), (second[1] ?? Tensor.ZerosLike(y)).ToArray<double>());
    }

    /// <summary>The points of both without those that are ties.</summary>
    private static (double[] Xs, double[] Ys) Grid(BinaryEntry entry) => (entry.Xs, [.. entry.Ys.Except(entry.Xs).DefaultIfEmpty(0.123)]);

    private static long[][] Run(BinaryEntry entry, Tensor x, Tensor y)
    {
        var (a, b) = (x.Detach().RequireGradient(), y.Detach().RequireGradient());
        var z = entry.Apply(a, b);
        z.Backward(Tensor.Full(z.Shape, 0.75, z.DType));
        return [Strides.Bits(z), Strides.Bits(a.Gradient!), Strides.Bits(b.Gradient!)];
    }

    private static void Same(long[][] expected, long[][] actual)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i]);
        }
    }

    private static long[] Bits(Tensor x) => Strides.Bits(x);

    private static long[] GradientBits(Tensor x, Func<Tensor, Tensor> function)
    {
        var leaf = x.Detach().RequireGradient();
        var y = function(leaf);
        y.Backward(Tensor.OnesLike(y));
        return Strides.Bits(leaf.Gradient!);
    }

    private static void AllNear(Tensor expected, Tensor actual, double tolerance, string what)
    {
        var (e, a) = (expected.ToArray<double>(), actual.ToArray<float>());
        for (var i = 0; i < e.Length; i++)
        {
            Near(e[i], a[i], tolerance, $"{what} {i}");
        }
    }

    private static BinaryEntry Entry(string rule) => RuleCatalog.Binary.Single(entry => entry.Rule.Name == rule);

    private static void Near(double expected, double actual, double tolerance, string what) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * (1 + Math.Abs(expected)), $"{what} is {actual:R}, not {expected:R}");
}
