using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = log₁₀ x, y′ = 1/(x ln 10)</summary>
    internal readonly struct Log10Rule : IUnaryRule
    {
        public static string Name => "log10";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => 0.4342944819032518 * N.Log(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 0.4342944819032518 / x;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The logarithm to base 10, element by element; NaN below 0.</summary>
        public Tensor Log10() => Elementwise.Apply<Log10Rule>(this);
    }
}
