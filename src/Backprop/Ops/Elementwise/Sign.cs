using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = sign x (NaN stays), y′ = 0</summary>
    internal readonly struct SignRule : IUnaryRule
    {
        public static string Name => "sign";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.IfGreater(x, 0, 1, N.IfGreater(0, x, -1, N.IfEqual(x, 0, 0, x)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 0;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>−1, 0 or 1, element by element. The gradient is 0.</summary>
        public Tensor Sign() => Elementwise.Apply<SignRule>(this);
    }
}
