using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>What the distances and angles of vectors share.</summary>
    internal static class VectorPairs
    {
        /// <summary>(Σ |x|ᵖ)^(1/p), the axis kept as 1; 0 of no elements.</summary>
        public static Tensor Of(Tensor x, double p, int axis) => x.Norm(x.Shape[axis] == 0 ? 1 : p, axis, keepDimensions: true);

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
            VectorPairs.Check(Name, this, other);
            var shape = Layout.Broadcast(Name, Shape, other.Shape);
            axis = Error.CheckAxis(Name, axis, shape.Length);
            if (!(epsilon > 0) || !double.IsFinite(epsilon))
            {
                throw Error.Range(Name, nameof(epsilon), epsilon, "finite and above 0");
            }

            return (Unit(Wide) * Unit(other.Wide)).Sum(axis).To(DType);

            // Vectors that are repeated along other axes are measured once.
            Tensor Unit(Tensor x)
            {
                var own = axis - (shape.Length - x.Rank);
                if (own < 0 || x.Shape[own] != shape[axis])
                {
                    (x, own) = (x.Expand(shape), axis);
                }

                return x / VectorPairs.Of(x, 2, own).Clamp(epsilon);
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
            VectorPairs.Check(Name, this, other);
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

            var distance = VectorPairs.Of(Wide - other.Wide + epsilon, p, Rank - 1);
            return (keepDimensions ? distance : distance.Squeeze(-1)).To(DType);
        }
    }
}
