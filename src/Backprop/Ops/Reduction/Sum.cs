using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>The sum over some axes, which go. The gradient is repeated along them.</summary>
    internal sealed unsafe class Sum(Axes axes) : Op
    {
        public override string Name => "sum";

        protected internal override ResultSpec Infer(in Operands inputs) =>
            new(axes.Without(inputs[0].Shape), inputs[0].DType is DType.Bool or DType.Int32 ? DType.Int64 : inputs[0].DType);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            Compute(axes, inputs[0], output);
        }

        /// <summary>Sums over axes.</summary>
        internal static void Compute(Axes axes, Tensor input, Tensor output)
        {
            var x = axes.Distinct(input, out var times).To(output.DType);
            var result = axes.ResultFor(x, output);
            Reduce(axes, x, result);
            if (times > 1)
            {
                result = Elementwise.Apply<MultiplyRule>(result, times);
            }

            if (!ReferenceEquals(result, output))
            {
                output.CopyElements(result);
            }
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) => Spread(adjoint, axes, adjoint.Gradient);

        internal override void DifferentiatePerSample(SampleAdjoint adjoint) => SpreadPerSample(adjoint, axes, adjoint.Gradient);

        /// <summary>Adds what is repeated along the axes.</summary>
        internal static void Spread(Adjoint adjoint, Axes axes, Tensor gradient)
        {
            var shape = adjoint.LayoutOf(0).Sizes;
            adjoint.Add(0, gradient.Reshape(axes.Kept(shape)).Expand(shape));
        }

        /// <inheritdoc cref="Spread"/>
        internal static void SpreadPerSample(SampleAdjoint adjoint, Axes axes, Tensor gradient)
        {
            int[] shape = [.. adjoint.ShapeOf(0)];
            if (adjoint.Axis is { } along)
            {
                adjoint.Add(0, gradient.Reshape(axes.Kept(shape)).Expand(shape), along.At(axes.Before(along.Axis)));
                return;
            }

            adjoint.AddWhole(0, gradient.Reshape([adjoint.Samples, .. axes.Kept(shape)]).Expand([adjoint.Samples, .. shape]));
        }

        private static void Reduce(Axes axes, Tensor x, Tensor output)
        {
            var (source, outer, reduce, inner) = axes.Arrange(x, inAnyOrder: true);
            fixed (byte* from = source.Bytes(), to = output.Bytes())
            {
                switch (x.DType)
                {
                    case DType.Float32: Reductions.Sum((float*)from, (float*)to, outer, reduce, inner); break;
                    case DType.Float64: Reductions.Sum((double*)from, (double*)to, outer, reduce, inner); break;
                    default: Reductions.Sum((long*)from, (long*)to, outer, reduce, inner); break;
                }
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The sum of all elements. Truth values and int32 are summed in int64.</summary>
        public Tensor Sum() => Sum([]);

        /// <summary>The sum along one axis.</summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <param name="keepDimensions">Whether the axis stays, with size 1.</param>
        public Tensor Sum(int axis, bool keepDimensions = false) => Sum([axis], keepDimensions);

        /// <summary>The sum over several axes, or all if none are named; an empty sum is 0.</summary>
        /// <exception cref="ArgumentOutOfRangeException">An axis that doesn't exist.</exception>
        public Tensor Sum(ReadOnlySpan<int> axes, bool keepDimensions = false)
        {
            var which = Axes.Of("sum", this, axes);
            var result = new Sum(which).Run(new Operands(this));
            return keepDimensions ? result.Reshape(which.Kept(Shape)) : result;
        }

        /// <summary>The sum over the axes along which <paramref name="shape"/> broadcasts to this tensor.</summary>
        /// <exception cref="ShapeException">The shape doesn't broadcast to this tensor's.</exception>
        internal Tensor SumTo(ReadOnlySpan<int> shape)
        {
            if (Layout.HasShape(shape))
            {
                return this;
            }

            var axes = new List<int>();
            var lead = Rank - shape.Length;
            for (var axis = 0; axis < Rank; axis++)
            {
                var size = axis < lead ? 1 : shape[axis - lead];
                if (lead < 0 || (size != Shape[axis] && size != 1))
                {
                    throw Error.Shape("sum_to", $"shape {Error.Text(shape)} does not broadcast to {Error.Text(Shape)}.");
                }

                if (axis < lead || size != Shape[axis])
                {
                    axes.Add(axis);
                }
            }

            if (lead < 0)
            {
                throw Error.Shape("sum_to", $"shape {Error.Text(shape)} does not broadcast to {Error.Text(Shape)}.");
            }

            return (axes.Count == 0 ? this : Sum(axes.ToArray())).Reshape(shape);
        }
    }
}
