using Backprop.Kernels.Decompositions;

namespace Backprop.Ops
{
    /// <summary>X = A⁻¹ B, by elimination with partial pivoting. Gradients: Ḃ = A⁻ᵀ g for B, and −Ḃ Xᵀ for A.</summary>
    internal sealed unsafe class Solve : Op
    {
        public static readonly Solve Instance = new();

        public override string Name => "solve";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Matrices.CheckSquare(Name, inputs[0]);
            return Infer(Name, inputs[0], inputs[1]);
        }

        /// <summary>The shape of X in A X = B, checked.</summary>
        public static ResultSpec Infer(string operation, Tensor a, Tensor b)
        {
            Matrices.Check(operation, b);
            if (a.DType != b.DType)
            {
                throw Error.DTypesDiffer(operation, a.DType, b.DType);
            }

            if (a.Shape[^1] != b.Shape[^2])
            {
                throw Error.Shape(
                    operation,
                    $"the matrices {Error.Text(a.Shape)} need right sides of {a.Shape[^1]} rows, not {b.Shape[^2]} as in shape {Error.Text(b.Shape)}.");
            }

            int[] batch;
            try
            {
                batch = Layout.Broadcast(operation, a.Shape[..^2], b.Shape[..^2]);
            }
            catch (ShapeException)
            {
                throw Error.Shape(operation, $"the leading axes of {Error.Text(a.Shape)} and {Error.Text(b.Shape)} do not broadcast.");
            }

            return new ResultSpec(Layout.Contiguous(operation, [.. batch, b.Shape[^2], b.Shape[^1]]), a.DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var (n, columns) = (output.Shape[^2], output.Shape[^1]);
            var batch = output.Shape[..^2];
            var (ofA, ofB) = (Matrices.Broadcast(inputs[0].Shape[..^2], batch), Matrices.Broadcast(inputs[1].Shape[..^2], batch));
            fixed (byte* a = inputs[0].Dense().Bytes(), b = inputs[1].Dense().Bytes(), target = output.Bytes())
            fixed (int* whichA = ofA, whichB = ofB)
            {
                var work = new Work(a, b, target, output.DType == DType.Float32, n, columns, whichA, whichB);
                var (index, pivot) = MatrixBatch.Run(work, ofA.Length, (2.0 / 3 * n * n * n) + (2.0 * n * n * columns));
                if (pivot != 0)
                {
                    throw Matrices.Singular(Name, ofA[index], pivot, inputs[0].Shape);
                }
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output)
        {
            double n = output.Sizes[^2], columns = Math.Max(output.Sizes[^1], 1);
            return output.Count * ((2 * n) + (2 * n * n / (3 * columns)));
        }

        protected internal override Saved Saves(int needs) => Saved.Input0 | ((needs & 1) != 0 ? Saved.Output : 0);

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var right = Instance.Apply(adjoint.Input(0).Adjoint(), adjoint.Gradient);
            adjoint.Add(1, right);
            if (adjoint.Needs(0))
            {
                adjoint.Add(0, -right.MatMul(adjoint.Output.Adjoint()));
            }
        }

        private readonly struct Work(byte* a, byte* b, byte* target, bool isSingle, nint n, nint columns, int* ofA, int* ofB) : IMatrixWork
        {
            public long Scratch => ((long)n * n) + ((long)n * columns) + n + Lu.Scratch(n);

            public int Run(nint index, double* scratch)
            {
                double* factors = scratch, x = factors + (n * n), pivots = x + (n * columns), rest = pivots + n;
                MatrixBatch.Load(a, isSingle, ofA[index] * n * n, factors, n * n);
                var zero = Lu.Factor(factors, n, pivots, rest);
                if (zero == 0)
                {
                    MatrixBatch.Load(b, isSingle, ofB[index] * n * columns, x, n * columns);
                    Lu.Solve(factors, n, pivots, x, columns, rest);
                    MatrixBatch.Store(x, target, isSingle, index * n * columns, n * columns);
                }

                return zero;
            }
        }
    }
}

namespace Backprop
{
    public static partial class LinearAlgebra
    {
        /// <summary>The solution X of A X = B. Leading axes broadcast.</summary>
        /// <param name="a">Square matrices [..., n, n].</param>
        /// <param name="b">
        /// A vector [n], which gives vectors [..., n], or matrices [..., n, k]. For a batch of vectors [..., n] pass <c>b.Unsqueeze(-1)</c>.
        /// </param>
        /// <exception cref="ShapeException">The matrices are not square, or the right sides don't fit.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        /// <exception cref="InvalidOperationException">A matrix is singular: elimination meets a pivot of 0. The message names matrix and pivot.</exception>
        public static Tensor Solve(Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(a);
            ArgumentNullException.ThrowIfNull(b);
            return b.Rank == 1
                ? Ops.Solve.Instance.Run(new Operands(a, b.Unsqueeze(1))).Squeeze(-1)
                : Ops.Solve.Instance.Run(new Operands(a, b));
        }
    }
}
