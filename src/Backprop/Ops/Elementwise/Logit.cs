using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ln(x/(1 − x)), y′ = 1/(x (1 − x))</summary>
    internal readonly struct LogitRule : IUnaryRule
    {
        public static string Name => "logit";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.IfGreater(x, 0.25, N.Log1p(((2 * x) - 1) / (1 - x)), N.Log(x / (1 - x)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1 / (x * (1 - x));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>ln(x/(1 − x)), element by element: the inverse of <see cref="Sigmoid"/>; NaN outside [0, 1].</summary>
        /// <remarks><see cref="Clamp(double, double)"/> first to stay away from ±∞.</remarks>
        public Tensor Logit() => Elementwise.Apply<LogitRule>(this);
    }
}
