using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Backprop.Kernels;

/// <summary>
/// xʸ in float32, computed in double as e^(y ln x): the 29 bits to spare absorb what the product magnifies.
/// </summary>
internal static class SinglePow
{
    /// <summary>xʸ of every pair of lanes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static Vector512<float> Pow(Vector512<float> x, Vector512<float> y)
    {
        var (xLow, xHigh) = Vector512.Widen(x);
        var (yLow, yHigh) = Vector512.Widen(y);
        return Vector512.Narrow(
            Wide<Lanes512<double>>(new(xLow), new(yLow)).Register,
            Wide<Lanes512<double>>(new(xHigh), new(yHigh)).Register);
    }

    /// <inheritdoc cref="Pow(Vector512{float}, Vector512{float})"/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static Vector256<float> Pow(Vector256<float> x, Vector256<float> y)
    {
        var (xLow, xHigh) = Vector256.Widen(x);
        var (yLow, yHigh) = Vector256.Widen(y);
        return Vector256.Narrow(
            Wide<Lanes256<double>>(new(xLow), new(yLow)).Register,
            Wide<Lanes256<double>>(new(xHigh), new(yHigh)).Register);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static N Wide<N>(N x, N y)
        where N : IReal<N>
    {
        var size = N.Abs(x);
        var power = N.Exp(y * N.Log(size));
        power = N.IfEqual(y, 0, 1, N.IfEqual(size, 1, 1, power));

        // Below zero (x + 1/x tells -0 too): odd exponents give a minus, fractions NaN, except of -0 and -infinity.
        var half = 0.5 * y;
        var signed = N.IfEqual(N.Floor(half), half, power, -power);
        var fraction = N.IfEqual(x, 0, power, N.IfEqual(size, double.PositiveInfinity, power, double.NaN));
        return N.IfGreater(0, x + 1 / x, N.IfEqual(N.Floor(y), y, signed, fraction), power);
    }
}
