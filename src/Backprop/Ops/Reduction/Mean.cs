using System.Numerics.Tensors;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// The mean over some axes, which go; NaN where there is nothing along them. The gradient is divided by the count and repeated along them.
    /// </summary>
    internal sealed class Mean(Axes axes, int count) : Op
    {
        public override string Name => "mean";

        protected internal override ResultSpec Infer(in Operands inputs) => new(axes.Without(inputs[0].Shape), inputs[0].DType);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            Sum.Compute(axes, inputs[0], output);
            if (output.DType == DType.Float32)
            {
                var sums = output.Storage.Span<float>();
                TensorPrimitives.Divide(sums, count, sums);
            }
            else
            {
                var sums = output.Storage.Span<double>();
                TensorPrimitives.Divide(sums, count, sums);
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => inputs[0]?.Count ?? double.NaN;

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) => Sum.Spread(adjoint, axes, Share(adjoint.Gradient));

        internal override void DifferentiatePerSample(SampleAdjoint adjoint) => Sum.SpreadPerSample(adjoint, axes, Share(adjoint.Gradient));

        /// <summary>What each element has of the gradient; where there is none, anything finite.</summary>
        private Tensor Share(Tensor gradient) => gradient * (1.0 / Math.Max(count, 1));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The mean of all elements; NaN where there are none.</summary>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor Mean() => Mean([]);

        /// <summary>The mean along one axis.</summary>
        public Tensor Mean(int axis, bool keepDimensions = false) => Mean([axis], keepDimensions);

        /// <summary>The mean over several axes, or all if none are named.</summary>
        public Tensor Mean(ReadOnlySpan<int> axes, bool keepDimensions = false)
        {
            if (!DType.IsFloating())
            {
                throw Error.DType("mean", DType, "convert with To(DType.Float32) first.");
            }

            var which = Axes.Of("mean", this, axes);
            var result = new Mean(which, which.CountOf(Shape)).Run(new Operands(Wide)).To(DType);
            return keepDimensions ? result.Reshape(which.Kept(Shape)) : result;
        }
    }
}
