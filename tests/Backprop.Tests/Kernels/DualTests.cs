using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

public class DualTests
{
    private interface IFormula
    {
        static abstract N At<N>(N x)
            where N : IReal<N>;
    }

    [Fact]
    public void SlopesAgreeWithCentralDifferences()
    {
        Check<Composite>(-1.3, -0.4, 0.2, 0.9, 2.5);
        Check<Powers>(0.3, 1, 1.7, 4);
        Check<Choices>(-2.2, -0.3, 0.4, 1.6);
    }

    [Fact]
    public void ConventionsWhereThereIsNoDerivative()
    {
        Assert.Equal(new Dual(0, 0), Dual.Abs(Dual.Variable(0)));
        Assert.Equal(new Dual(2, 0.5), Dual.Max(Dual.Variable(2), 2));
        Assert.Equal(new Dual(2, 0.5), Dual.Min(Dual.Variable(2), 2));
        Assert.Equal(new Dual(1, 0), Dual.Floor(Dual.Variable(1.5)));
        Assert.Equal(new Dual(2, 0), Dual.Round(Dual.Variable(2.5)));
        Assert.Equal(new Dual(0, 0), Dual.Pow(Dual.Variable(0), 2));
        Assert.Equal(new Dual(1, 0), Dual.Pow(Dual.Variable(0), 0));
        Assert.Equal(new Dual(0, 0), Dual.Pow(0, Dual.Variable(2)));
        Assert.Equal(double.NaN, Dual.Max(Dual.Variable(1), double.NaN).Value);
        Assert.Equal(new Dual(0, 0), Dual.Sqrt(0));
    }

    [Fact]
    public void SigmoidAndTanhKeepTheirSlopeInTheTails()
    {
        Assert.Equal(Math.Exp(-700), Dual.Sigmoid(Dual.Variable(700)).Slope, 1e-10 * Math.Exp(-700));
        Assert.Equal(4 * Math.Exp(-60), Dual.Tanh(Dual.Variable(-30)).Slope, 1e-10 * Math.Exp(-60));
    }

    [Fact]
    public void ProbeSeesInputsAndNeedForReals()
    {
        var (x, y, z) = (Probe.Input(0), Probe.Input(1), Probe.Input(2));
        Assert.Equal(0b101, (x * 2 + z).Inputs);
        Assert.False((x * 2 + z - Probe.Abs(-y)).NeedsReals);
        Assert.Equal(0, ((Probe)3).Inputs);
        Assert.True((x * 0.5).NeedsReals);
        Assert.True((x / y).NeedsReals);
        Assert.True(Probe.IfGreater(x, 0, Probe.Exp(y), z).NeedsReals);
        Assert.Equal(0b111, Probe.IfGreater(x, 0, y, z).Inputs);
        Assert.False(Probe.Max(Probe.Floor(x), Probe.Min(Probe.Round(y), 1)).NeedsReals);
        Assert.True(Composite.At(x).NeedsReals);
    }

    private static void Check<F>(params double[] points)
        where F : IFormula
    {
        const double h = 1e-5;
        foreach (var x in points)
        {
            var dual = F.At(Dual.Variable(x));
            var numeric = (F.At<Dual>(x + h).Value - F.At<Dual>(x - h).Value) / (2 * h);
            Assert.Equal(numeric, dual.Slope, 1e-7 * (1 + Math.Abs(numeric)));
        }
    }

    private readonly struct Composite : IFormula
    {
        public static N At<N>(N x)
            where N : IReal<N>
            => N.Exp(-x) * N.Sin(x) / (2 + N.Cos(x)) + N.Tanh(x) * N.Sigmoid(x) - N.Erf(x) * N.Expm1(x)
                + N.Log(3 + x) * N.Sqrt(x * x + 1) + N.Log1p(x * x);
    }

    private readonly struct Powers : IFormula
    {
        public static N At<N>(N x)
            where N : IReal<N>
            => N.Pow(x, 2.5) + N.Pow(1.5, x) + N.Pow(x, x) + N.Pow(-x, 3);
    }

    private readonly struct Choices : IFormula
    {
        public static N At<N>(N x)
            where N : IReal<N>
            => N.IfGreater(x, 0, x * x, 3 * x) + N.Max(x, -x * 2) + N.Min(x, 1) * N.Abs(x) + N.Floor(x) * N.Round(x)
                + N.IfGreaterOrEqual(x, 1, x, 1) + N.IfEqual(x, x, x * x * x, 7);
    }
}
