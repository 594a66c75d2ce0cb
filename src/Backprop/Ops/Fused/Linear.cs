using Backprop.Kernels;

namespace Backprop.Ops
{
    /// <summary>
    /// y = x Wᵀ (+ b) for x [..., in], W [out, in], b [out]. Gradients: g W for x, gᵀ x for W, and the column sums of g for b.
    /// </summary>
    internal sealed unsafe class Linear : FusedOp
    {
        public static readonly Linear Instance = new();

        private const int ChunkBytes = 768 * 1024;

        /// <summary>Fewer rows at a time cost more in products than they save.</summary>
        private const int LeastChunk = 256;

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
            var hasBias = adjoint.InputCount == 3;
            bool addX = false, addWeight = false, addBias = false;
            var dx = adjoint.Needs(0) ? adjoint.Buffer(0, out addX) : null;
            var dw = adjoint.Needs(1) ? adjoint.Buffer(1, out addWeight) : null;
            var db = hasBias && adjoint.Needs(2) ? adjoint.Buffer(2, out addBias) : null;
            var x = dw is null ? null : adjoint.Input(0).Dense();
            var w = dx is null ? null : weight.Dense();
            var rows = Rows(g);
            var chunk = ChunkRows(rows, (long)(outs + (2 * (long)ins)) * sizeof(T));
            fixed (byte* pg = g.Bytes(), px = Bytes(x), pw = Bytes(w), tx = Bytes(dx), tw = Bytes(dw), tb = Bytes(db))
            {
                // What all three read passes the cache once.
                for (var row = 0; row == 0 || row < rows; row += chunk)
                {
                    var count = Math.Min(chunk, rows - row);
                    var (from, to) = ((nint)row * ins, (nint)row * outs);
                    if (db is not null)
                    {
                        Reductions.Sum((T*)pg + to, (T*)tb, 1, count, outs, addBias || row > 0);
                    }

                    if (dw is not null)
                    {
                        MatrixProduct.Multiply(outs, ins, count, (T*)pg + to, outs, true, (T*)px + from, ins, false, (T*)tw, ins, addWeight || row > 0);
                    }

                    if (dx is not null)
                    {
                        MatrixProduct.Multiply(count, ins, outs, (T*)pg + to, outs, false, (T*)pw, ins, false, (T*)tx + from, ins, addX);
                    }
                }
            }
        }

        /// <summary>Rows that the gradients take at a time: no more than stay in the second-level cache, yet many.</summary>
        private static int ChunkRows(int rows, long bytesPerRow)
        {
            var chunks = (int)Math.Clamp(rows * bytesPerRow / ChunkBytes, 1, Math.Max(1, rows / LeastChunk));
            return Math.Max(1, ((rows + chunks - 1) / chunks + 15) / 16 * 16);
        }

        private static Span<byte> Bytes(Tensor? tensor) => tensor is null ? [] : tensor.Bytes();
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
