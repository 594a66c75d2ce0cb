using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Where the element of a rank along an axis is: the k-th smallest, or the lower median. The axis stays with size 1.</summary>
    internal sealed unsafe class ArgRank(int axis, int k, bool isMedian) : Op
    {
        public override string Name => isMedian ? "median" : "kth_value";

        public override string Describe() =>
            isMedian ? FormattableString.Invariant($"{Name}(axis={axis})") : FormattableString.Invariant($"{Name}(k={k}, axis={axis})");

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var x = inputs[0];
            var shape = x.Shape.ToArray();
            var size = shape[axis];
            shape[axis] = 1;
            if (x.DType == DType.Bool)
            {
                throw Error.DType(Name, x.DType, "convert with To(DType.Int64) first.");
            }

            if (!isMedian && (k < 1 || k > size))
            {
                var legal = size == 0 ? $"nothing: axis {axis} is empty" : FormattableString.Invariant($"from 1 to {size}, the size of axis {axis}");
                throw Error.Range(Name, nameof(k), k, legal);
            }

            return size > 0 || shape.Contains(0)
                ? new ResultSpec(shape, DType.Int64)
                : throw Error.Shape(Name, $"there is no median of no elements, in shape {Error.Text(x.Shape)}.");
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var (outer, length, inner) = x.Around(axis);
            var rank = isMedian ? (length - 1) / 2 : k - 1;
            fixed (byte* from = x.Bytes(), bytes = output.Bytes())
            {
                var to = (long*)bytes;
                switch (x.DType)
                {
                    case DType.Float32: Ranking.Select((float*)from, to, outer, length, inner, rank, isMedian); break;
                    case DType.Float64: Ranking.Select((double*)from, to, outer, length, inner, rank, isMedian); break;
                    case DType.Int32: Ranking.Select((int*)from, to, outer, length, inner, rank, isMedian); break;
                    case DType.Int64: Ranking.Select((long*)from, to, outer, length, inner, rank, isMedian); break;
                    default: throw Error.DType(Name, x.DType, "convert with To(DType.Float32) first.");
                }
            }
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) =>
            throw new InvalidOperationException($"{Name}: a position has no gradient.");
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// The median of all elements, the lower one of an even number; NaN if any is NaN. The gradient goes to the first element of that value.
        /// </summary>
        /// <exception cref="ShapeException">There are no elements.</exception>
        /// <exception cref="DTypeException">The tensor is bool.</exception>
        public Tensor Median()
        {
            var x = Flatten();
            return x.Gather(0, new ArgRank(0, 0, isMedian: true).Apply(x)).Reshape();
        }

        /// <summary>The medians along an axis, the lower one of an even number, and where they are; NaN if any is NaN.</summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <param name="keepDimensions">Whether the axis stays, with size 1.</param>
        /// <returns>Values, whose gradient goes to the elements chosen, and their positions along the axis, int64: the first of equals.</returns>
        /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist.</exception>
        /// <exception cref="ShapeException">There are no elements to choose from.</exception>
        /// <exception cref="DTypeException">The tensor is bool.</exception>
        public (Tensor Values, Tensor Indices) Median(int axis, bool keepDimensions = false) => OfRank("median", axis, keepDimensions, 0, isMedian: true);

        /// <summary>The k-th smallest elements along an axis, and where they are. NaN counts as the largest.</summary>
        /// <param name="k">From 1, the smallest, to the size of the axis.</param>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <param name="keepDimensions">Whether the axis stays, with size 1.</param>
        /// <returns>Values, whose gradient goes to the elements chosen, and their positions along the axis, int64.</returns>
        /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist, or has fewer elements.</exception>
        /// <exception cref="DTypeException">The tensor is bool.</exception>
        public (Tensor Values, Tensor Indices) KthValue(int k, int axis = -1, bool keepDimensions = false) =>
            OfRank("kth_value", axis, keepDimensions, k, isMedian: false);

        private (Tensor Values, Tensor Indices) OfRank(string operation, int axis, bool keepDimensions, int k, bool isMedian)
        {
            var (x, along) = LineAxis.Of(operation, this, axis);
            var positions = new ArgRank(along, k, isMedian).Apply(x);
            var values = x.Gather(along, positions);
            return keepDimensions && Rank > 0 ? (values, positions) : (values.Squeeze(along), positions.Squeeze(along));
        }
    }
}
