using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y[k] = x[0] + … + x[k] along an axis. dx[k] = g[k] + … + g[n − 1], which is the same backwards.</summary>
    internal sealed unsafe class CumSum(int axis, bool reverse) : Op
    {
        public override string Name => "cum_sum";

        public override string Describe() => FormattableString.Invariant($"{Name}(axis={axis}{(reverse ? ", reverse" : "")})");

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var (outer, length, inner) = x.Around(axis);
            fixed (byte* from = x.Bytes(), to = output.Bytes())
            {
                switch (x.DType)
                {
                    case DType.Float32: Scans.Sum((float*)from, (float*)to, outer, length, inner, reverse); break;
                    case DType.Float64: Scans.Sum((double*)from, (double*)to, outer, length, inner, reverse); break;
                    case DType.Int64: Scans.Sum((long*)from, (long*)to, outer, length, inner, reverse); break;
                    default: throw Error.DType(Name, x.DType, "use float32, float64 or int64.");
                }
            }
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, new CumSum(axis, !reverse).Apply(adjoint.Gradient));

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            if (adjoint.Axis is { } along)
            {
                adjoint.Along(along.Axis != axis ? along : throw adjoint.Refuse("sums along the samples."));
            }
            else
            {
                adjoint.AddWhole(0, new CumSum(axis + 1, !reverse).Apply(adjoint.Gradient));
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The sums of the elements so far along an axis: y[k] = x[0] + … + x[k]. Truth values and int32 are summed in int64, which wraps.</summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist.</exception>
        public Tensor CumSum(int axis)
        {
            var (x, along) = LineAxis.Of("cum_sum", this, axis);
            return LineAxis.Back(new CumSum(along, reverse: false).Apply(LineAxis.Widen(x)), this);
        }
    }
}
