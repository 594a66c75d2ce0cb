using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ln(x + √(x² + 1)), y′ = 1/√(x² + 1)</summary>
    internal readonly struct AsinhRule : IUnaryRule
    {
        public static string Name => "asinh";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N>
        {
            // ln(1 + a + (√(a² + 1) − 1)) is accurate near 0; where 1 no longer counts, ln 2a does not overflow.
            var a = N.Abs(x);
            var small = N.Log1p(a + (a * a / (1 + N.Sqrt(1 + (a * a)))));
            var y = N.IfGreater(a, 1e8, N.Log(a) + 0.6931471805599453, small);
            return N.IfGreater(0, x, -y, y);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1 / N.Sqrt(1 + (x * x));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The inverse hyperbolic sine, element by element.</summary>
        public Tensor Asinh() => Elementwise.Apply<AsinhRule>(this);
    }
}
