using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ln(x + √(x² − 1)), y′ = 1/√(x² − 1)</summary>
    internal readonly struct AcoshRule : IUnaryRule
    {
        public static string Name => "acosh";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N>
        {
            // In t = x − 1, which is exact near 1; where 1 no longer counts, ln 2x does not overflow.
            // Two roots, so that there is none of a product of negative numbers below −1.
            var t = x - 1;
            return N.IfGreater(x, 1e8, N.Log(x) + 0.6931471805599453, N.Log1p(t + (N.Sqrt(t) * N.Sqrt(t + 2))));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1 / (N.Sqrt(x - 1) * N.Sqrt(x + 1));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The inverse hyperbolic cosine, element by element; NaN below 1.</summary>
        public Tensor Acosh() => Elementwise.Apply<AcoshRule>(this);
    }
}
