using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Repeats axes of size 1 and adds axes in front, by stride 0. The gradient is summed back.</summary>
    internal sealed class Expand(int[] shape) : ViewOp
    {
        public override string Name => "expand";

        internal override Layout View(Tensor input) => input.Layout.TryExpand(shape)
            ?? throw Error.Shape(Name, $"shape {Error.Text(input.Shape)} does not broadcast to {Error.Text(shape)}.");

        // The frontier sums a contribution back to the shape of a broadcast input.
        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, adjoint.Gradient);

        internal override void DifferentiatePerSample(SampleAdjoint adjoint) => adjoint.Broadcast();
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>A view in a shape that this one broadcasts to: axes of size 1 are repeated, axes may be added in front.</summary>
        /// <param name="shape">The sizes; −1 keeps one.</param>
        /// <exception cref="ShapeException">The shape doesn't broadcast to the wanted one.</exception>
        public Tensor Expand(params ReadOnlySpan<int> shape)
        {
            var sizes = shape.ToArray();
            for (var i = 1; i <= sizes.Length; i++)
            {
                if (sizes[^i] == -1 && i <= Rank)
                {
                    sizes[^i] = Shape[^i];
                }
            }

            if (Layout.HasShape(sizes))
            {
                return this;
            }

            Layout.CheckedCount("expand", sizes);
            return new Expand(sizes).Run(new Operands(this));
        }
    }
}
