using Backprop.Kernels;

namespace Backprop.Ops
{
    /// <summary>
    /// y = x Wᵀ (+ b) for x [..., in], W [out, in], b [out]. Gradients: g W for x, gᵀ x for W, and the column sums of g for b.
    /// </summary>
    internal sealed unsafe class Linear : FusedOp
    {
        public static readonly Linear Instance = new();

        public override string Name => "linear";

        protected internal override Tensor Definition(in Operands inputs)
        {
            var product = inputs[0].MatMul(inputs[1].T);
            return inputs.Count == 3 ? product + inputs[2] : product;
        }

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var (x, weight) = (inputs[0], inputs[1]);
            for (var i = 1; i < inputs.Count; i++)
            {
                if (inputs[i].DType != x.DType)
                {
                    throw Error.DTypesDiffer(Name, x.DType, inputs[i].DType);
                }
            }

            if (!x.DType.IsFloating())
            {
                throw Error.DType(Name, x.DType, "convert with To(DType.Float32) first.");
            }

            if (x.Rank == 0 || weight.Rank != 2)
            {
                throw Error.Shape(Name, $"x {Error.Text(x.Shape)} must have an axis and the weight {Error.Text(weight.Shape)} two: [out, in].");
            }

            if (x.Shape[^1] != weight.Shape[1])
            {
                throw Error.Shape(Name, $"the last size of x {Error.Text(x.Shape)} is not the weight's input size: {Error.Text(weight.Shape)} is "
                    + $"[out, in] ({x.Shape[^1]} ≠ {weight.Shape[1]})");
            }

            if (inputs.Count == 3 && !inputs[2].Layout.HasShape([weight.Shape[0]]))
            {
                throw Error.Shape(Name, $"the bias {Error.Text(inputs[2].Shape)} must have shape [{weight.Shape[0]}], one per output.");
            }

            return new ResultSpec([.. x.Shape[..^1], weight.Shape[0]], x.DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var (x, weight) = (inputs[0].Dense(), inputs[1].Dense());
            var bias = inputs.Count == 3 ? inputs[2].Dense() : null;
            var (outs, ins) = (weight.Shape[0], weight.Shape[1]);
            var rows = Rows(output);
            fixed (byte* px = x.Bytes(), pw = weight.Bytes(), pb = bias is null ? [] : bias.Bytes(), py = output.Bytes())
            {
                if (output.DType == DType.Float32)
                {
                    MatrixProduct.Multiply(rows, outs, ins, (float*)px, ins, false, (float*)pw, ins, true, (float*)py, outs, bias: (float*)pb);
                }
                else
                {
                    MatrixProduct.Multiply(rows, outs, ins, (double*)px, ins, false, (double*)pw, ins, true, (double*)py, outs, bias: (double*)pb);
                }
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
            2.0 * output.Count * (inputs[0]?.Sizes[^1] ?? inputs[1]?.Sizes[^1] ?? double.NaN);

        /// <summary>A bias has a sum for its gradient, not a product.</summary>
        internal override double CountGradientFlops(int input, ReadOnlySpan<Layout?> inputs, Layout output) =>
            input == 2 ? output.Count : CountFlops(inputs, output);

        protected internal override Saved Saves(int needs) => Saved.Inputs;

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var g = adjoint.Gradient.Dense();
            if (g.DType == DType.Float32)
            {
                Gradients<float>(adjoint, g);
            }
            else
            {
                Gradients<double>(adjoint, g);
            }
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            if (!adjoint.IsAlong(adjoint.Gradient.Rank - 1, out var axis))
            {
                base.DifferentiatePerSample(adjoint);
                return;
            }

            adjoint.Along(axis);
            var g = Rows(adjoint.Gradient);
            if (adjoint.Needs(1))
            {
                adjoint.AddWhole(1, g.Transpose().MatMul(Rows(adjoint.Input(0))));
            }

            if (adjoint.InputCount == 3 && adjoint.Needs(2))
            {
                adjoint.AddWhole(2, g.Sum(1));
            }

            Tensor Rows(Tensor tensor)
            {
                var front = axis.ToFront(tensor);
                return front.Reshape(axis.Samples, Layout.CheckedCount(Name, front.Shape[1..^1]), front.Shape[^1]);
            }
        }

        /// <summary>How many vectors the map is applied to, also where a vector has no elements.</summary>
        private static int Rows(Tensor y) => Layout.CheckedCount("linear", y.Shape[..^1]);

        private static void Gradients<T>(Adjoint adjoint, Tensor g)
            where T : unmanaged, System.Numerics.INumber<T>
        {
            var weight = adjoint.Input(1);
            var (outs, ins) = (weight.Shape[0], weight.Shape[1]);
            var rows = Rows(g);
            fixed (byte* pg = g.Bytes())
            {
                if (adjoint.Needs(0))
                {
                    var target = adjoint.Buffer(0, out var accumulate);
                    fixed (byte* pw = weight.Dense().Bytes(), pt = target.Bytes())
                    {
                        MatrixProduct.Multiply(rows, ins, outs, (T*)pg, outs, false, (T*)pw, ins, false, (T*)pt, ins, accumulate);
                    }
                }

                if (adjoint.Needs(1))
                {
                    var target = adjoint.Buffer(1, out var accumulate);
                    fixed (byte* px = adjoint.Input(0).Dense().Bytes(), pt = target.Bytes())
                    {
                        MatrixProduct.Multiply(outs, ins, rows, (T*)pg, outs, true, (T*)px, ins, false, (T*)pt, ins, accumulate);
                    }
                }

                if (adjoint.InputCount == 3 && adjoint.Needs(2))
                {
                    var target = adjoint.Buffer(2, out var accumulate);
                    fixed (byte* pt = target.Bytes())
                    {
                        Reductions.Sum((T*)pg, (T*)pt, 1, rows, outs, accumulate);
                    }
                }
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>An affine map of the last axis: x Wᵀ + b, in one pass.</summary>
        /// <param name="x">[..., in].</param>
        /// <param name="weight">[out, in].</param>
        /// <param name="bias">[out], or nothing.</param>
        /// <returns>[..., out].</returns>
        /// <exception cref="ShapeException">The sizes don't fit.</exception>
        public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias = null)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(weight);
            return Ops.Linear.Instance.Run(bias is null ? new Operands(x, weight) : new Operands(x, weight, bias));
        }
    }
}
