using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>The p-norm along an axis without overflow, and with the gradient 0 at 0.</summary>
    internal static class SafeNorm
    {
        /// <summary>(Σ |x|ᵖ)^(1/p), the axis kept as 1. The largest element is taken out first, so that no power overflows or vanishes.</summary>
        public static Tensor Of(Tensor x, double p, int axis)
        {
            if (p == 1 || x.Shape[axis] == 0)
            {
                return x.Abs().Sum(axis, keepDimensions: true);
            }

            if (double.IsPositiveInfinity(p))
            {
                return x.Abs().Max(axis, keepDimensions: true);
            }

            Tensor scale;
            using (Recording.Pause())
            {
                // A norm doesn't depend on how it is scaled, so the scale is a constant.
                var largest = x.Detach().Abs().Max(axis, keepDimensions: true);
                scale = Tensor.Where((largest > 0) & (largest < double.PositiveInfinity), largest, 1);
            }

            var ratio = x / scale;
            var sum = (p == 2 ? ratio.Square() : ratio.Abs().Pow(p)).Sum(axis, keepDimensions: true);
            var isZero = sum.EqualTo(0);
            var safe = Tensor.Where(isZero, 1, sum);
            return scale * Tensor.Where(isZero, 0, p == 2 ? safe.Sqrt() : safe.Pow(1 / p));
        }

        public static void Check(string operation, Tensor x, Tensor other)
        {
            ArgumentNullException.ThrowIfNull(other);
            if (x.DType != other.DType)
            {
                throw Error.DTypesDiffer(operation, x.DType, other.DType);
            }

            LastAxis.Check(operation, x);
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// The cosine of the angle between the vectors along an axis: x · y / (max(‖x‖, ε) max(‖y‖, ε)). No vector is too long or too short for it;
        /// vectors of length 0 have the similarity 0.
        /// </summary>
        /// <param name="other">y, of the same dtype. The shapes broadcast: [N, 1, D] and [M, D] give [N, M].</param>
        /// <param name="axis">The axis of the vectors in the broadcast shape, which goes; negative counts from the end.</param>
        /// <param name="epsilon">ε, above 0: what a length is at least.</param>
        /// <exception cref="ShapeException">The shapes don't broadcast.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or <paramref name="epsilon"/> is not above 0.</exception>
        public Tensor CosineSimilarity(Tensor other, int axis = -1, double epsilon = 1e-8)
        {
            const string Name = "cosine_similarity";
            SafeNorm.Check(Name, this, other);
            var shape = Layout.Broadcast(Name, Shape, other.Shape);
            axis = Error.CheckAxis(Name, axis, shape.Length);
            if (!(epsilon > 0) || !double.IsFinite(epsilon))
            {
                throw Error.Range(Name, nameof(epsilon), epsilon, "finite and above 0");
            }

            return (Unit(this) * Unit(other)).Sum(axis);

            // Vectors that are repeated along other axes are measured once.
            Tensor Unit(Tensor x)
            {
                var own = axis - (shape.Length - x.Rank);
                if (own < 0 || x.Shape[own] != shape[axis])
                {
                    (x, own) = (x.Expand(shape), axis);
                }

                return x / SafeNorm.Of(x, 2, own).Clamp(epsilon);
            }
        }

        /// <summary>The distances ‖x − y + ε‖ₚ of the vectors along the last axis, pair by pair.</summary>
        /// <param name="other">y, in the same shape and dtype; nothing is broadcast.</param>
        /// <param name="p">The norm, above 0: (Σ |d|ᵖ)^(1/p); infinity is the largest |d|.</param>
        /// <param name="epsilon">ε, at least 0: moves equal vectors away from the kink at 0.</param>
        /// <param name="keepDimensions">Whether the last axis stays, with size 1.</param>
        /// <remarks>The gradient at a distance of exactly 0 is 0.</remarks>
        /// <exception cref="ShapeException">The shapes differ, or are of scalars.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        /// <exception cref="ArgumentOutOfRangeException">p is not above 0, or <paramref name="epsilon"/> not finite and at least 0.</exception>
        public Tensor PairwiseDistance(Tensor other, double p = 2, double epsilon = 1e-6, bool keepDimensions = false)
        {
            const string Name = "pairwise_distance";
            SafeNorm.Check(Name, this, other);
            if (Rank == 0 || !Shape.SequenceEqual(other.Shape))
            {
                throw Error.Shape(Name, $"{Error.Text(Shape)} and {Error.Text(other.Shape)} must have the same shape, of vectors [N, D] or [D]; "
                    + "nothing is broadcast here.");
            }

            if (!(p > 0))
            {
                throw Error.Range(Name, nameof(p), p, "above 0");
            }

            if (!(epsilon >= 0) || !double.IsFinite(epsilon))
            {
                throw Error.Range(Name, nameof(epsilon), epsilon, "finite and at least 0");
            }

            var distance = SafeNorm.Of(this - other + epsilon, p, Rank - 1);
            return keepDimensions ? distance : distance.Squeeze(-1);
        }
    }
}
