using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ln Σ eˣ along the last axis, which goes. dx = g e^(x − y), and 0 where y = −∞</summary>
    internal sealed unsafe class LogSumExp : FusedOp
    {
        public static readonly LogSumExp Instance = new();

        public override string Name => "log_sum_exp";

        protected internal override Tensor Definition(in Operands inputs)
        {
            var x = inputs[0];
            if (x.Shape[^1] == 0)
            {
                return x.Sum(-1) + double.NegativeInfinity;
            }

            var shift = LastAxis.Shift(x);
            var sum = (x - shift).Exp().Sum(-1);
            var isZero = sum.EqualTo(0);
            return Tensor.Where(isZero, double.NegativeInfinity, Tensor.Where(isZero, 1, sum).Log()) + shift.Squeeze(-1);
        }

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            LastAxis.Check(Name, inputs[0]);
            return new ResultSpec(inputs[0].Shape[..^1], inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var columns = x.Shape[^1];
            if (columns == 0)
            {
                output.FillStorage(double.NegativeInfinity);
                return;
            }

            fixed (byte* px = x.Bytes(), py = output.Bytes())
            {
                if (output.DType == DType.Float32)
                {
                    Kernels.Softmax.LogSumExp((float*)px, (float*)py, output.Count, columns);
                }
                else
                {
                    Kernels.Softmax.LogSumExp((double*)px, (double*)py, output.Count, columns);
                }
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Input0 | Saved.Output;

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            if (adjoint.Axis is { } axis)
            {
                adjoint.Along(axis);
            }
            else
            {
                base.DifferentiatePerSample(adjoint);
            }
        }

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var (x, y, g) = (adjoint.Input(0).Dense(), adjoint.Output, adjoint.Gradient.Dense());
            var target = adjoint.Buffer(0, out var accumulate);
            var (rows, columns) = LastAxis.Rows(x);
            fixed (byte* px = x.Bytes(), py = y.Bytes(), pg = g.Bytes(), dx = target.Bytes())
            {
                if (g.DType == DType.Float32)
                {
                    Kernels.Softmax.LogSumExpGradient((float*)px, (float*)py, (float*)pg, (float*)dx, rows, columns, accumulate);
                }
                else
                {
                    Kernels.Softmax.LogSumExpGradient((double*)px, (double*)py, (double*)pg, (double*)dx, rows, columns, accumulate);
                }
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>ln Σ eˣ over all elements, without overflow.</summary>
        public Tensor LogSumExp() => LogSumExp([]);

        /// <summary>ln Σ eˣ along an axis, without overflow.</summary>
        public Tensor LogSumExp(int axis, bool keepDimensions = false) => LogSumExp([axis], keepDimensions);

        /// <summary>ln Σ eˣ over several axes, or all if none are named, without overflow; −∞ over no elements.</summary>
        /// <remarks>
        /// Elements of −∞ add nothing and get the gradient 0; where all are −∞, so is the result, and all gradients are 0. x.Exp().Sum().Log() gives NaN there.
        /// </remarks>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor LogSumExp(ReadOnlySpan<int> axes, bool keepDimensions = false)
        {
            var which = Axes.Of("log_sum_exp", this, axes);
            var result = Ops.LogSumExp.Instance.Run(new Operands(which.MoveLast(Wide)));
            return result.Reshape(keepDimensions ? which.Kept(Shape) : which.Without(Shape)).To(DType);
        }
    }
}
