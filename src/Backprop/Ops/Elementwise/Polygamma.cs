using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ψ⁽ⁿ⁾(x), y′ = ψ⁽ⁿ⁺¹⁾(x)</summary>
    internal readonly struct PolygammaRule(int order) : IParametricUnaryRule
    {
        public string Name => "polygamma";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Value<N>(N x)
            where N : IReal<N> => N.Polygamma(order, x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Slope<N>(N x, N y)
            where N : IReal<N> => N.Polygamma(order + 1, x);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The derivative of the given order of <see cref="Digamma"/>, element by element; order 0 is the digamma function itself.</summary>
        /// <param name="order">From 0 to 1000.</param>
        /// <exception cref="ArgumentOutOfRangeException">Another order.</exception>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor Polygamma(int order) => order is >= 0 and <= 1000
            ? Elementwise.Apply(new PolygammaRule(order), this)
            : throw Error.Range("polygamma", nameof(order), order, "from 0 to 1000");
    }
}
