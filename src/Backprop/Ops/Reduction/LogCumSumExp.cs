using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y[k] = ln (e^x[0] + … + e^x[k]) along an axis. dx[j] = Σ over k ≥ j of g[k] e^(x[j] − y[k]), and 0 where y is −∞</summary>
    internal sealed unsafe class LogCumSumExp(int axis) : FusedOp
    {
        public override string Name => "log_cum_sum_exp";

        public override string Describe() => FormattableString.Invariant($"{Name}(axis={axis})");

        protected internal override Tensor Definition(in Operands inputs)
        {
            var sums = Doubling.Scan(inputs[0], axis, (a, b) => a.LogAddExp(b));
            return Tensor.Where(sums.EqualTo(double.NegativeInfinity), double.NegativeInfinity, sums);
        }

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            LastAxis.Check(Name, inputs[0]);
            return ResultSpec.Like(inputs[0]);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var (outer, length, inner) = x.Around(axis);
            fixed (byte* from = x.Bytes(), to = output.Bytes())
            {
                if (x.DType == DType.Float32)
                {
                    Scans.LogSumExp((float*)from, (float*)to, outer, length, inner);
                }
                else
                {
                    Scans.LogSumExp((double*)from, (double*)to, outer, length, inner);
                }
            }
        }

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var (x, y, g) = (adjoint.Input(0).Dense(), adjoint.Output, adjoint.Gradient.Dense());
            var (outer, length, inner) = x.Around(axis);
            var target = adjoint.Buffer(0, out var accumulate);
            fixed (byte* px = x.Bytes(), py = y.Bytes(), pg = g.Bytes(), dx = target.Bytes())
            {
                if (g.DType == DType.Float32)
                {
                    ScanGradients.LogSumExp((float*)px, (float*)py, (float*)pg, (float*)dx, outer, length, inner, accumulate);
                }
                else
                {
                    ScanGradients.LogSumExp((double*)px, (double*)py, (double*)pg, (double*)dx, outer, length, inner, accumulate);
                }
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>ln of the sums of eˣ so far along an axis, without overflow: y[k] = ln (e^x[0] + … + e^x[k]).</summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <remarks>As long as there has been nothing but −∞, the result is −∞ and its gradient 0.</remarks>
        /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist.</exception>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor LogCumSumExp(int axis)
        {
            var (x, along) = LineAxis.Of("log_cum_sum_exp", Wide, axis);
            return LineAxis.Back(new LogCumSumExp(along).Apply(x), this).To(DType);
        }
    }
}
