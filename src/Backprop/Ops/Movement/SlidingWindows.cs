using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Windows along an axis, as a new last axis: a view in which elements may come several times. The gradient adds the overlaps up.</summary>
    internal sealed class SlidingWindows(int axis, int size, int step) : ViewOp
    {
        public override string Name => "sliding_windows";

        public override string Describe() => $"{Name}(axis={axis}, size={size}, step={step})";

        internal override Layout View(Tensor input) => input.Layout.Windows(axis, size, step);

        protected internal override void Differentiate(Adjoint adjoint)
        {
            if (Recording.IsOn)
            {
                adjoint.Add(0, new OverlapAdd(axis, step, adjoint.LayoutOf(0).Sizes.ToArray()).Apply(adjoint.Gradient));
            }
            else if (adjoint.Needs(0))
            {
                OverlapAdd.To(adjoint.ZeroedBuffer(0), adjoint.Gradient, axis, step);
            }
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            if (adjoint.Axis is not { } along)
            {
                adjoint.AddWhole(0, new OverlapAdd(axis + 1, step, [adjoint.Samples, .. adjoint.ShapeOf(0)]).Apply(adjoint.Gradient));
            }
            else if (along.Axis != axis && along.Axis < adjoint.ShapeOf(0).Length)
            {
                adjoint.Along(along);
            }
            else
            {
                throw adjoint.Refuse("lays windows over the samples; keep their axis whole.");
            }
        }
    }

    /// <summary>Windows, the last axis, added up where they lie along an axis: the adjoint of sliding windows.</summary>
    internal sealed class OverlapAdd(int axis, int step, int[] shape) : Op
    {
        public override string Name => "overlap_add";

        /// <summary>Adds windows to a tensor, position by position of the windows. Unrecorded.</summary>
        public static void To(Tensor target, Tensor windows, int axis, int step)
        {
            var (count, size) = (windows.Shape[axis], windows.Shape[^1]);
            for (var k = 0; k < size && windows.Count > 0; k++)
            {
                var into = new Tensor(target.Storage, target.Layout.Slice(axis, k, count, step), target.DType);
                into.Accumulate(new Tensor(windows.Storage, windows.Layout.Select(windows.Rank - 1, k), windows.DType));
            }
        }

        protected internal override ResultSpec Infer(in Operands inputs) => new(Layout.Contiguous(Name, shape), inputs[0].DType);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            output.Bytes().Clear();
            To(output, inputs[0], axis, step);
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) =>
            adjoint.Add(0, new SlidingWindows(axis, adjoint.LayoutOf(0).Sizes[^1], step).Apply(adjoint.Gradient));

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => inputs[0]?.Count ?? double.NaN;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// Windows of <paramref name="size"/> elements along an axis, one every <paramref name="step"/> elements: a view in which the axis counts the
        /// windows and a new last axis the elements in them. Windows may overlap; gradients add up. What is left at the end is dropped.
        /// </summary>
        /// <param name="axis">The axis.</param>
        /// <param name="size">The length of a window, from 1 to the size of the axis.</param>
        /// <param name="step">From one window to the next, at least 1.</param>
        /// <exception cref="ArgumentOutOfRangeException">An axis that isn't there, a window that doesn't fit, or a step below 1.</exception>
        public Tensor SlidingWindows(int axis, int size, int step = 1)
        {
            const string Operation = "sliding_windows";
            axis = Error.CheckAxis(Operation, axis, Rank);
            Layout.CheckRank(Operation, Rank + 1);
            if (size < 1 || size > Shape[axis])
            {
                var legal = Shape[axis] == 0 ? $"nothing: axis {axis} is empty" : $"from 1 to {Shape[axis]}, the size of axis {axis}";
                throw Error.Range(Operation, nameof(size), size, legal);
            }

            if (step < 1)
            {
                throw Error.Range(Operation, nameof(step), step, "at least 1");
            }

            // As large as a result computed from it may be.
            var sizes = (int[])[.. Shape, size];
            sizes[axis] = ((Shape[axis] - size) / step) + 1;
            Layout.CheckedCount(Operation, sizes);
            return new SlidingWindows(axis, size, step).Run(new Operands(this));
        }
    }
}
