using System.Numerics;
using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>The positions that put the elements along an axis in order. Equal elements keep their order.</summary>
    internal sealed unsafe class ArgSort(int axis, bool descending) : Op
    {
        public override string Name => "arg_sort";

        public override string Describe() => FormattableString.Invariant($"{Name}(axis={axis}{(descending ? ", descending" : "")})");

        protected internal override ResultSpec Infer(in Operands inputs) => new(inputs[0].Shape, DType.Int64);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var (outer, length, inner) = x.Around(axis);
            fixed (byte* from = x.Bytes(), bytes = output.Bytes())
            {
                var to = (long*)bytes;
                switch (x.DType)
                {
                    case DType.Float32: Ranking.Sort((float*)from, to, outer, length, inner, descending); break;
                    case DType.Float64: Ranking.Sort((double*)from, to, outer, length, inner, descending); break;
                    case DType.Int32: Ranking.Sort((int*)from, to, outer, length, inner, descending); break;
                    case DType.Int64: Ranking.Sort((long*)from, to, outer, length, inner, descending); break;
                    case DType.Bool: Ranking.Sort(from, to, outer, length, inner, descending); break;
                    default: throw Error.DType(Name, x.DType, "convert with To(DType.Float32) first.");
                }
            }
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) =>
            throw new InvalidOperationException($"{Name}: a position has no gradient.");

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
            output.Rank == 0 || output.Count == 0 ? 0 : output.Count * (double)BitOperations.Log2((uint)output.Sizes[axis]);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The elements along an axis in order, and where they were.</summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <param name="descending">Whether the largest come first.</param>
        /// <returns>Values, whose gradient goes back to where they came from, and their positions along the axis, int64.</returns>
        /// <remarks>
        /// Equal elements keep their order, also in descending order, and −0 equals 0. NaN counts as the largest: it is last in ascending order. The first
        /// and second derivatives are those of the permutation; where two elements change places there is none.
        /// </remarks>
        /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist.</exception>
        public (Tensor Values, Tensor Indices) Sort(int axis = -1, bool descending = false)
        {
            var (x, along) = LineAxis.Of("sort", this, axis);
            var positions = new ArgSort(along, descending).Apply(x);
            return (LineAxis.Back(x.Gather(along, positions), this), LineAxis.Back(positions, this));
        }

        /// <summary>The positions, int64, that put the elements along an axis in order: those of <see cref="Sort"/>.</summary>
        /// <inheritdoc cref="Sort" path="/param"/>
        /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist.</exception>
        public Tensor ArgSort(int axis = -1, bool descending = false)
        {
            var (x, along) = LineAxis.Of("arg_sort", this, axis);
            return LineAxis.Back(new ArgSort(along, descending).Apply(x), this);
        }
    }
}
