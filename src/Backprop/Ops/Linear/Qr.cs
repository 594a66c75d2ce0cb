using Backprop.Kernels.Decompositions;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// A = Q R, the elements of Q and then those of R in the last axis. Gradient of square and tall matrices: (Ġq + Q M) R⁻ᵀ, where M is the lower triangle of
    /// R Ġrᵀ − Ġqᵀ Q mirrored to the upper one (Walter and Lehmann, 2010); of wide ones that of their square part and of what Qᵀ makes of the rest.
    /// </summary>
    internal sealed unsafe class Qr(int rows, int columns) : Op
    {
        private readonly int rank = Math.Min(rows, columns);

        public override string Name => "qr";

        public Tensor Q(Tensor packed) => Matrices.Part(packed, 0, rows, rank);

        public Tensor R(Tensor packed) => Matrices.Part(packed, rows * rank, rank, columns);

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Matrices.Check(Name, inputs[0]);
            return Matrices.Packed(Name, inputs[0], ((long)rows * rank) + ((long)rank * columns));
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            fixed (byte* source = inputs[0].Dense().Bytes(), target = output.Bytes())
            {
                var work = new Work(source, target, output.DType == DType.Float32, rows, columns);
                var failure = MatrixBatch.Run(work, Matrices.Count(inputs[0].Shape), 4.0 * rows * columns * rank);
                Matrices.CheckIteration(Name, failure, inputs[0].Shape);
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
            inputs[0] is { } a ? 4.0 * a.Count * rank : double.NaN;

        protected internal override Saved Saves(int needs) => Saved.Output;

        /// <summary>It looks at numbers.</summary>
        internal override bool HasGradientKernels => true;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var (q, r) = (Q(adjoint.Output), R(adjoint.Output));
            var (gq, gr) = (Q(adjoint.Gradient), R(adjoint.Gradient).UpperTriangle());
            if (rows >= columns)
            {
                adjoint.Add(0, Tall(q, r, gq, gr));
                return;
            }

            // A = [X Y] with X = Q U square and Y = Q V.
            var rest = columns - rows;
            var (u, v) = (r.Narrow(-1, 0, rows), r.Narrow(-1, rows, rest));
            var (gu, gv) = (gr.Narrow(-1, 0, rows), gr.Narrow(-1, rows, rest));
            var y = q.MatMul(v);
            var x = Tall(q, u, gq + y.MatMul(gv.Adjoint()), gu);
            adjoint.Add(0, Tensor.Concatenate([x, q.MatMul(gv)], -1));
        }

        private Tensor Tall(Tensor q, Tensor r, Tensor gq, Tensor gr)
        {
            Gaps.CheckIndependent(Name, r);
            var m = r.MatMul(gr.Adjoint()) - gq.Adjoint().MatMul(q);
            m = m.LowerTriangle() + m.LowerTriangle(-1).Adjoint();
            return LinearAlgebra.SolveTriangular(r.Adjoint(), gq + q.MatMul(m), left: false);
        }

        private readonly struct Work(byte* source, byte* target, bool isSingle, nint rows, nint columns) : IMatrixWork
        {
            private nint Rank => Math.Min(rows, columns);

            public long Scratch => ((long)rows * columns) + ((long)rows * Rank) + Householder.Scratch(rows, columns);

            public int Run(nint index, double* scratch)
            {
                double* a = scratch, q = a + (rows * columns), rest = q + (rows * Rank);
                MatrixBatch.Load(source, isSingle, index * rows * columns, a, rows * columns);
                var exponent = Rows.Normalise(a, rows * columns);
                if (exponent == int.MinValue)
                {
                    return TridiagonalEigen.NotFinite;
                }

                Householder.Decompose(a, q, rows, columns, rest);
                for (nint i = 0; exponent != 0 && i < Rank * columns; i++)
                {
                    a[i] = Math.ScaleB(a[i], exponent);
                }

                var start = index * Rank * (rows + columns);
                MatrixBatch.Store(q, target, isSingle, start, rows * Rank);
                MatrixBatch.Store(a, target, isSingle, start + (rows * Rank), Rank * columns);
                return 0;
            }
        }
    }
}

namespace Backprop
{
    public static partial class LinearAlgebra
    {
        /// <summary>
        /// The reduced QR decomposition A = Q R: Q has orthonormal columns, R is upper triangular with a diagonal that is not negative, which makes both
        /// unique for matrices of full rank.
        /// </summary>
        /// <param name="a">Matrices [..., m, n].</param>
        /// <returns>Q [..., m, k] and R [..., k, n], with k the smaller of m and n.</returns>
        /// <remarks>
        /// The gradient needs the first k columns of A to be linearly independent, and is an error where a number on R's diagonal is below 1e-14 of the
        /// largest.
        /// </remarks>
        /// <exception cref="ShapeException">There are fewer than two axes.</exception>
        /// <exception cref="DTypeException">The dtype is not floating point.</exception>
        /// <exception cref="InvalidOperationException">An element is not finite; in the gradient: the first k columns are linearly dependent.</exception>
        public static (Tensor Q, Tensor R) Qr(Tensor a)
        {
            ArgumentNullException.ThrowIfNull(a);
            Matrices.Check("qr", a);
            var op = new Ops.Qr(a.Shape[^2], a.Shape[^1]);
            var packed = op.Run(new Operands(a));
            return (op.Q(packed), op.R(packed));
        }
    }
}
