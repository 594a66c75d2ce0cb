using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Where the largest or smallest element so far is along an axis; the latest of equals.</summary>
    internal sealed unsafe class CumExtreme(int axis, bool largest) : Op
    {
        public override string Name => largest ? "cum_max" : "cum_min";

        public override string Describe() => FormattableString.Invariant($"{Name}(axis={axis})");

        protected internal override ResultSpec Infer(in Operands inputs) => inputs[0].DType == DType.Bool
            ? throw Error.DType(Name, DType.Bool, "convert with To(DType.Int64) first.")
            : new ResultSpec(inputs[0].Shape, DType.Int64);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var (outer, length, inner) = x.Around(axis);
            fixed (byte* from = x.Bytes(), bytes = output.Bytes())
            {
                var to = (long*)bytes;
                switch (x.DType)
                {
                    case DType.Float32: CumulativeExtremes.Find((float*)from, to, outer, length, inner, largest); break;
                    case DType.Float64: CumulativeExtremes.Find((double*)from, to, outer, length, inner, largest); break;
                    case DType.Int32: CumulativeExtremes.Find((int*)from, to, outer, length, inner, largest); break;
                    case DType.Int64: CumulativeExtremes.Find((long*)from, to, outer, length, inner, largest); break;
                    default: throw Error.DType(Name, x.DType, "use a numeric dtype.");
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
        /// <summary>The largest elements so far along an axis, and where they are. A NaN is the largest from there on.</summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <returns>Values, whose gradient goes to the elements chosen, and their positions along the axis, int64: the latest of equals.</returns>
        /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist.</exception>
        /// <exception cref="DTypeException">The tensor is bool.</exception>
        public (Tensor Values, Tensor Indices) CumMax(int axis) => CumExtremes("cum_max", axis, largest: true);

        /// <summary>The smallest elements so far along an axis, and where they are. A NaN is the smallest from there on.</summary>
        /// <inheritdoc cref="CumMax"/>
        public (Tensor Values, Tensor Indices) CumMin(int axis) => CumExtremes("cum_min", axis, largest: false);

        private (Tensor Values, Tensor Indices) CumExtremes(string operation, int axis, bool largest)
        {
            var (x, along) = LineAxis.Of(operation, this, axis);
            var positions = new CumExtreme(along, largest).Apply(x);
            return (LineAxis.Back(x.Gather(along, positions), this), LineAxis.Back(positions, this));
        }
    }
}
