using Backprop.Kernels.Decompositions;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>X = T⁻¹ B for triangular T. Gradients: Ḃ = T⁻ᵀ g for B, and the triangle of −Ḃ Xᵀ for T.</summary>
    internal sealed unsafe class SolveTriangular(bool upper, bool unit) : Op
    {
        public override string Name => "solve_triangular";

        public override string Describe() => $"{Name} {(upper ? "upper" : "lower")}{(unit ? " unit diagonal" : "")}";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Matrices.CheckSquare(Name, inputs[0]);
            return Solve.Infer(Name, inputs[0], inputs[1]);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var (n, columns) = (output.Shape[^2], output.Shape[^1]);
            var batch = output.Shape[..^2];
            var (ofA, ofB) = (Matrices.Broadcast(inputs[0].Shape[..^2], batch), Matrices.Broadcast(inputs[1].Shape[..^2], batch));
            fixed (byte* a = inputs[0].Dense().Bytes(), b = inputs[1].Dense().Bytes(), target = output.Bytes())
            fixed (int* whichA = ofA, whichB = ofB)
            {
                var work = new Work(a, b, target, output.DType == DType.Float32, n, columns, whichA, whichB, upper, unit);
                var (index, pivot) = MatrixBatch.Run(work, ofA.Length, (double)n * n * columns);
                if (pivot != 0)
                {
                    throw new InvalidOperationException(FormattableString.Invariant(
                        $"{Name}: matrix {ofA[index]} of shape {Error.Text(inputs[0].Shape)} is singular: element {pivot - 1} of its diagonal is 0."));
                }
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => (double)output.Count * output.Sizes[^2];

        protected internal override Saved Saves(int needs) => Saved.Input0 | ((needs & 1) != 0 ? Saved.Output : 0);

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var right = new SolveTriangular(!upper, unit).Apply(adjoint.Input(0).Adjoint(), adjoint.Gradient);
            adjoint.Add(1, right);
            if (adjoint.Needs(0))
            {
                var whole = -right.MatMul(adjoint.Output.Adjoint());
                adjoint.Add(0, upper ? whole.UpperTriangle(unit ? 1 : 0) : whole.LowerTriangle(unit ? -1 : 0));
            }
        }

        private readonly struct Work(
            byte* a, byte* b, byte* target, bool isSingle, nint n, nint columns, int* ofA, int* ofB, bool upper, bool unit) : IMatrixWork
        {
            public long Scratch => ((long)n * n) + ((long)n * columns) + Triangular.Scratch(n);

            public int Run(nint index, double* scratch)
            {
                double* matrix = scratch, x = matrix + (n * n), rest = x + (n * columns);
                MatrixBatch.Load(a, isSingle, ofA[index] * n * n, matrix, n * n);
                var zero = unit ? 0 : Triangular.FirstZero(matrix, n);
                if (zero == 0)
                {
                    MatrixBatch.Load(b, isSingle, ofB[index] * n * columns, x, n * columns);
                    Triangular.Solve(matrix, n, n, x, columns, upper, unit, rest);
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
        /// <summary>The solution X of T X = B, or of X T = B, for triangular matrices T. Leading axes broadcast.</summary>
        /// <param name="t">Square matrices [..., n, n], of which one triangle is read; the gradient of the other one is 0.</param>
        /// <param name="b">Right sides [..., n, k], or [..., k, n] where T is on the right. A vector [n] gives vectors.</param>
        /// <param name="upper">Whether the upper triangle counts, not the lower one.</param>
        /// <param name="left">Whether T stands left of X.</param>
        /// <param name="unitDiagonal">Whether the diagonal counts as ones, and is not read.</param>
        /// <exception cref="ShapeException">The matrices are not square, or the right sides don't fit.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        /// <exception cref="InvalidOperationException">A diagonal has a zero. The message names matrix and element.</exception>
        public static Tensor SolveTriangular(Tensor t, Tensor b, bool upper = false, bool left = true, bool unitDiagonal = false)
        {
            ArgumentNullException.ThrowIfNull(t);
            ArgumentNullException.ThrowIfNull(b);
            const string Name = "solve_triangular";
            if (b.Rank == 1)
            {
                return left
                    ? SolveTriangular(t, b.Unsqueeze(1), upper, left, unitDiagonal).Squeeze(-1)
                    : SolveTriangular(t, b.Unsqueeze(0), upper, left, unitDiagonal).Squeeze(-2);
            }

            if (left)
            {
                return new Ops.SolveTriangular(upper, unitDiagonal).Run(new Operands(t, b));
            }

            Matrices.CheckSquare(Name, t);
            Matrices.Check(Name, b);
            if (t.Shape[^1] != b.Shape[^1])
            {
                throw Error.Shape(
                    Name,
                    $"the matrices {Error.Text(t.Shape)} on the right need right sides of {t.Shape[^1]} columns, "
                    + $"not {b.Shape[^1]} as in shape {Error.Text(b.Shape)}.");
            }

            // X T = B is Tᵀ Xᵀ = Bᵀ.
            return new Ops.SolveTriangular(!upper, unitDiagonal).Run(new Operands(t.Adjoint(), b.Adjoint())).Adjoint();
        }
    }
}
