using Backprop.Kernels.Decompositions;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// A = V diag(w) Vᵀ for the symmetric part of A; the elements of V and then w in the last axis. Gradient: V (diag(ġw) + R ∘ Vᵀ Ġv) Vᵀ, made symmetric, with
    /// Rᵢⱼ = 1 / (wⱼ − wᵢ) beside the diagonal (M. Giles, 2008, Collected matrix derivative results).
    /// </summary>
    internal sealed unsafe class SymmetricEigen(int n) : Op
    {
        public override string Name => "symmetric_eigen";

        public Tensor Vectors(Tensor packed) => Matrices.Part(packed, 0, n, n);

        public Tensor Values(Tensor packed) => packed.Narrow(-1, n * n, n);

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Matrices.CheckSquare(Name, inputs[0]);
            return Matrices.Packed(Name, inputs[0], ((long)n * n) + n);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            fixed (byte* source = inputs[0].Dense().Bytes(), target = output.Bytes())
            {
                var work = new Work(source, target, output.DType == DType.Float32, n);
                Matrices.CheckIteration(Name, MatrixBatch.Run(work, Matrices.Count(inputs[0].Shape), 9.0 * n * n * n), inputs[0].Shape);
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 9.0 * output.Count * n;

        protected internal override Saved Saves(int needs) => Saved.Output;

        /// <summary>It looks at numbers.</summary>
        internal override bool HasGradientKernels => true;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var (v, w) = (Vectors(adjoint.Output), Values(adjoint.Output));
            var (gv, gw) = (Vectors(adjoint.Gradient), Values(adjoint.Gradient));
            var isUsed = Gaps.IsUsed(gv);
            var inner = gw.DiagEmbed();
            if (Recording.IsOn || isUsed.ToArray<bool>().Contains(true))
            {
                inner += Gaps.Reciprocals(Name, w, isUsed) * v.Adjoint().MatMul(gv);
            }

            adjoint.Add(0, Matrices.Symmetric(v.MatMul(inner).MatMul(v.Adjoint())));
        }

        private readonly struct Work(byte* source, byte* target, bool isSingle, nint n) : IMatrixWork
        {
            public long Scratch => ((long)n * n) + n + TridiagonalEigen.Scratch(n);

            public int Run(nint index, double* scratch)
            {
                double* values = scratch + (n * n), rest = values + n;
                MatrixBatch.LoadSymmetric(source, isSingle, index * n * n, scratch, n);
                var status = TridiagonalEigen.Decompose(scratch, values, n, rest);
                if (status == 0)
                {
                    MatrixBatch.Store(scratch, target, isSingle, index * n * (n + 1), n * (n + 1));
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
        /// <summary>The eigenvalues and eigenvectors of symmetric matrices: A = V diag(w) Vᵀ.</summary>
        /// <param name="a">Square matrices [..., n, n]. Their symmetric part (A + Aᵀ) / 2 counts, so the gradient is symmetric.</param>
        /// <returns>
        /// The values w [..., n] in ascending order, and the vectors, the orthonormal columns of V [..., n, n]; in each the element of the largest magnitude is
        /// positive.
        /// </returns>
        /// <remarks>
        /// The gradient of a vector grows with the reciprocal of the distance to the next eigenvalue. Where two coincide (within 10⁻¹⁴ of the largest) it does
        /// not exist, and asking for it is an error; the gradient of the values is right there too.
        /// </remarks>
        /// <exception cref="ShapeException">The matrices are not square.</exception>
        /// <exception cref="DTypeException">The dtype is not floating point.</exception>
        /// <exception cref="InvalidOperationException">An element is not finite; in the gradient: eigenvalues coincide whose vectors are used.</exception>
        public static (Tensor Values, Tensor Vectors) SymmetricEigen(Tensor a)
        {
            ArgumentNullException.ThrowIfNull(a);
            Matrices.CheckSquare("symmetric_eigen", a);
            var op = new Ops.SymmetricEigen(a.Shape[^1]);
            var packed = op.Run(new Operands(a));
            return (op.Values(packed), op.Vectors(packed));
        }

        /// <summary>The eigenvalues [..., n] of symmetric matrices in ascending order.</summary>
        /// <remarks>
        /// The gradient of a value is v vᵀ for its vector v. The second derivative does not exist where values coincide, and is an error there.
        /// </remarks>
        /// <inheritdoc cref="SymmetricEigen"/>
        public static Tensor SymmetricEigenvalues(Tensor a) => SymmetricEigen(a).Values;
    }
}
