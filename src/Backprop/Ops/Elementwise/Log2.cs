using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = log₂ x, y′ = 1/(x ln 2)</summary>
    internal readonly struct Log2Rule : IUnaryRule
    {
        public static string Name => "log2";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => 1.4426950408889634 * N.Log(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1.4426950408889634 / x;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The logarithm to base 2, element by element; NaN below 0.</summary>
        public Tensor Log2() => Elementwise.Apply<Log2Rule>(this);
    }
}
