using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

/// <summary>Every operation of the registers and of integers against the same operation on scalars, lane by lane.</summary>
public class LanesTests
{
    private static readonly double[] Values =
    [
        0, -0.0, 1, -1, 0.5, -2.5, 1.5, 3.25, -7, 100.75, 1e-3, -1e-3, 20, -20,
        double.NaN, double.PositiveInfinity, double.NegativeInfinity,
    ];

    [Fact]
    public void Registers()
    {
        Check<Lanes512<float>, float>(2e-6);
        Check<Lanes512<double>, double>(4e-15);
        Check<Lanes256<float>, float>(2e-6);
        Check<Lanes256<double>, double>(4e-15);
    }

    [Fact]
    public void IntegersWrap()
    {
        Assert.Equal(int.MinValue, Of<int>(x => x + 1, int.MaxValue));
        Assert.Equal(int.MinValue, Of<int>(Integer<int>.Abs, int.MinValue));
        Assert.Equal(-7, Of<int>(x => Integer<int>.Floor(-x), 7));
        Assert.Equal(long.MinValue, Of<long>(x => x * 2, 1L << 62));
        Assert.Equal((byte)254, Of<byte>(x => x * 2, 255));
        Assert.Equal(int.MaxValue, Of<int>(x => double.PositiveInfinity, 0));
        Assert.Equal(5, Of<int>(x => Integer<int>.IfGreater(x, 4, Integer<int>.Max(x, 5), 0), 5));
        Assert.Throws<NotSupportedException>(() => Of<int>(x => x / 2, 5));
        Assert.Throws<NotSupportedException>(() => Of<long>(x => Integer<long>.Exp(x), 5));
    }

    private static T Of<T>(Func<Integer<T>, Integer<T>> function, T value)
        where T : unmanaged, IBinaryInteger<T>
    {
        T result = default;
        Integer<T>.Store(function(Integer<T>.Load(in value)), ref result);
        return result;
    }

    private static void Check<N, T>(double tolerance)
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Unary<N, T>(x => -x, x => -x, 0);
        Unary<N, T>(N.Abs, T.Abs, 0);
        Unary<N, T>(N.Sqrt, T.Sqrt, 0);
        Unary<N, T>(N.Floor, T.Floor, 0);
        Unary<N, T>(N.Round, x => T.Round(x, MidpointRounding.ToEven), 0);
        Unary<N, T>(N.Exp, T.Exp, tolerance);
        Unary<N, T>(N.Log, T.Log, tolerance);
        Unary<N, T>(N.Sin, T.Sin, tolerance);
        Unary<N, T>(N.Cos, T.Cos, tolerance);
        Unary<N, T>(N.Tanh, T.Tanh, tolerance);
        Unary<N, T>(N.Sigmoid, x => T.One / (T.One + T.Exp(-x)), tolerance);
        Unary<N, T>(N.Expm1, x => T.CreateChecked(ScalarMath.Expm1(double.CreateChecked(x))), tolerance);
        Unary<N, T>(N.Log1p, x => T.CreateChecked(ScalarMath.Log1p(double.CreateChecked(x))), tolerance);
        Unary<N, T>(N.Erf, x => T.CreateChecked(ScalarMath.Erf(double.CreateChecked(x))), tolerance);
        Binary<N, T>((a, b) => a + b, (a, b) => a + b, 0);
        Binary<N, T>((a, b) => a - b, (a, b) => a - b, 0);
        Binary<N, T>((a, b) => a * b, (a, b) => a * b, 0);
        Binary<N, T>((a, b) => a / b, (a, b) => a / b, 0);
        Binary<N, T>(N.Max, T.Max, 0);
        Binary<N, T>(N.Min, T.Min, 0);
        Binary<N, T>(N.Pow, T.Pow, tolerance);
        Binary<N, T>((a, b) => N.MultiplyAdd(a, b, 2.0), (a, b) => T.FusedMultiplyAdd(a, b, T.One + T.One), tolerance);
        Binary<N, T>((a, b) => N.IfGreater(a, b, a, 3.0), (a, b) => a > b ? a : T.CreateChecked(3), 0);
        Binary<N, T>((a, b) => N.IfGreaterOrEqual(a, b, a, 3.0), (a, b) => a >= b ? a : T.CreateChecked(3), 0);
        Binary<N, T>((a, b) => N.IfEqual(a, b, a, 3.0), (a, b) => a == b ? a : T.CreateChecked(3), 0);
    }

    private static void Unary<N, T>(Func<N, N> function, Func<T, T> scalar, double tolerance)
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Binary<N, T>((a, _) => function(a), (a, _) => scalar(a), tolerance);

    private static void Binary<N, T>(Func<N, N, N> function, Func<T, T, T> scalar, double tolerance)
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var a = new T[N.Count];
        var b = new T[N.Count];
        var result = new T[N.Count];
        for (var start = 0; start < Values.Length * Values.Length; start += N.Count)
        {
            for (var lane = 0; lane < N.Count; lane++)
            {
                var pair = (start + lane) % (Values.Length * Values.Length);
                a[lane] = T.CreateChecked(Values[pair / Values.Length]);
                b[lane] = T.CreateChecked(Values[pair % Values.Length]);
            }
            N.Store(function(N.Load(ref a[0]), N.Load(ref b[0])), ref result[0]);
            for (var lane = 0; lane < N.Count; lane++)
            {
                var expected = scalar(a[lane], b[lane]);
                var close = tolerance == 0
                    ? expected == result[lane] && T.IsNegative(expected) == T.IsNegative(result[lane])
                    : expected == result[lane] || T.Abs(expected - result[lane]) <= T.CreateChecked(tolerance) * T.Abs(expected);
                Assert.True(
                    close || (T.IsNaN(expected) && T.IsNaN(result[lane])),
                    $"{typeof(N)} of {a[lane]}, {b[lane]}: {result[lane]} instead of {expected}");
            }
        }
    }
}
