using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>d[i, j] = (Σₖ |x[i, k] − y[j, k]|ᵖ)^(1/p), from the differences themselves: close rows keep their accuracy.</summary>
    internal sealed unsafe class DistanceMatrix(double p) : FusedOp
    {
        public override string Name => "distance_matrix";

        public override string Describe() => FormattableString.Invariant($"{Name} p={p}");

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var (x, y) = (inputs[0], inputs[1]);
            return new ResultSpec([.. x.Shape[..^1], y.Shape[^2]], x.DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var (rows, others, size) = (output.Shape[^2], output.Shape[^1], inputs[0].Shape[^1]);
            var batch = Matrices.Count(output.Shape);
            fixed (byte* x = inputs[0].Dense().Bytes(), y = inputs[1].Dense().Bytes(), d = output.Bytes())
            {
                if (output.DType == DType.Float32)
                {
                    Distances.Compute((float*)x, (float*)y, (float*)d, batch, rows, others, size, p);
                }
                else
                {
                    Distances.Compute((double*)x, (double*)y, (double*)d, batch, rows, others, size, p);
                }
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
            3.0 * output.Count * (inputs[0]?.Sizes[^1] ?? inputs[1]?.Sizes[^1] ?? double.NaN);

        protected internal override Tensor Definition(in Operands inputs)
        {
            var difference = inputs[0].Unsqueeze(-2) - inputs[1].Unsqueeze(-3);
            if (p == 0)
            {
                return difference.NotEqualTo(0).To(difference.DType).Sum(-1);
            }

            var size = difference.Abs();
            if (p == 1 || size.Shape[^1] == 0)
            {
                return size.Sum(-1);
            }

            return double.IsPositiveInfinity(p) ? size.Max(-1)
                : p == 2 ? difference.Norm(2, -1)
                : WhereNotZero(WhereNotZero(size, s => s.Pow(p)).Sum(-1), s => s.Pow(1 / p));
        }

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var (x, y, d, g) = (adjoint.Input(0).Dense(), adjoint.Input(1).Dense(), adjoint.Output.Dense(), adjoint.Gradient.Dense());
            if (adjoint.Needs(0))
            {
                Add(x, y, d, g, adjoint.ZeroedBuffer(0), d.Shape[^2], d.Shape[^1], d.Shape[^1], 1);
            }

            if (adjoint.Needs(1))
            {
                Add(y, x, d, g, adjoint.ZeroedBuffer(1), d.Shape[^1], d.Shape[^2], 1, d.Shape[^1]);
            }
        }

        private void Add(Tensor x, Tensor y, Tensor d, Tensor g, Tensor target, int rows, int others, int rowStride, int otherStride)
        {
            var batch = Matrices.Count(d.Shape);
            fixed (byte* px = x.Bytes(), py = y.Bytes(), pd = d.Bytes(), pg = g.Bytes(), to = target.Bytes())
            {
                if (d.DType == DType.Float32)
                {
                    Distances.AddGradient(
                        (float*)px, (float*)py, (float*)pd, (float*)pg, (float*)to, batch, rows, others, x.Shape[^1], p, rowStride, otherStride);
                }
                else
                {
                    Distances.AddGradient(
                        (double*)px, (double*)py, (double*)pd, (double*)pg, (double*)to, batch, rows, others, x.Shape[^1], p, rowStride, otherStride);
                }
            }
        }

        /// <summary>f(x), and 0 with a gradient of 0 where x is 0.</summary>
        private static Tensor WhereNotZero(Tensor x, Func<Tensor, Tensor> f)
        {
            var isZero = x.EqualTo(0);
            return Tensor.Where(isZero, 0, f(Tensor.Where(isZero, 1, x)));
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// The distances between all rows of this tensor [..., m, k] and all rows of another [..., n, k]: [..., m, n]. Leading axes broadcast.
        /// </summary>
        /// <param name="other">The rows to measure the distance to.</param>
        /// <param name="p">
        /// The norm (Σ |difference|ᵖ)^(1/p): 2 is Euclid's, 1 the sum, infinity the largest difference, 0 the number of elements that differ, which
        /// has no gradient.
        /// </param>
        /// <remarks>Where two rows coincide the distance has a kink; the gradient there is 0.</remarks>
        /// <exception cref="ShapeException">A tensor has fewer than two axes, the last axes differ, or the leading ones don't broadcast.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A negative p, or not a number.</exception>
        public Tensor DistanceMatrix(Tensor other, double p = 2)
        {
            const string Name = "distance_matrix";
            ArgumentNullException.ThrowIfNull(other);
            Matrices.CheckFloating(Name, this);
            Matrices.CheckFloating(Name, other);
            if (DType != other.DType)
            {
                throw Error.DTypesDiffer(Name, DType, other.DType);
            }

            if (Shape[^1] != other.Shape[^1])
            {
                throw Error.Shape(Name, $"the rows of {Error.Text(Shape)} and {Error.Text(other.Shape)} have {Shape[^1]} and {other.Shape[^1]} elements.");
            }

            if (!(p >= 0))
            {
                throw Error.Range(Name, nameof(p), p, "at least 0");
            }

            int[] batch;
            try
            {
                batch = Layout.Broadcast(Name, Shape[..^2], other.Shape[..^2]);
            }
            catch (ShapeException)
            {
                throw Error.Shape(Name, $"the leading axes of {Error.Text(Shape)} and {Error.Text(other.Shape)} do not broadcast.");
            }

            var x = Expand([.. batch, Shape[^2], Shape[^1]]);
            var y = other.Expand([.. batch, other.Shape[^2], other.Shape[^1]]);
            if (p > 0)
            {
                return new DistanceMatrix(p).Run(new Operands(x, y));
            }

            // A number of elements is constant; nothing is recorded, so that asking for its gradient is an error.
            using (Recording.Pause())
            {
                return new DistanceMatrix(p).Run(new Operands(x, y));
            }
        }
    }
}
