namespace Backprop.Tests.Core;

/// <summary>Functions of numbers that are very large, very small, or outside of the domain: neither digits nor signs are lost on the way.</summary>
public class ElementwiseExtremesTests
{
    private const double Infinity = double.PositiveInfinity;
    private const double NaN = double.NaN;

    private static readonly DType[] both = [DType.Float32, DType.Float64];

    [Fact]
    public void AnInverseHyperbolicCosineBelowOneIsNaN()
    {
        double[] at = [-1e30, -1e5, -2, -1, 0, 0.5, 0.999];
        var nothing = at.Select(_ => NaN).ToArray();
        foreach (var dtype in both)
        {
            Gives(x => x.Acosh(), dtype, at, nothing, nothing);
            Gives(x => x.Acosh(), dtype, [1, 2, 1e30], [0, 1.3169578969248167, 69.77069997038132], [Infinity, 0.5773502691896258, 1e-30]);
        }

        Gives(x => x.Acosh(), DType.Float64, [-1e200, 1e200], [NaN, 461.2101657793691], [NaN, 1e-200]);
    }

    [Fact]
    public void HyperbolicFunctionsReachAsFarAsTheirValuesDo()
    {
        var large = 2.2448064095871726e38;
        Gives(x => x.Sinh(), DType.Float32, [89, -89, 90, -90], [large, -large, Infinity, -Infinity], [large, large, Infinity, Infinity]);
        Gives(x => x.Cosh(), DType.Float32, [89, -89, 90, -90], [large, large, Infinity, Infinity], [large, -large, Infinity, -Infinity]);
        large = 1.1169973830808555e308;
        Gives(x => x.Sinh(), DType.Float64, [710, -710, 711, NaN], [large, -large, Infinity, NaN], [large, large, Infinity, NaN]);
        Gives(x => x.Cosh(), DType.Float64, [710, -710, 711, NaN], [large, large, Infinity, NaN], [large, -large, Infinity, NaN]);
    }

    [Fact]
    public void HyperbolicFunctionsHaveSlopesOfSlopesFarOut()
    {
        var x = Tensor.From([-700, -90, -81, -80, 0.0, 80, 81, 90, 700]).RequireGradient();
        var slope = Gradient.Of(x.Sinh().Sum(), x, record: true);
        Near(x.Sinh().ToArray<double>(), Gradient.Of(slope.Sum(), x).ToArray<double>(), 1e-13);
        slope = Gradient.Of(x.Cosh().Sum(), x, record: true);
        Near(x.Cosh().ToArray<double>(), Gradient.Of(slope.Sum(), x).ToArray<double>(), 1e-13);
    }

    [Fact]
    public void GeluKeepsItsDigitsInTheTail()
    {
        double[] at = [-9, -5.98, -3, -0.5];
        double[] values = [-1.0157295653584566e-18, -6.6718148464746601e-9, -0.0040496940948902836, -0.15426876936299345];
        double[] slopes = [-9.1389373739066393e-18, -3.9842341400237653e-8, -0.011945647204183927, 0.13250487534383716];
        foreach (var dtype in both)
        {
            Gives(x => x.Gelu(), dtype, at, values, slopes, 64);
            Gives(x => x.Gelu(), dtype, [-100, 0, 100], [0, 0, 100], [0, 0.5, 1]);
        }

        values = [-1.3364595947346586e-28, -1.0126240744042657e-10, -0.0036373920817730188, -0.15428599017485608];
        slopes = [-2.5157352850674252e-27, -9.1982470878451599e-10, -0.011584166630969726, 0.13263009646535769];
        foreach (var dtype in both)
        {
            Gives(x => x.GeluTanh(), dtype, at, values, slopes, 1000);
        }
    }

    [Fact]
    public void GeluTanhIsFlatFarOut()
    {
        Gives(x => x.GeluTanh(), DType.Float32, [-1e20, -26, 26, 1e20, 3e38], [0, 0, 26, 1e20, 3e38], [0, 0, 1, 1, 1]);
        Gives(x => x.GeluTanh(), DType.Float64, [-1e160, -26, 26, 1e160, NaN], [0, 0, 26, 1e160, NaN], [0, 0, 1, 1, NaN]);
    }

    [Fact]
    public void TanhshrinkKeepsItsDigitsNearZero()
    {
        double[] at = [1e-4, 0.01, 0.29, 0.31, 1];
        double[] values = [3.3333333200000005e-13, 3.3332000053966069e-7, 0.0078651873303658724, 0.0095629028523458741, 0.23840584404423511];
        var slopes = at.Select(x => Math.Tanh(x) * Math.Tanh(x)).ToArray();
        foreach (var dtype in both)
        {
            Gives(x => x.Tanhshrink(), dtype, at, values, slopes, 100);
            Gives(x => x.Tanhshrink(), dtype, [.. at.Select(x => -x)], [.. values.Select(x => -x)], slopes, 100);
        }
    }

    /// <summary>Checks values and slopes, to some units in the last place.</summary>
    private static void Gives(Func<Tensor, Tensor> function, DType dtype, double[] at, double[] value, double[] slope, double units = 24)
    {
        var x = Tensor.From(at).To(dtype).RequireGradient();
        var y = function(x);
        y.Backward(Tensor.OnesLike(y));
        var unit = dtype == DType.Float32 ? 1.2e-7 : 2.2e-16;
        Near(value, y.To(DType.Float64).ToArray<double>(), units * unit);
        Near(slope, x.Gradient!.To(DType.Float64).ToArray<double>(), units * unit);
    }

    private static void Near(double[] expected, double[] actual, double relative)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var agrees = expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= relative * Math.Abs(expected[i]);
            Assert.True(agrees, $"element {i} is {actual[i]:R}, not {expected[i]:R}");
        }
    }
}
