using Backprop;

namespace CustomOp;

/// <summary>
/// An elementwise function: swish, y = x σ(x). Value and slope, over a number of any kind: a SIMD register in the kernels, a tensor where
/// derivatives of higher order are wanted.
/// </summary>
public readonly struct SwishRule : IUnaryRule
{
    public static string Name => "swish";

    public static N Value<N>(N x)
        where N : IReal<N> => x * N.Sigmoid(x);

    public static N Slope<N>(N x, N y) // y′ = σ + y (1 − σ)
        where N : IReal<N>
    {
        var s = N.Sigmoid(x);
        return s + (y * (1 - s));
    }
}
