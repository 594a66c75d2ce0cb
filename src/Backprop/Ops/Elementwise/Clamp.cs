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

        /// <summary>
        /// min(max(x, low), high) with a bound for each element, broadcasting. The gradient goes to this tensor where it is within its bounds, which are
        /// included, and else to the bound that it was replaced by.
        /// </summary>
        /// <param name="low">The lower bounds, in this tensor's dtype; null for none. A bound that is NaN is none either.</param>
        /// <param name="high">The upper bounds, likewise. Where low exceeds high, the result is high.</param>
        /// <exception cref="ShapeException">The shapes don't broadcast.</exception>
        /// <exception cref="DTypeException">The dtypes differ, or are bool.</exception>
        public Tensor Clamp(Tensor? low, Tensor? high)
        {
            if (DType == DType.Bool)
            {
                throw Error.DType("clamp", DType, "convert with To(DType.Int64) first.");
            }

            (low, high) = (Bound(low), Bound(high));
            var shape = Shape.ToArray();
            foreach (var bound in new[] { low, high })
            {
                shape = bound is null ? shape : Layout.Broadcast("clamp", shape, bound.Shape);
            }

            var result = low is null ? this : Where(this < low, low, this);
            return high is null ? result : Where(result > high, high, result);

            Tensor? Bound(Tensor? bound)
            {
                bound = bound?.Adopt("clamp", DType);
                return bound is null || bound.DType == DType ? bound : throw Error.DTypesDiffer("clamp", DType, bound.DType);
            }
        }
    }
}
