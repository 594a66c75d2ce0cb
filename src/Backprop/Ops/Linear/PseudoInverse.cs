using Backprop.Kernels;
using Backprop.Kernels.Decompositions;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// Y = A⁺, by the singular values above a threshold. Gradient (Golub and Pereyra, 1973): −Yᵀ g Yᵀ + (I − A Y) gᵀ Y Yᵀ + Yᵀ Y gᵀ (I − Y A), right
    /// where the rank does not change.
    /// </summary>
    internal sealed unsafe class PseudoInverse(double tolerance) : Op
    {
        public override string Name => "pseudo_inverse";

        public override string Describe() => FormattableString.Invariant($"{Name} tolerance={tolerance}");

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Matrices.Check(Name, inputs[0]);
            return new ResultSpec([.. inputs[0].Shape[..^2], inputs[0].Shape[^1], inputs[0].Shape[^2]], inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var (rows, columns) = (inputs[0].Shape[^2], inputs[0].Shape[^1]);
            double rank = Math.Min(rows, columns);
            fixed (byte* source = inputs[0].Dense().Bytes(), target = output.Bytes())
            {
                var work = new Work(source, target, output.DType == DType.Float32, rows, columns, tolerance);
                var failure = MatrixBatch.Run(work, Matrices.Count(inputs[0].Shape), (6 * rank * rows * columns) + (60 * rank * rank * rank));
                Matrices.CheckIteration(Name, failure, inputs[0].Shape);
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output)
        {
            double rank = Math.Min(output.Sizes[^2], output.Sizes[^1]), most = Math.Max(Math.Max(output.Sizes[^2], output.Sizes[^1]), 1);
            return output.Count * ((6 * rank) + (60 * rank * rank / most));
        }

        protected internal override Saved Saves(int needs) => Saved.Input0 | Saved.Output;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var (a, y, g) = (adjoint.Input(0), adjoint.Output, adjoint.Gradient);
            var (yt, gt) = (y.Adjoint(), g.Adjoint());
            var sum = -yt.MatMul(g).MatMul(yt);
            var right = gt.MatMul(y).MatMul(yt);
            sum = sum + right - a.MatMul(y.MatMul(right));
            var left = yt.MatMul(y).MatMul(gt);
            adjoint.Add(0, sum + left - left.MatMul(y).MatMul(a));
        }

        private readonly struct Work(byte* source, byte* target, bool isSingle, nint rows, nint columns, double tolerance) : IMatrixWork
        {
            private nint Rank => Math.Min(rows, columns);

            public long Scratch => (((long)rows + 1 + columns) * Rank) + ((long)rows * columns) + JacobiSvd.Scratch(rows, columns);

            public int Run(nint index, double* scratch)
            {
                double* s = scratch + (rows * Rank), v = s + Rank, result = v + (columns * Rank), rest = result + (rows * columns);
                var status = JacobiSvd.Decompose(source, isSingle, index * rows * columns, rows, columns, scratch, s, v, rest);
                if (status != 0)
                {
                    return status;
                }

                // V S⁺ Uᵀ
                for (nint i = 0; i < columns * Rank; i++)
                {
                    var value = s[i % Rank];
                    v[i] = value > tolerance * s[0] ? v[i] / value : 0;
                }

                MatrixProduct.Multiply((int)columns, (int)rows, (int)Rank, v, (int)Rank, false, scratch, (int)Rank, true, result, (int)rows);
                MatrixBatch.Store(result, target, isSingle, index * rows * columns, rows * columns);
                return 0;
            }
        }
    }
}

namespace Backprop
{
    public static partial class LinearAlgebra
    {
        /// <summary>The pseudoinverses A⁺ of Moore and Penrose: V diag(1/s) Uᵀ over the singular values that are not 0.</summary>
        /// <param name="a">Matrices [..., m, n]; the result is [..., n, m].</param>
        /// <param name="tolerance">
        /// Singular values up to this fraction of the largest count as 0. Unless given it is the larger of m and n times the dtype's rounding unit.
        /// </param>
        /// <remarks>The gradient is right where small changes of A leave the rank as it is, as for all matrices of full rank.</remarks>
        /// <exception cref="ShapeException">There are fewer than two axes.</exception>
        /// <exception cref="DTypeException">The dtype is not floating point.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A tolerance that is negative or not a number.</exception>
        /// <exception cref="InvalidOperationException">An element is not finite.</exception>
        public static Tensor PseudoInverse(Tensor a, double? tolerance = null)
        {
            ArgumentNullException.ThrowIfNull(a);
            Matrices.Check("pseudo_inverse", a);
            if (tolerance is { } given && !(given >= 0))
            {
                throw Error.Range("pseudo_inverse", nameof(tolerance), given, "at least 0");
            }

            var unit = a.DType.Computing() == DType.Float32 ? 1.1920928955078125e-7 : 2.220446049250313e-16;
            return new Ops.PseudoInverse(tolerance ?? unit * Math.Max(a.Shape[^2], a.Shape[^1])).Run(new Operands(a));
        }
    }
}
