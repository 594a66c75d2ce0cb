using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = 0 where |x| ≤ λ, x elsewhere</summary>
    internal readonly struct HardshrinkRule(double threshold) : IParametricUnaryRule
    {
        public string Name => "hardshrink";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Value<N>(N x)
            where N : IReal<N> => N.IfGreaterOrEqual(threshold, N.Abs(x), 0, x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreaterOrEqual(threshold, N.Abs(x), 0, 1);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>0 where |x| is at most <paramref name="threshold"/>, x elsewhere. The gradient at the threshold is 0.</summary>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="threshold"/> is negative or NaN.</exception>
        public Tensor Hardshrink(double threshold = 0.5) => threshold >= 0
            ? Elementwise.Apply(new HardshrinkRule(threshold), this)
            : throw Error.Range("hardshrink", nameof(threshold), threshold, "at least 0");
    }
}
