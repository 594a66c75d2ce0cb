using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = (eˣ + e⁻ˣ)/2, y′ = (eˣ − e⁻ˣ)/2</summary>
    internal readonly struct CoshRule : IUnaryRule
    {
        public static string Name => "cosh";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => 0.5 * (N.Exp(x) + N.Exp(-x));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 0.5 * (N.Expm1(x) - N.Expm1(-x));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The hyperbolic cosine, element by element.</summary>
        public Tensor Cosh() => Elementwise.Apply<CoshRule>(this);
    }
}
