using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>The product along an axis, which stays with size 1. dx = g times the product of the others, without a division.</summary>
    internal sealed unsafe class Product(int axis) : FusedOp
    {
        public override string Name => "product";

        public override string Describe() => FormattableString.Invariant($"{Name}(axis={axis})");

        protected internal override Tensor Definition(in Operands inputs)
        {
            var x = inputs[0];
            return x.Shape[axis] == 0 ? x.Sum(axis, keepDimensions: true) + 1 : Doubling.Fold(x, axis, (a, b) => a * b);
        }

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var shape = inputs[0].Shape.ToArray();
            shape[axis] = 1;
            return new ResultSpec(shape, inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var (outer, length, inner) = x.Around(axis);
            fixed (byte* from = x.Bytes(), to = output.Bytes())
            {
                switch (x.DType)
                {
                    case DType.Float32: Reductions.Product((float*)from, (float*)to, outer, length, inner); break;
                    case DType.Float64: Reductions.Product((double*)from, (double*)to, outer, length, inner); break;
                    case DType.Int64: Reductions.Product((long*)from, (long*)to, outer, length, inner); break;
                    default: throw Error.DType(Name, x.DType, "use float32, float64 or int64.");
                }
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Input0;

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            // The products so far, of which only the last one has a gradient.
            var (x, g) = (adjoint.Input(0).Dense(), adjoint.Gradient.Dense());
            var (outer, length, inner) = x.Around(axis);
            var products = Tensor.Allocate(x.Layout.Dense(), x.DType);
            var target = adjoint.Buffer(0, out var accumulate);
            fixed (byte* px = x.Bytes(), py = products.Bytes(), pg = g.Bytes(), dx = target.Bytes())
            {
                if (g.DType == DType.Float32)
                {
                    Scans.Product((float*)px, (float*)py, outer, length, inner);
                    ScanGradients.Product((float*)px, (float*)py, (float*)pg, (float*)dx, outer, length, inner, accumulate, lastOnly: true);
                }
                else
                {
                    Scans.Product((double*)px, (double*)py, outer, length, inner);
                    ScanGradients.Product((double*)px, (double*)py, (double*)pg, (double*)dx, outer, length, inner, accumulate, lastOnly: true);
                }
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The product of all elements; 1 where there are none. Truth values and int32 are multiplied in int64, which wraps.</summary>
        /// <remarks>The gradient needs no division: with one zero, or several, it is right to every order.</remarks>
        public Tensor Product() => Product([]);

        /// <summary>The product along one axis.</summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <param name="keepDimensions">Whether the axis stays, with size 1.</param>
        /// <inheritdoc cref="Product()" path="/remarks"/>
        /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist.</exception>
        public Tensor Product(int axis, bool keepDimensions = false) => Product([axis], keepDimensions);

        /// <summary>The product over several axes, or all if none are named; an empty product is 1.</summary>
        /// <inheritdoc cref="Product()" path="/remarks"/>
        /// <exception cref="ArgumentOutOfRangeException">An axis that doesn't exist.</exception>
        public Tensor Product(ReadOnlySpan<int> axes, bool keepDimensions = false)
        {
            var which = Axes.Of("product", this, axes);
            var shape = keepDimensions ? which.Kept(Shape) : which.Without(Shape);
            var x = LineAxis.Widen(this);
            return axes.Length == 1
                ? new Product(Error.CheckAxis("product", axes[0], Rank)).Apply(x).Reshape(shape)
                : new Product(which.Without(Shape).Length).Apply(which.MoveLast(x)).Reshape(shape);
        }
    }
}
