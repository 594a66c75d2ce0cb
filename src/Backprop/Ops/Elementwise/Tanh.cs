using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = tanh x, y′ = 1 − y²</summary>
    internal readonly struct TanhRule : IUnaryRule
    {
        public static string Name => "tanh";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Tanh(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1 - (y * y);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The hyperbolic tangent, element by element.</summary>
        public Tensor Tanh() => Elementwise.Apply<TanhRule>(this);
    }
}
