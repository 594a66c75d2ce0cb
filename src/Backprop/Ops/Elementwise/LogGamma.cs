using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ln |Γ(x)|, y′ = ψ(x)</summary>
    internal readonly struct LogGammaRule : IUnaryRule
    {
        public static string Name => "log_gamma";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.LogGamma(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => N.Polygamma(0, x);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>ln |Γ(x)|, element by element: ∞ at 0 and the negative integers. Its derivative is <see cref="Digamma"/>.</summary>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor LogGamma() => Elementwise.Apply<LogGammaRule>(this);
    }
}
