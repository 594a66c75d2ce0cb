using Backprop.Kernels.Decompositions;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// A = L Lᵀ. Gradient: L⁻ᵀ Φ L⁻¹, made symmetric, where Φ is the lower triangle of Lᵀ g with half its diagonal (I. Murray, 2016,
    /// Differentiation of the Cholesky decomposition).
    /// </summary>
    internal sealed unsafe class Cholesky : Op
    {
        public static readonly Cholesky Instance = new();

        public override string Name => "cholesky";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Matrices.CheckSquare(Name, inputs[0]);
            return ResultSpec.Like(inputs[0]);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var n = output.Shape[^1];
            fixed (byte* source = inputs[0].Dense().Bytes(), target = output.Bytes())
            {
                var work = new Work(source, target, output.DType == DType.Float32, n);
                var (index, pivot) = MatrixBatch.Run(work, Matrices.Count(output.Shape), 1.0 / 3 * n * n * n);
                if (pivot != 0)
                {
                    var matrix = inputs[0].To(DType.Float64).ToArray<double>().AsSpan(index * n * n, n * n).ToArray();
                    throw new InvalidOperationException(matrix.All(double.IsFinite) ? FormattableString.Invariant(
                        $"{Name}: matrix {index} of shape {Error.Text(output.Shape)} is not positive definite: pivot {pivot - 1} is not positive.")
                        : FormattableString.Invariant($"{Name}: matrix {index} of shape {Error.Text(output.Shape)} has an element that is not finite."));
                }
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 1.0 / 3 * output.Count * output.Sizes[^1];

        protected internal override Saved Saves(int needs) => Saved.Output;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var l = adjoint.Output;
            var inner = l.Adjoint().MatMul(adjoint.Gradient.LowerTriangle());
            inner = inner.LowerTriangle() - (inner.Diagonal() * 0.5).DiagEmbed();
            var half = LinearAlgebra.SolveTriangular(l.Adjoint(), inner, upper: true);
            adjoint.Add(0, Matrices.Symmetric(LinearAlgebra.SolveTriangular(l, half, left: false)));
        }

        private readonly struct Work(byte* source, byte* target, bool isSingle, nint n) : IMatrixWork
        {
            public long Scratch => ((long)n * n) + CholeskyFactor.Scratch(n);

            public int Run(nint index, double* scratch)
            {
                MatrixBatch.LoadSymmetric(source, isSingle, index * n * n, scratch, n);
                var pivot = CholeskyFactor.Factor(scratch, n, scratch + (n * n));
                if (pivot == 0)
                {
                    MatrixBatch.Store(scratch, target, isSingle, index * n * n, n * n);
                }

                return pivot;
            }
        }
    }
}

namespace Backprop
{
    public static partial class LinearAlgebra
    {
        /// <summary>The Cholesky factors of symmetric positive definite matrices: A = L Lᵀ.</summary>
        /// <param name="a">Square matrices [..., n, n]. Their symmetric part (A + Aᵀ) / 2 counts, so the gradient is symmetric.</param>
        /// <param name="upper">Whether to give U = Lᵀ, so that A = Uᵀ U.</param>
        /// <exception cref="ShapeException">The matrices are not square.</exception>
        /// <exception cref="DTypeException">The dtype is not floating point.</exception>
        /// <exception cref="InvalidOperationException">A matrix is not positive definite. The message names matrix and pivot.</exception>
        public static Tensor Cholesky(Tensor a, bool upper = false)
        {
            ArgumentNullException.ThrowIfNull(a);
            var factor = Ops.Cholesky.Instance.Run(new Operands(a));
            return upper ? factor.Adjoint() : factor;
        }
    }
}
