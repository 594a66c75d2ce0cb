using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = √Σ x² along the last axis, which stays with size 1. dx = g x / y, and 0 where y = 0</summary>
    internal sealed unsafe class Norm : FusedOp
    {
        public static readonly Norm Instance = new();

        public override string Name => "norm";

        protected internal override Tensor Definition(in Operands inputs)
        {
            var x = inputs[0];
            var scale = VectorNorm.Scale(x);
            var sum = (x / scale).Square().Sum(-1, keepDimensions: true);
            var isZero = sum.EqualTo(0);
            return Tensor.Where(isZero, 0, Tensor.Where(isZero, 1, sum).Sqrt()) * scale;
        }

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            LastAxis.Check(Name, inputs[0]);
            return new ResultSpec([.. inputs[0].Shape[..^1], 1], inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            fixed (byte* px = x.Bytes(), py = output.Bytes())
            {
                if (output.DType == DType.Float32)
                {
                    RowNorms.Of((float*)px, (float*)py, output.Count, x.Shape[^1]);
                }
                else
                {
                    RowNorms.Of((double*)px, (double*)py, output.Count, x.Shape[^1]);
                }
            }
        }

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var (x, y, g) = (adjoint.Input(0).Dense(), adjoint.Output, adjoint.Gradient.Dense());
            var target = adjoint.Buffer(0, out var accumulate);
            fixed (byte* px = x.Bytes(), py = y.Bytes(), pg = g.Bytes(), dx = target.Bytes())
            {
                if (g.DType == DType.Float32)
                {
                    RowNorms.Gradient((float*)px, (float*)py, (float*)pg, (float*)dx, y.Count, x.Shape[^1], accumulate);
                }
                else
                {
                    RowNorms.Gradient((double*)px, (double*)py, (double*)pg, (double*)dx, y.Count, x.Shape[^1], accumulate);
                }
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => inputs[0] is { } x ? 2.0 * x.Count : double.NaN;
    }

    /// <summary>(Σ |x|ᵖ)^(1/p) along the last axis, for p other than 0, 1, 2 and ±∞.</summary>
    internal static class VectorNorm
    {
        /// <summary>The largest size of each row, 1 where that is 0 or not finite: a constant that keeps powers in range.</summary>
        public static Tensor Scale(Tensor x)
        {
            if (x.Shape[^1] == 0)
            {
                return Tensor.Ones([.. x.Shape[..^1], 1], x.DType);
            }

            using (Recording.Pause())
            {
                var top = x.Detach().Abs().Max(-1, keepDimensions: true);
                return Tensor.Where((top > 0) & (top < double.PositiveInfinity), top, 1);
            }
        }

        public static Tensor Of(Tensor x, double p)
        {
            var scale = Scale(x);
            Tensor isZero, isFixed, sums;

            // |x|ᵖ has no slope at 0 for p < 1, nor has the root of 0: both are taken as constants there, with the subgradient 0.
            using (Recording.Pause())
            {
                isZero = x.EqualTo(0);
            }

            var powers = Tensor.Where(isZero, p > 0 ? 0 : double.PositiveInfinity, Tensor.Where(isZero, 1, x.Abs() / scale).Pow(p));
            var sum = powers.Sum(-1, keepDimensions: true);
            using (Recording.Pause())
            {
                sums = sum.Detach();
                isFixed = sums.EqualTo(0) | sums.EqualTo(double.PositiveInfinity);
                sums = sums.Pow(1 / p);
            }

            return Tensor.Where(isFixed, sums, Tensor.Where(isFixed, 1, sum).Pow(1 / p)) * scale;
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The p-norm of all elements.</summary>
        /// <inheritdoc cref="Norm(double, ReadOnlySpan{int}, bool)"/>
        public Tensor Norm(double p = 2) => Norm(p, []);

        /// <summary>The p-norms along one axis.</summary>
        /// <param name="p">Which norm.</param>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <param name="keepDimensions">Whether the axis stays, with size 1.</param>
        /// <inheritdoc cref="Norm(double, ReadOnlySpan{int}, bool)"/>
        public Tensor Norm(double p, int axis, bool keepDimensions = false) => Norm(p, [axis], keepDimensions);

        /// <summary>
        /// The p-norm (Σ |x|ᵖ)^(1/p) over several axes, or all if none are named: the largest |x| for p = ∞, the smallest for −∞, the number of elements
        /// that are not 0 for p = 0.
        /// </summary>
        /// <param name="p">Any number.</param>
        /// <param name="axes">The axes; all if none are named.</param>
        /// <param name="keepDimensions">Whether the axes stay, with size 1.</param>
        /// <remarks>
        /// Where the norm is 0 its gradient is 0, to every order: no NaN arises, and no ε is needed. The same holds for elements that are 0 where p &lt; 1,
        /// and everywhere for p = 0. For p = ±∞, ties share the gradient equally. Powers are taken of x / max |x|, so that they don't overflow.
        /// </remarks>
        /// <exception cref="ArgumentOutOfRangeException">p is NaN, or an axis doesn't exist.</exception>
        /// <exception cref="ShapeException">p is ±∞ and there are no elements.</exception>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor Norm(double p, ReadOnlySpan<int> axes, bool keepDimensions = false)
        {
            var which = Axes.Of("norm", this, axes);
            LineAxis.NeedsReals("norm", this);
            if (double.IsNaN(p))
            {
                throw Error.Range("norm", nameof(p), p, "a number or ±Infinity");
            }

            if (double.IsInfinity(p) && which.CountOf(Shape) == 0 && which.Without(Shape).All(size => size > 0))
            {
                throw Error.Shape("norm", $"there is no largest or smallest of no elements, in shape {Error.Text(Shape)}.");
            }

            switch (p)
            {
                case 0: return Sign().Abs().Sum(axes, keepDimensions);
                case 1: return Abs().Sum(axes, keepDimensions);
                case double.PositiveInfinity: return Abs().Max(axes, keepDimensions);
                case double.NegativeInfinity: return Abs().Min(axes, keepDimensions);
            }

            var rows = which.MoveLast(Wide);
            var norms = p == 2 ? Ops.Norm.Instance.Run(new Operands(rows)) : VectorNorm.Of(rows, p);
            return norms.Reshape(keepDimensions ? which.Kept(Shape) : which.Without(Shape)).To(DType);
        }
    }
}
