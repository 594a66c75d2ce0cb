using Backprop.Kernels.Decompositions;

namespace Backprop.Ops
{
    /// <summary>det A, by elimination. Gradient: g times the matrix of cofactors, which exists for singular matrices too.</summary>
    internal sealed unsafe class Determinant : Op
    {
        public static readonly Determinant Instance = new();

        public override string Name => "determinant";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Matrices.CheckSquare(Name, inputs[0]);
            return new ResultSpec(inputs[0].Shape[..^2], inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var n = inputs[0].Shape[^1];
            fixed (byte* source = inputs[0].Dense().Bytes(), target = output.Bytes())
            {
                var work = new Work(source, target, output.DType == DType.Float32, n);
                MatrixBatch.Run(work, output.Count, 2.0 / 3 * n * n * n);
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
            inputs[0] is { } a ? 2.0 / 3 * a.Count * a.Sizes[^1] : double.NaN;

        protected internal override Saved Saves(int needs) => Saved.Input0;

        protected internal override void Differentiate(Adjoint adjoint) =>
            adjoint.Add(0, adjoint.Gradient.Unsqueeze(-1).Unsqueeze(-1) * Cofactors.Instance.Apply(adjoint.Input(0)));

        private readonly struct Work(byte* source, byte* target, bool isSingle, nint n) : IMatrixWork
        {
            public long Scratch => ((long)n * n) + n + Lu.Scratch(n) + 1;

            public int Run(nint index, double* scratch)
            {
                double* factors = scratch, pivots = factors + (n * n), rest = pivots + n;
                MatrixBatch.Load(source, isSingle, index * n * n, factors, n * n);
                Lu.Factor(factors, n, pivots, rest);
                *rest = Lu.Determinant(factors, n, pivots);
                MatrixBatch.Store(rest, target, isSingle, index, 1);
                return 0;
            }
        }
    }

    /// <summary>(sign, log|det A|) as one axis of size 2. Gradient: g₁ A⁻ᵀ; the sign is constant wherever it has a derivative.</summary>
    internal sealed unsafe class SignLogDeterminant : Op
    {
        public static readonly SignLogDeterminant Instance = new();

        public override string Name => "sign_log_determinant";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Matrices.CheckSquare(Name, inputs[0]);
            return Matrices.Packed(Name, inputs[0], 2);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var n = inputs[0].Shape[^1];
            fixed (byte* source = inputs[0].Dense().Bytes(), target = output.Bytes())
            {
                var work = new Work(source, target, output.DType == DType.Float32, n);
                MatrixBatch.Run(work, output.Count / 2, 2.0 / 3 * n * n * n);
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
            inputs[0] is { } a ? 2.0 / 3 * a.Count * a.Sizes[^1] : double.NaN;

        protected internal override Saved Saves(int needs) => Saved.Input0;

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(
            0, adjoint.Gradient.Select(-1, 1).Unsqueeze(-1).Unsqueeze(-1) * new Inverse(Name).Apply(adjoint.Input(0)).Adjoint());

        private readonly struct Work(byte* source, byte* target, bool isSingle, nint n) : IMatrixWork
        {
            public long Scratch => ((long)n * n) + n + Lu.Scratch(n) + 2;

            public int Run(nint index, double* scratch)
            {
                double* factors = scratch, pivots = factors + (n * n), rest = pivots + n;
                MatrixBatch.Load(source, isSingle, index * n * n, factors, n * n);
                Lu.Factor(factors, n, pivots, rest);
                (rest[0], rest[1]) = Lu.SignLog(factors, n, pivots);
                MatrixBatch.Store(rest, target, isSingle, index * 2, 2);
                return 0;
            }
        }
    }
}

namespace Backprop
{
    public static partial class LinearAlgebra
    {
        /// <summary>The determinants; 0 for singular matrices, 1 for those of size 0.</summary>
        /// <param name="a">Square matrices [..., n, n].</param>
        /// <returns>One number per matrix, [...].</returns>
        /// <remarks>
        /// The gradient is the matrix of cofactors. It and its derivative exist for singular matrices too; a third derivative needs regular ones.
        /// </remarks>
        /// <exception cref="ShapeException">The matrices are not square.</exception>
        /// <exception cref="DTypeException">The dtype is not floating point.</exception>
        public static Tensor Determinant(Tensor a)
        {
            ArgumentNullException.ThrowIfNull(a);
            return Ops.Determinant.Instance.Run(new Operands(a));
        }

        /// <summary>
        /// The determinants as sign and logarithm of the magnitude, which doesn't overflow: det A = Sign · exp(Log). Singular matrices have sign 0 and log −∞.
        /// </summary>
        /// <param name="a">Square matrices [..., n, n].</param>
        /// <returns>Two tensors [...]: the signs (1, −1 or 0), which have no gradient but zero, and the logarithms.</returns>
        /// <exception cref="ShapeException">The matrices are not square.</exception>
        /// <exception cref="DTypeException">The dtype is not floating point.</exception>
        /// <exception cref="InvalidOperationException">In the gradient: a matrix is singular, so that the logarithm has none.</exception>
        public static (Tensor Sign, Tensor Log) SignLogDeterminant(Tensor a)
        {
            ArgumentNullException.ThrowIfNull(a);
            var packed = Ops.SignLogDeterminant.Instance.Run(new Operands(a));
            return (packed.Select(-1, 0), packed.Select(-1, 1));
        }
    }
}
