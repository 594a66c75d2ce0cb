using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

/// <summary>
/// The float32 functions of both register widths, in units in the last place, against the same function in double, on bit
/// patterns sampled over the whole of float32 (denormals, both infinities and NaN included).
/// </summary>
public class SingleMathTests
{
    // Primes, so that low bits vary too: 86,000 patterns over everything, 158,000 between 2^-12 and 128, where things happen.
    private const int Sparse = 50_021;
    private const int Dense = 2_017;

    private static readonly float[] Special =
    [
        0f, -0f, 1f, -1f, float.Epsilon, -float.Epsilon, 1.17549435e-38f, -1.17549435e-38f, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, 88.72283f, 88.72284f, -87.33654f, -103.97208f, -103.9721f, -104f,
        0.75f, 1.5f, 1.4999999f, 0.74999994f, -0.99999994f, -1.0000001f, 0.93f, 0.9300001f, 3.92f, 9.01f, 9.02f, 1.7e38f,
        -5.6375f, -5.637501f, 5.2937503f, -14.2f, -14.5f,
    ];

    [Fact]
    public void Exp() => Check<ExpFunction>(1.1, Math.Exp);

    [Fact]
    public void Expm1() => Check<Expm1Function>(2.5, ScalarMath.Expm1);

    [Fact]
    public void Log() => Check<LogFunction>(1.5, Math.Log);

    [Fact]
    public void Log1p() => Check<Log1pFunction>(2, ScalarMath.Log1p);

    [Fact]
    public void Tanh() => Check<TanhFunction>(3, Math.Tanh);

    [Fact]
    public void Sigmoid() => Check<SigmoidFunction>(3, x => x > 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x)));

    [Fact]
    public void Erf() => Check<ErfFunction>(2, ScalarMath.Erf);

    [Fact]
    public void Erfc() => Check<ErfcFunction>(Fma.IsSupported ? 4 : 6, ScalarMath.Erfc);     // the polynomial's steps round twice without FMA

    [Fact]
    public void NormalDistribution() => Check<NormalFunction>(Fma.IsSupported ? 4.5 : 6, x => 0.5 * ScalarMath.Erfc(-x * Math.Sqrt(0.5)));

    [Fact]
    public void NormalDistributionWithItsDensity()
    {
        foreach (var x in Inputs(7).Where(x => MathF.Abs(x) < 12))
        {
            var (distribution, density) = Lanes512<float>.Normal(x);
            var (exactly, here) = (0.5 * ScalarMath.Erfc(-x * Math.Sqrt(0.5)), Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI));
            Assert.Equal(exactly, distribution.Register[0], 5e-7 * exactly);
            Assert.Equal(here, density.Register[0], (Math.Abs(x) > 4.6 ? 5e-6 : 1e-6) * here);

            // The same beside a lane of the tail.
            var (near, slope) = Lanes512<float>.Normal(new(Vector512.Create(x).WithElement(3, 7)));
            Assert.Equal((distribution.Register[0], density.Register[0]), (near.Register[0], slope.Register[0]));
        }

        Assert.Equal(float.NaN, Lanes512<float>.Normal(float.NaN).Density.Register[0]);
        Assert.Equal(1, Lanes512<float>.Normal(1e30f).Distribution.Register[0], 1e-7);
        Assert.Equal(0, Lanes512<float>.Normal(1e30f).Density.Register[0]);
        Assert.Equal((0, 0), (Lanes512<float>.Normal(-1e30f).Distribution.Register[0], Lanes512<float>.Normal(-1e30f).Density.Register[0]));
    }

    [Fact]
    public void NormalDistributionOfALaneDoesNotDependOnItsNeighbours()
    {
        float[] inputs = [.. Inputs(7).Where(float.IsFinite)];
        foreach (var x in inputs)
        {
            var (alone, nearTail) = (Lanes512<float>.NormalDistribution(x), Vector512.Create(x).WithElement(5, -8f));
            Assert.Equal(alone.Register[0], Lanes512<float>.NormalDistribution(new(nearTail)).Register[0]);
        }
    }

    [Fact]
    public void Sin() => Check<SinFunction>(1.5, Math.Sin);

    [Fact]
    public void Cos() => Check<CosFunction>(1.5, Math.Cos);

    [Theory]
    [InlineData(2f)]
    [InlineData(3f)]
    [InlineData(-1f)]
    [InlineData(0.5f)]
    [InlineData(-2.75f)]
    [InlineData(0f)]
    [InlineData(1e9f)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.NaN)]
    public void Pow(float exponent)
    {
        Check(1, x => Lanes512<float>.Pow(x, exponent), x => Lanes256<float>.Pow(x, exponent), x => Math.Pow(x, exponent), 9);
    }

    private interface IFunction
    {
        static abstract N At<N>(N x)
            where N : IReal<N>;
    }

    private static void Check<F>(double limit, Func<double, double> oracle)
        where F : struct, IFunction => Check(limit, F.At, F.At, oracle, 1);

    private static void Check(
        double limit,
        Func<Lanes512<float>, Lanes512<float>> wide,
        Func<Lanes256<float>, Lanes256<float>> narrow,
        Func<double, double> oracle,
        int thinning)
    {
        var inputs = Inputs(thinning).ToArray();
        var expected = Array.ConvertAll(inputs, x => oracle(x));
        Check(limit, wide, inputs, expected);
        Check(limit, narrow, inputs, expected);
    }

    private static void Check<N>(double limit, Func<N, N> function, float[] inputs, double[] expected)
        where N : struct, ILanes<N, float>
    {
        var y = new float[N.Count];
        for (var i = 0; i < inputs.Length; i += N.Count)
        {
            N.Store(function(N.Load(ref inputs[i])), ref y[0]);
            for (var lane = 0; lane < N.Count; lane++)
            {
                var (x, right, error) = (inputs[i + lane], expected[i + lane], Ulps(expected[i + lane], y[lane]));
                var sameSign = y[lane] != 0 || right != 0 || double.IsNegative(right) == float.IsNegative(y[lane]);
                if (!sameSign || !(error <= limit))
                {
                    Assert.Fail($"f({x:R} = 0x{BitConverter.SingleToInt32Bits(x):X8}) is {y[lane]:R}, not {right:R}: {error:F2} ulp");
                }
            }
        }
    }

    /// <summary>A whole number of registers of either width.</summary>
    private static IEnumerable<float> Inputs(int thinning)
    {
        var count = 0;
        foreach (var value in Special)
        {
            yield return value;
            count++;
        }
        for (var bits = (long)int.MinValue; bits <= int.MaxValue; bits += Sparse * thinning)
        {
            yield return BitConverter.Int32BitsToSingle((int)bits);
            count++;
        }
        for (var bits = BitConverter.SingleToInt32Bits(1f / 4096); bits < BitConverter.SingleToInt32Bits(128); bits += Dense * thinning)
        {
            yield return BitConverter.Int32BitsToSingle(bits);
            yield return -BitConverter.Int32BitsToSingle(bits);
            count += 2;
        }
        for (; count % Vector512<float>.Count != 0; count++)
        {
            yield return 1;
        }
    }

    /// <summary>Distance in spacings of float32 at the expected value; 0 where both are NaN or the same infinity.</summary>
    private static double Ulps(double expected, float actual)
    {
        var rounded = (float)expected;
        if (float.IsNaN(rounded) || float.IsInfinity(rounded) || !float.IsFinite(actual))
        {
            return rounded.Equals(actual) ? 0 : double.PositiveInfinity;
        }
        var size = MathF.Abs(rounded);
        var spacing = size == float.MaxValue ? (double)size - MathF.BitDecrement(size) : (double)MathF.BitIncrement(size) - size;
        return Math.Abs(expected - actual) / spacing;
    }

    private readonly struct ExpFunction : IFunction
    {
        public static N At<N>(N x)
            where N : IReal<N> => N.Exp(x);
    }

    private readonly struct Expm1Function : IFunction
    {
        public static N At<N>(N x)
            where N : IReal<N> => N.Expm1(x);
    }

    private readonly struct LogFunction : IFunction
    {
        public static N At<N>(N x)
            where N : IReal<N> => N.Log(x);
    }

    private readonly struct Log1pFunction : IFunction
    {
        public static N At<N>(N x)
            where N : IReal<N> => N.Log1p(x);
    }

    private readonly struct TanhFunction : IFunction
    {
        public static N At<N>(N x)
            where N : IReal<N> => N.Tanh(x);
    }

    private readonly struct SigmoidFunction : IFunction
    {
        public static N At<N>(N x)
            where N : IReal<N> => N.Sigmoid(x);
    }

    private readonly struct ErfFunction : IFunction
    {
        public static N At<N>(N x)
            where N : IReal<N> => N.Erf(x);
    }

    private readonly struct ErfcFunction : IFunction
    {
        public static N At<N>(N x)
            where N : IReal<N> => N.Erfc(x);
    }

    private readonly struct NormalFunction : IFunction
    {
        public static N At<N>(N x)
            where N : IReal<N> => N.NormalDistribution(x);
    }

    private readonly struct SinFunction : IFunction
    {
        public static N At<N>(N x)
            where N : IReal<N> => N.Sin(x);
    }

    private readonly struct CosFunction : IFunction
    {
        public static N At<N>(N x)
            where N : IReal<N> => N.Cos(x);
    }
}
