using Backprop.Kernels.Decompositions;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// A = U diag(s) Vᵀ, reduced; the elements of U, s and V in the last axis. Gradient:
    /// U (diag(ġs) + (R ∘ (Uᵀ Ġu − Ġuᵀ U)) S + S (R ∘ (Vᵀ Ġv − Ġvᵀ V))) Vᵀ with
    /// Rᵢⱼ = 1 / (sⱼ² − sᵢ²), and for what lies outside the bases (I − U Uᵀ) Ġu S⁻¹ Vᵀ + U S⁻¹ Ġvᵀ (I − V Vᵀ) (J. Townsend, 2016, Differentiating the SVD).
    /// </summary>
    internal sealed unsafe class Svd(int rows, int columns) : Op
    {
        private readonly int rank = Math.Min(rows, columns);

        public override string Name => "svd";

        public Tensor U(Tensor packed) => Matrices.Part(packed, 0, rows, rank);

        public Tensor S(Tensor packed) => packed.Narrow(-1, rows * rank, rank);

        public Tensor V(Tensor packed) => Matrices.Part(packed, (rows + 1) * rank, columns, rank);

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Matrices.Check(Name, inputs[0]);
            return Matrices.Packed(Name, inputs[0], ((long)rows + 1 + columns) * rank);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            fixed (byte* source = inputs[0].Dense().Bytes(), target = output.Bytes())
            {
                var work = new Work(source, target, output.DType == DType.Float32, rows, columns);
                var failure = MatrixBatch.Run(work, Matrices.Count(inputs[0].Shape), (4.0 * rows * columns * rank) + (60.0 * rank * rank * rank));
                Matrices.CheckIteration(Name, failure, inputs[0].Shape);
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
            inputs[0] is { } a ? (4.0 * a.Count * rank) + (60.0 * output.Count / (rows + 1 + columns) * rank * rank) : double.NaN;

        protected internal override Saved Saves(int needs) => Saved.Output;

        /// <summary>It looks at numbers.</summary>
        internal override bool HasGradientKernels => true;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var (u, s, v) = (U(adjoint.Output), S(adjoint.Output), V(adjoint.Output));
            var (gu, gs, gv) = (U(adjoint.Gradient), S(adjoint.Gradient), V(adjoint.Gradient));
            var isUsed = Gaps.IsUsed(gu) | Gaps.IsUsed(gv);
            var inner = gs.DiagEmbed();
            if (!Recording.IsOn && !isUsed.ToArray<bool>().Contains(true))
            {
                adjoint.Add(0, Matrices.ScaleColumns(u, gs).MatMul(v.Adjoint()));
                return;
            }

            var (ugu, vgv) = (u.Adjoint().MatMul(gu), v.Adjoint().MatMul(gv));

            // sⱼ² − sᵢ² = (sⱼ − sᵢ)(sⱼ + sᵢ). Values that are both 0 coincide.
            var sums = s.Unsqueeze(-2) + s.Unsqueeze(-1);
            var gaps = Gaps.Reciprocals(Name, s, isUsed) / Tensor.Where(sums > 0, sums, 1);
            inner += Matrices.ScaleColumns(gaps * (ugu - ugu.Adjoint()), s) + (s.Unsqueeze(-1) * (gaps * (vgv - vgv.Adjoint())));
            var whole = u.MatMul(inner).MatMul(v.Adjoint());
            if (rows != columns)
            {
                var reciprocal = Gaps.Reciprocal(Name, s, isUsed);
                whole += rows > columns
                    ? Matrices.ScaleColumns(gu - u.MatMul(ugu), reciprocal).MatMul(v.Adjoint())
                    : Matrices.ScaleColumns(u, reciprocal).MatMul((gv - v.MatMul(vgv)).Adjoint());
            }

            adjoint.Add(0, whole);
        }

        private readonly struct Work(byte* source, byte* target, bool isSingle, nint rows, nint columns) : IMatrixWork
        {
            private nint Rank => Math.Min(rows, columns);

            public long Scratch => (((long)rows + 1 + columns) * Rank) + JacobiSvd.Scratch(rows, columns);

            public int Run(nint index, double* scratch)
            {
                var size = (rows + 1 + columns) * Rank;
                double* s = scratch + (rows * Rank), v = s + Rank, rest = scratch + size;
                var status = JacobiSvd.Decompose(source, isSingle, index * rows * columns, rows, columns, scratch, s, v, rest);
                if (status == 0)
                {
                    MatrixBatch.Store(scratch, target, isSingle, index * size, size);
                }

                return status;
            }
        }
    }
}

namespace Backprop
{
    public static partial class LinearAlgebra
    {
        /// <summary>The reduced singular value decomposition A = U diag(s) Vᵀ.</summary>
        /// <param name="a">Matrices [..., m, n].</param>
        /// <returns>
        /// U [..., m, k], s [..., k] in descending order, and V (not transposed) [..., n, k], with k the smaller of m and n. U and V have orthonormal columns;
        /// in each column of V the element of the largest magnitude is positive.
        /// </returns>
        /// <remarks>
        /// Where two singular values coincide (within 10⁻¹⁴ of the largest), or one is 0 and the matrix is not square, the gradient of the vectors does not
        /// exist and asking for it is an error; the gradient of the values is right there too. At a value of 0, which is a kink, it is one of the subgradients.
        /// </remarks>
        /// <exception cref="ShapeException">There are fewer than two axes.</exception>
        /// <exception cref="DTypeException">The dtype is not floating point.</exception>
        /// <exception cref="InvalidOperationException">An element is not finite; in the gradient: values coincide whose vectors are used.</exception>
        public static (Tensor U, Tensor S, Tensor V) Svd(Tensor a)
        {
            ArgumentNullException.ThrowIfNull(a);
            Matrices.Check("svd", a);
            var op = new Ops.Svd(a.Shape[^2], a.Shape[^1]);
            var packed = op.Run(new Operands(a));
            return (op.U(packed), op.S(packed), op.V(packed));
        }

        /// <summary>The singular values [..., k] in descending order, with k the smaller of m and n.</summary>
        /// <remarks>
        /// The gradient of a value is u vᵀ for its vectors. The second derivative does not exist where values coincide, and is an error there.
        /// </remarks>
        /// <inheritdoc cref="Svd"/>
        public static Tensor SingularValues(Tensor a) => Svd(a).S;
    }
}
