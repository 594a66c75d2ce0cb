using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = min(max(x, low), high), y′ = 1 from low to high, both included</summary>
    internal readonly struct ClampRule(double low, double high) : IParametricUnaryRule
    {
        public string Name => "clamp";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Value<N>(N x)
            where N : IReal<N> => N.Min(N.Max(x, low), high);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreaterOrEqual(x, low, N.IfGreaterOrEqual(high, x, 1, 0), 0);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Values below <paramref name="low"/> become it, values above <paramref name="high"/> become that. The gradient at the bounds is 1.</summary>
        /// <exception cref="ArgumentOutOfRangeException">A bound is NaN, the lower bound exceeds the upper, or the dtype can't hold one.</exception>
        public Tensor Clamp(double low = double.NegativeInfinity, double high = double.PositiveInfinity)
        {
            if (!(low <= high))
            {
                throw Error.Range("clamp", nameof(low), low, FormattableString.Invariant($"at most high, {high}"));
            }

            if (DType is DType.Int32 or DType.Int64)
            {
                // An integer is within infinite bounds; the ends of its range stand for them.
                low = double.IsNegativeInfinity(low) ? long.MinValue : Checked(low);
                high = double.IsPositiveInfinity(high) ? long.MaxValue : Checked(high);
            }

            return Elementwise.Apply(new ClampRule(low, high), this);

            double Checked(double bound)
            {
                CheckConstant("clamp", bound, DType);
                return bound;
            }
        }
    }
}
