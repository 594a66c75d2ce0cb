using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = min(max(x, low), high), y′ = 1 between low and high, both excluded</summary>
    internal readonly struct HardtanhRule(double low, double high) : IParametricUnaryRule
    {
        public string Name => "hardtanh";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Value<N>(N x)
            where N : IReal<N> => N.Min(N.Max(x, low), high);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreaterOrEqual(low, x, 0, N.IfGreaterOrEqual(x, high, 0, 1));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Like <see cref="Clamp(double, double)"/>, but the gradient at the bounds is 0.</summary>
        /// <param name="low">The lower bound.</param>
        /// <param name="high">The upper bound, above <paramref name="low"/>.</param>
        /// <exception cref="ArgumentOutOfRangeException">The bounds are not in order.</exception>
        public Tensor Hardtanh(double low = -1, double high = 1) => low < high
            ? Elementwise.Apply(new HardtanhRule(low, high), this)
            : throw Error.Range("hardtanh", nameof(low), low, FormattableString.Invariant($"below high, {high}"));
    }
}
