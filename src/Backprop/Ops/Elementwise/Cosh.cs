using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = (eˣ + e⁻ˣ)/2, y′ = (eˣ − e⁻ˣ)/2</summary>
    internal readonly struct CoshRule : IUnaryRule
    {
        public static string Name => "cosh";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N>
        {
            // Far out eˣ overflows before its half does: there the square of e^(x/2). What is not chosen stays finite, so that slopes of slopes do.
            var near = N.Max(N.Min(x, 81), -81);
            var root = N.Exp(0.5 * N.Abs(x));
            var far = 0.5 * root * root;
            return N.IfGreater(N.Abs(x), 80, far, 0.5 * (N.Exp(near) + N.Exp(-near)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => SinhRule.Value(x);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The hyperbolic cosine, element by element.</summary>
        public Tensor Cosh() => Elementwise.Apply<CoshRule>(this);
    }
}
