using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ln(1 + x), y′ = 1/(1 + x)</summary>
    internal readonly struct Log1pRule : IUnaryRule
    {
        public static string Name => "log1p";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Log1p(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1 / (1 + x);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>ln(1 + x), accurate near 0, element by element.</summary>
        public Tensor Log1p() => Elementwise.Apply<Log1pRule>(this);
    }
}
