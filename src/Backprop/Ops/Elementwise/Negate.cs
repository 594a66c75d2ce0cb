using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = −x, y′ = −1</summary>
    internal readonly struct NegateRule : IUnaryRule
    {
        public static string Name => "negate";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => -x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => -1;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>−x, element by element.</summary>
        public Tensor Negate() => Elementwise.Apply<NegateRule>(this);
    }
}
