using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = eˣ / Σ eˣ along the last axis. dx = y (g − Σ g y)</summary>
    internal sealed unsafe class Softmax : FusedOp
    {
        public static readonly Softmax Instance = new();

        public override string Name => "softmax";

        protected internal override Tensor Definition(in Operands inputs)
        {
            var x = inputs[0];
            var e = (x - LastAxis.Shift(x)).Exp();
            return e / e.Sum(-1, keepDimensions: true);
        }

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            LastAxis.Check(Name, inputs[0]);
            return ResultSpec.Like(inputs[0]);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var (rows, columns) = LastAxis.Rows(output);
            fixed (byte* x = inputs[0].Dense().Bytes(), y = output.Bytes())
            {
                if (output.DType == DType.Float32)
                {
                    Kernels.Softmax.Forward((float*)x, (float*)y, rows, columns);
                }
                else
                {
                    Kernels.Softmax.Forward((double*)x, (double*)y, rows, columns);
                }
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Input0 | Saved.Output;

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var g = adjoint.Gradient.Dense();
            var (rows, columns) = LastAxis.Rows(g);
            var target = adjoint.Buffer(0, out var accumulate);
            fixed (byte* y = adjoint.Output.Bytes(), pg = g.Bytes(), dx = target.Bytes())
            {
                if (g.DType == DType.Float32)
                {
                    Kernels.Softmax.Gradient((float*)y, (float*)pg, (float*)dx, rows, columns, accumulate);
                }
                else
                {
                    Kernels.Softmax.Gradient((double*)y, (double*)pg, (double*)dx, rows, columns, accumulate);
                }
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>eˣ / Σ eˣ along an axis, without overflow.</summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor Softmax(int axis = -1) => LastAxis.Apply(Ops.Softmax.Instance, this, axis);
    }
}
