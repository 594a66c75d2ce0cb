using Backprop.Kernels.Decompositions;

namespace Backprop.Ops
{
    /// <summary>Y = A⁻¹, by elimination with partial pivoting. Gradient: −Yᵀ g Yᵀ.</summary>
    /// <param name="speaksAs">The operation that a singular matrix is refused for.</param>
    internal sealed unsafe class Inverse(string speaksAs = "inverse") : Op
    {
        public static readonly Inverse Instance = new();

        public override string Name => "inverse";

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
                var (index, pivot) = MatrixBatch.Run(work, Matrices.Count(output.Shape), 2.0 * n * n * n);
                if (pivot != 0)
                {
                    throw Matrices.Singular(speaksAs, index, pivot, output.Shape);
                }
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 2.0 * output.Count * output.Sizes[^1];

        protected internal override Saved Saves(int needs) => Saved.Output;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var y = adjoint.Output.Adjoint();
            adjoint.Add(0, -y.MatMul(adjoint.Gradient).MatMul(y));
        }

        private readonly struct Work(byte* source, byte* target, bool isSingle, nint n) : IMatrixWork
        {
            public long Scratch => (2 * (long)n * n) + n + Lu.Scratch(n);

            public int Run(nint index, double* scratch)
            {
                double* factors = scratch, x = factors + (n * n), pivots = x + (n * n), rest = pivots + n;
                MatrixBatch.Load(source, isSingle, index * n * n, factors, n * n);
                var zero = Lu.Factor(factors, n, pivots, rest);
                if (zero == 0)
                {
                    Rows.SetIdentity(x, n, n);
                    Lu.Solve(factors, n, pivots, x, n, rest);
                    MatrixBatch.Store(x, target, isSingle, index * n * n, n * n);
                }

                return zero;
            }
        }
    }
}

namespace Backprop
{
    /// <summary>
    /// Decompositions of matrices, and what is solved with them. The last two axes are rows and columns, all before them are batches. Everything is
    /// differentiable to every order where the derivative exists, and computed in float64 internally, also for float32.
    /// </summary>
    public static partial class LinearAlgebra
    {
        /// <summary>The inverse matrices, A⁻¹. To solve A X = B, <see cref="Solve"/> is faster and more accurate.</summary>
        /// <param name="a">Square matrices [..., n, n].</param>
        /// <exception cref="ShapeException">The matrices are not square.</exception>
        /// <exception cref="DTypeException">The dtype is not floating point.</exception>
        /// <exception cref="InvalidOperationException">A matrix is singular: elimination meets a pivot of 0. The message names matrix and pivot.</exception>
        public static Tensor Inverse(Tensor a)
        {
            ArgumentNullException.ThrowIfNull(a);
            return Ops.Inverse.Instance.Run(new Operands(a));
        }
    }
}
