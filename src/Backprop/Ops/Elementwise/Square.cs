using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x², y′ = 2x</summary>
    internal readonly struct SquareRule : IUnaryRule
    {
        public static string Name => "square";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => x * x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 2 * x;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x², element by element.</summary>
        public Tensor Square() => Elementwise.Apply<SquareRule>(this);
    }
}
