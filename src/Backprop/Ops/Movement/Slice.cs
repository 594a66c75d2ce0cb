using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Every step-th element of an axis from a start. The gradient is placed among zeros.</summary>
    internal sealed class Slice(int axis, int start, int length, int step) : ViewOp
    {
        public override string Name => "slice";

        internal override bool PassesOn => true;

        internal override Layout View(Tensor input) => input.Layout.Slice(axis, start, length, step);

        protected internal override void Differentiate(Adjoint adjoint)
        {
            if (Recording.IsOn)
            {
                adjoint.Add(0, new Place(adjoint.LayoutOf(0).Sizes.ToArray(), axis, start, step).Apply(adjoint.Gradient));
            }
            else if (adjoint.Needs(0))
            {
                // Into the one gradient of the whole, which may be behind other slices: as many as there are cost no more than their elements.
                var whole = adjoint.PlaceToAdd(0, adjoint.Gradient.Layout, _ => true);
                new Tensor(whole.Storage, whole.Layout.Slice(axis, start, length, step), whole.DType).Accumulate(adjoint.Gradient);
            }
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            var sizes = adjoint.ShapeOf(0);
            if (adjoint.Axis is not { } along)
            {
                adjoint.AddWhole(0, new Place([adjoint.Samples, .. sizes], axis + 1, start, step).Apply(adjoint.Gradient));
            }
            else if (along.Axis != axis)
            {
                adjoint.Along(along);
            }
            else
            {
                // Whole turns of all samples may be left out.
                var turn = along.Samples * along.Inner;
                adjoint.Along(step == 1 && start % turn == 0 && sizes[axis] % turn == 0
                    ? along with { Outer = sizes[axis] / turn }
                    : throw adjoint.Refuse("cuts or turns round the axis of the samples; keep it whole."));
            }
        }
    }

    /// <summary>Places a tensor in a larger one of zeros, at every step-th element of an axis from a start: the adjoint of a slice.</summary>
    internal sealed class Place(int[] shape, int axis, int start, int step) : Op
    {
        public override string Name => "place";

        protected internal override ResultSpec Infer(in Operands inputs) => new(shape, inputs[0].DType);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            output.Bytes().Clear();
            var target = output.Layout.Slice(axis, start, inputs[0].Shape[axis], step);
            new Tensor(output.Storage, target, output.DType).CopyElements(inputs[0]);
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) =>
            adjoint.Add(0, new Slice(axis, start, adjoint.LayoutOf(0).Sizes[axis], step).Apply(adjoint.Gradient));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>A view of <paramref name="length"/> elements of an axis from <paramref name="start"/>.</summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <param name="start">The first element; negative counts from the end.</param>
        /// <param name="length">How many.</param>
        /// <exception cref="ArgumentOutOfRangeException">The stretch is not inside the axis.</exception>
        public Tensor Narrow(int axis, int start, int length)
        {
            axis = Error.CheckAxis("narrow", axis, Rank);
            var size = Shape[axis];
            var from = start < 0 ? start + size : start;
            if (from < 0 || from > size)
            {
                throw Error.Range("narrow", nameof(start), start, FormattableString.Invariant($"from {-size} to {size}, the size of axis {axis}"));
            }

            if (length < 0 || length > size - from)
            {
                throw Error.Range(
                    "narrow", nameof(length), length, FormattableString.Invariant($"from 0 to {size - from}, what is left of axis {axis} after {from}"));
            }

            return new Slice(axis, from, length, 1).Run(new Operands(this));
        }

        /// <summary>A view with some axes reversed.</summary>
        public Tensor Flip(params ReadOnlySpan<int> axes)
        {
            var normals = new int[axes.Length];
            for (var i = 0; i < normals.Length; i++)
            {
                normals[i] = Error.CheckAxis("flip", axes[i], Rank);
                if (normals.AsSpan(0, i).Contains(normals[i]))
                {
                    throw Error.Shape("flip", $"axis {axes[i]} is named twice in {Error.Text(axes)}.");
                }
            }

            var result = normals.Length == 0 ? Alias.Instance.Run(new Operands(this)) : this;
            foreach (var normal in normals)
            {
                result = new Slice(normal, Math.Max(Shape[normal] - 1, 0), Shape[normal], -1).Run(new Operands(result));
            }

            return result;
        }
    }
}
