using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>The same elements in row-major order under another shape. The gradient is reshaped back.</summary>
    internal sealed class Reshape(int[] shape) : ViewOp
    {
        public override string Name => "reshape";

        internal override bool PassesOn => true;

        internal override Layout View(Tensor input) => input.Layout.TryReshape(shape)!;

        protected internal override void Differentiate(Adjoint adjoint) =>
            adjoint.Add(0, adjoint.Gradient.Reshape(adjoint.LayoutOf(0).Sizes));

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            if (adjoint.Axis is { } axis)
            {
                adjoint.Along(axis.Reshaped(shape, adjoint.ShapeOf(0)) ?? throw adjoint.Refuse("cuts the axis of the samples in two; keep it whole."));
            }
            else
            {
                adjoint.AddWhole(0, adjoint.Gradient.Reshape([adjoint.Samples, .. adjoint.ShapeOf(0)]));
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The same elements under another shape; a view where the strides allow it, else a copy.</summary>
        /// <param name="shape">The sizes; one of them may be −1 and is then computed.</param>
        /// <exception cref="ShapeException">The number of elements differs.</exception>
        public Tensor Reshape(params ReadOnlySpan<int> shape)
        {
            var sizes = ResolveShape(shape);
            if (Layout.HasShape(sizes))
            {
                return this;
            }

            var source = Layout.TryReshape(sizes) is null ? Contiguous() : this;
            return new Reshape(sizes).Run(new Operands(source));
        }

        /// <summary>Merges axes <paramref name="first"/> to <paramref name="last"/> (both included) into one.</summary>
        public Tensor Flatten(int first = 0, int last = -1)
        {
            if (Rank == 0)
            {
                return Reshape(1);
            }

            first = Error.CheckAxis("flatten", first, Rank);
            last = Error.CheckAxis("flatten", last, Rank);
            if (first > last)
            {
                throw Error.Range("flatten", nameof(first), first, FormattableString.Invariant($"at most last, {last}"));
            }

            var merged = 1;
            for (var axis = first; axis <= last; axis++)
            {
                merged *= Shape[axis];
            }

            return Reshape([.. Shape[..first], merged, .. Shape[(last + 1)..]]);
        }

        private int[] ResolveShape(ReadOnlySpan<int> shape)
        {
            var sizes = shape.ToArray();
            var unknown = Array.IndexOf(sizes, -1);
            if (unknown >= 0)
            {
                sizes[unknown] = 1;
                var known = sizes.Contains(-1) ? 0 : Layout.CheckedCount("reshape", sizes);
                if (known == 0 || Count % known != 0)
                {
                    throw Error.Shape("reshape", $"{Count} elements of shape {Error.Text(Shape)} don't fit {Error.Text(shape)}.");
                }

                sizes[unknown] = Count / known;
            }

            if (Layout.CheckedCount("reshape", sizes) != Count)
            {
                throw Error.Shape("reshape", $"{Count} elements of shape {Error.Text(Shape)} don't fit {Error.Text(shape)}.");
            }

            return sizes;
        }
    }
}
