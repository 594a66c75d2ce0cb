using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ψ(x) = d ln Γ(x)/dx, y′ = ψ′(x)</summary>
    internal readonly struct DigammaRule : IUnaryRule
    {
        public static string Name => "digamma";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Polygamma(0, x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => N.Polygamma(1, x);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// ψ(x), the derivative of <see cref="LogGamma"/>, element by element: −∞ at 0, ∞ at −0, NaN at the negative integers. Its derivatives are
        /// <see cref="Polygamma"/>.
        /// </summary>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor Digamma() => Elementwise.Apply<DigammaRule>(this);
    }
}
