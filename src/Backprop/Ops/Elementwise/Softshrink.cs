using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x moved towards 0 by λ, not beyond</summary>
    internal readonly struct SoftshrinkRule(double threshold) : IParametricUnaryRule
    {
        public string Name => "softshrink";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Value<N>(N x)
            where N : IReal<N> => x - N.Min(N.Max(x, -threshold), threshold);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreaterOrEqual(threshold, N.Abs(x), 0, 1);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x moved towards 0 by <paramref name="threshold"/>, not beyond. The gradient at the threshold is 0.</summary>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="threshold"/> is negative or NaN.</exception>
        public Tensor Softshrink(double threshold = 0.5) => threshold >= 0
            ? Elementwise.Apply(new SoftshrinkRule(threshold), this)
            : throw Error.Range("softshrink", nameof(threshold), threshold, "at least 0");
    }
}
