using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

/// <summary>Against values computed with 200 bits (mpmath) and rounded to double.</summary>
public class ScalarMathTests
{
    public static readonly TheoryData<double, double> Expm1Values = new()
    {
        { 1e-300, 1e-300 },
        { -1e-20, -1e-20 },
        { 1e-09, 1.0000000005000001e-09 },
        { -1e-05, -9.999950000166666e-06 },
        { 0.001, 0.0010005001667083417 },
        { -0.1, -0.09516258196404043 },
        { 0.3, 0.3498588075760031 },
        { -0.34, -0.2882296772373903 },
        { 0.4, 0.49182469764127035 },
        { -0.5, -0.3934693402873666 },
        { 0.6, 0.8221188003905089 },
        { -0.7, -0.5034146962085905 },
        { 0.9, 1.4596031111569496 },
        { -1.0, -0.6321205588285577 },
        { 1.3, 2.6692966676192444 },
        { 2.5, 11.182493960703473 },
        { -3.7, -0.9752764735296606 },
        { 10.0, 22025.465794806718 },
        { -20.0, -0.9999999979388464 },
        { 35.0, 1586013452313429.8 },
        { -38.0, -1.0 },
        { 50.0, 5.184705528587072e+21 },
        { 100.0, 2.6881171418161356e+43 },
        { 700.0, 1.0142320547350045e+304 },
        { 709.5, 1.3549863193146328e+308 },
    };

    public static readonly TheoryData<double, double> Log1pValues = new()
    {
        { 1e-300, 1e-300 },
        { -1e-20, -1e-20 },
        { 1e-09, 9.999999995e-10 },
        { -1e-05, -1.0000050000333337e-05 },
        { 0.001, 0.0009995003330835331 },
        { -0.1, -0.10536051565782631 },
        { 0.29, 0.25464221837358075 },
        { -0.3, -0.35667494393873234 },
        { 0.4, 0.33647223662121295 },
        { 0.42, 0.35065687161316933 },
        { -0.5, -0.6931471805599453 },
        { 0.7, 0.5306282510621704 },
        { -0.9, -2.302585092994046 },
        { -0.999, -6.907755278982136 },
        { -0.99999999999, -25.328435940194137 },
        { 1.0, 0.6931471805599453 },
        { 2.5, 1.252762968495368 },
        { 3.0, 1.3862943611198906 },
        { 10.0, 2.3978952727983707 },
        { 100000.0, 11.51293546492023 },
        { 1e+16, 36.841361487904734 },
        { 1e+100, 230.25850929940458 },
        { 1.7e+308, 709.7268368932282 },
    };

    public static readonly TheoryData<double, double> ErfValues = new()
    {
        { 1e-310, 1.1283791670955e-310 },
        { -1e-20, -1.1283791670955125e-20 },
        { 1e-09, 1.1283791670955127e-09 },
        { -1e-05, -1.1283791670579e-05 },
        { 0.001, 0.0011283787909692365 },
        { -0.1, -0.1124629160182849 },
        { 0.3, 0.3286267594591274 },
        { -0.8, -0.7421009647076605 },
        { 0.9, 0.7969082124228322 },
        { -1.2, -0.9103139782296353 },
        { 1.3, 0.9340079449406524 },
        { 2.0, 0.9953222650189527 },
        { -2.8, -0.9999249868053346 },
        { 2.9, 0.9999589021219005 },
        { -3.5, -0.9999992569016276 },
        { 4.0, 0.9999999845827421 },
        { 5.0, 0.9999999999984626 },
        { 5.9, 0.9999999999999999 },
    };

    [Theory]
    [MemberData(nameof(Expm1Values))]
    public void Expm1IsAccurate(double x, double expected) => AssertClose(expected, ScalarMath.Expm1(x));

    [Theory]
    [MemberData(nameof(Log1pValues))]
    public void Log1pIsAccurate(double x, double expected) => AssertClose(expected, ScalarMath.Log1p(x));

    [Theory]
    [MemberData(nameof(ErfValues))]
    public void ErfIsAccurate(double x, double expected) => AssertClose(expected, ScalarMath.Erf(x));

    [Fact]
    public void SpecialValues()
    {
        Assert.Equal(double.PositiveInfinity, ScalarMath.Expm1(double.PositiveInfinity));
        Assert.Equal(double.PositiveInfinity, ScalarMath.Expm1(710));
        Assert.Equal(-1, ScalarMath.Expm1(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, ScalarMath.Log1p(double.PositiveInfinity));
        Assert.Equal(double.NegativeInfinity, ScalarMath.Log1p(-1));
        Assert.Equal(double.NaN, ScalarMath.Log1p(-1.5));
        Assert.Equal(1, ScalarMath.Erf(double.PositiveInfinity));
        Assert.Equal(-1, ScalarMath.Erf(double.NegativeInfinity));
        foreach (var function in new Func<double, double>[] { ScalarMath.Expm1, ScalarMath.Log1p, ScalarMath.Erf })
        {
            Assert.Equal(double.NaN, function(double.NaN));
            Assert.True(double.IsNegative(function(-0.0)) && function(-0.0) == 0);
        }
    }

    private static void AssertClose(double expected, double actual) =>
        Assert.True(Math.Abs(actual - expected) <= 2 * (Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected)),
            $"{actual:R} instead of {expected:R}");
}
