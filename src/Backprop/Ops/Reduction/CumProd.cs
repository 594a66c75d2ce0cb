using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y[k] = x[0] · … · x[k] along an axis. dx[k] = y[k − 1] a[k] with a[k] = g[k] + x[k + 1] a[k + 1], so that zeros are nothing special</summary>
    internal sealed unsafe class CumProd(int axis) : FusedOp
    {
        public override string Name => "cum_prod";

        public override string Describe() => FormattableString.Invariant($"{Name}(axis={axis})");

        protected internal override Tensor Definition(in Operands inputs) => Doubling.Scan(inputs[0], axis, (a, b) => a * b);

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var (outer, length, inner) = x.Around(axis);
            fixed (byte* from = x.Bytes(), to = output.Bytes())
            {
                switch (x.DType)
                {
                    case DType.Float32: Scans.Product((float*)from, (float*)to, outer, length, inner); break;
                    case DType.Float64: Scans.Product((double*)from, (double*)to, outer, length, inner); break;
                    case DType.Int64: Scans.Product((long*)from, (long*)to, outer, length, inner); break;
                    default: throw Error.DType(Name, x.DType, "use float32, float64 or int64.");
                }
            }
        }

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var (x, y, g) = (adjoint.Input(0).Dense(), adjoint.Output, adjoint.Gradient.Dense());
            var (outer, length, inner) = x.Around(axis);
            var target = adjoint.Buffer(0, out var accumulate);
            fixed (byte* px = x.Bytes(), py = y.Bytes(), pg = g.Bytes(), dx = target.Bytes())
            {
                if (g.DType == DType.Float32)
                {
                    ScanGradients.Product((float*)px, (float*)py, (float*)pg, (float*)dx, outer, length, inner, accumulate);
                }
                else
                {
                    ScanGradients.Product((double*)px, (double*)py, (double*)pg, (double*)dx, outer, length, inner, accumulate);
                }
            }
        }
    }

    /// <summary>Scans and folds of lines put together from operations on half of them: as many steps as the length has binary digits.</summary>
    internal static class Doubling
    {
        /// <summary>y[k] = x[0] ∘ … ∘ x[k]: after each step, every element has taken in twice as many.</summary>
        public static Tensor Scan(Tensor x, int axis, Func<Tensor, Tensor, Tensor> combine)
        {
            var length = x.Shape[axis];
            for (var step = 1; step < length; step *= 2)
            {
                var rest = combine(x.Narrow(axis, 0, length - step), x.Narrow(axis, step, length - step));
                x = Tensor.Concatenate([x.Narrow(axis, 0, step), rest], axis);
            }

            return x;
        }

        /// <summary>x[0] ∘ … ∘ x[n − 1] with the axis at size 1; n is at least 1.</summary>
        public static Tensor Fold(Tensor x, int axis, Func<Tensor, Tensor, Tensor> combine)
        {
            while (x.Shape[axis] > 1)
            {
                var (length, half) = (x.Shape[axis], x.Shape[axis] / 2);
                var folded = combine(x.Narrow(axis, 0, half), x.Narrow(axis, half, half));
                x = length % 2 == 0 ? folded : Tensor.Concatenate([folded, x.Narrow(axis, length - 1, 1)], axis);
            }

            return x;
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// The products of the elements so far along an axis: y[k] = x[0] · … · x[k]. Truth values and int32 are multiplied in int64, which wraps.
        /// </summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <remarks>The gradient needs no division: it is right beside zeros too, to every order.</remarks>
        /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist.</exception>
        public Tensor CumProd(int axis)
        {
            var (x, along) = LineAxis.Of("cum_prod", this, axis);
            return LineAxis.Back(new CumProd(along).Apply(LineAxis.Widen(x)), this);
        }
    }
}
