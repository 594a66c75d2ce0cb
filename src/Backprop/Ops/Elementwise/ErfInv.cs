using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = erf⁻¹ x, y′ = √π/2 · e^(y²)</summary>
    internal readonly struct ErfInvRule : IUnaryRule
    {
        public static string Name => "erf_inv";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.ErfInv(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 0.886226925452758 * N.Exp(y * y);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The inverse of <see cref="Erf"/>, element by element: ±∞ at ±1, NaN beyond.</summary>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor ErfInv() => Elementwise.Apply<ErfInvRule>(this);
    }
}
