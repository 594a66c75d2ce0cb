using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = eˣ, y′ = y</summary>
    internal readonly struct ExpRule : IUnaryRule
    {
        public static string Name => "exp";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Exp(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => y;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>eˣ, element by element.</summary>
        public Tensor Exp() => Elementwise.Apply<ExpRule>(this);
    }
}
