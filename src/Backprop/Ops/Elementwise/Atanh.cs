using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ln((1 + x)/(1 − x))/2, y′ = 1/(1 − x²)</summary>
    internal readonly struct AtanhRule : IUnaryRule
    {
        public static string Name => "atanh";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N>
        {
            var a = N.Abs(x);
            var y = 0.5 * N.Log1p(2 * a / (1 - a));
            return N.IfGreater(0, x, -y, y);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1 / ((1 - x) * (1 + x));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The inverse hyperbolic tangent, element by element; NaN outside [−1, 1].</summary>
        public Tensor Atanh() => Elementwise.Apply<AtanhRule>(this);
    }
}
