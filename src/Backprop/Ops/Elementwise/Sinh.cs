using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = (eˣ − e⁻ˣ)/2, y′ = (eˣ + e⁻ˣ)/2</summary>
    internal readonly struct SinhRule : IUnaryRule
    {
        public static string Name => "sinh";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N>
        {
            // Far out eˣ overflows before its half does: there the square of e^(x/2). What is not chosen stays finite, so that slopes of slopes do.
            var near = N.Max(N.Min(x, 81), -81);
            var root = N.Exp(0.5 * N.Abs(x));
            var far = 0.5 * root * root;
            return N.IfGreater(N.Abs(x), 80, N.IfGreater(0, x, -far, far), 0.5 * (N.Expm1(near) - N.Expm1(-near)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => CoshRule.Value(x);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The hyperbolic sine, element by element.</summary>
        public Tensor Sinh() => Elementwise.Apply<SinhRule>(this);
    }
}
