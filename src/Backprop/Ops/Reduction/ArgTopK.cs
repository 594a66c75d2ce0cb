using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Which of the elements along an axis, and in which order.</summary>
    [Flags]
    internal enum TopKinds
    {
        SmallestByPosition = 0,
        Largest = 1,
        ByRank = 2,
    }

    /// <summary>Where the k largest or smallest elements along an axis are. Of equal elements the first are taken.</summary>
    internal sealed unsafe class ArgTopK(int axis, int k, TopKinds kinds) : Op
    {
        public override string Name => "top_k";

        private bool Largest => (kinds & TopKinds.Largest) != 0;

        private bool ByRank => (kinds & TopKinds.ByRank) != 0;

        public override string Describe() => FormattableString.Invariant($"{Name}(k={k}, axis={axis}, {(Largest ? "largest" : "smallest")})");

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var shape = inputs[0].Shape.ToArray();
            if (k < 0 || k > shape[axis])
            {
                throw Error.Range(Name, nameof(k), k, FormattableString.Invariant($"from 0 to {shape[axis]}, the size of axis {axis}"));
            }

            shape[axis] = k;
            return new ResultSpec(shape, DType.Int64);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var (outer, length, inner) = x.Around(axis);
            if (k == 0)
            {
                return;
            }

            fixed (byte* from = x.Bytes(), bytes = output.Bytes())
            {
                var to = (long*)bytes;
                switch (x.DType)
                {
                    case DType.Float32: Ranking.Top((float*)from, to, outer, length, inner, k, Largest, ByRank); break;
                    case DType.Float64: Ranking.Top((double*)from, to, outer, length, inner, k, Largest, ByRank); break;
                    case DType.Int32: Ranking.Top((int*)from, to, outer, length, inner, k, Largest, ByRank); break;
                    case DType.Int64: Ranking.Top((long*)from, to, outer, length, inner, k, Largest, ByRank); break;
                    case DType.Bool: Ranking.Top(from, to, outer, length, inner, k, Largest, ByRank); break;
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
        /// <summary>The k largest or smallest elements along an axis, and where they are.</summary>
        /// <param name="k">How many, from 0 to the size of the axis.</param>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <param name="largest">The largest, or else the smallest.</param>
        /// <param name="sorted">The most extreme first, or else in the order of their positions.</param>
        /// <returns>Values, whose gradient goes back to where they came from, and their positions along the axis, int64.</returns>
        /// <remarks>Of equal elements the first are taken; NaN counts as the largest.</remarks>
        /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist, or has fewer elements.</exception>
        public (Tensor Values, Tensor Indices) TopK(int k, int axis = -1, bool largest = true, bool sorted = true)
        {
            var (x, along) = LineAxis.Of("top_k", this, axis);
            var kinds = (largest ? TopKinds.Largest : 0) | (sorted ? TopKinds.ByRank : 0);
            var positions = new ArgTopK(along, k, kinds).Apply(x);
            var values = x.Gather(along, positions);

            // No element of a scalar is a vector of none.
            return k == 0 ? (values, positions) : (LineAxis.Back(values, this), LineAxis.Back(positions, this));
        }
    }
}
