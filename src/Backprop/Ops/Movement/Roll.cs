using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y[i] = x[(i − shift) mod size] along axes: what is pushed out at one end comes in at the other. The gradient is rolled back.</summary>
    /// <param name="axes">The axes, each once.</param>
    /// <param name="shifts">From 0 to size − 1.</param>
    internal sealed class Roll(int[] axes, int[] shifts) : Op
    {
        public override string Name => "roll";

        public override string Describe() => $"{Name}(shifts={Error.Text(shifts)}, axes={Error.Text(axes)})";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            if (output.Count > 0)
            {
                Copy(inputs[0], inputs[0].Layout, output, output.Layout, 0);
            }
        }

        internal override bool TakesSixteen => true;

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var back = new int[shifts.Length];
            for (var i = 0; i < back.Length; i++)
            {
                var size = adjoint.LayoutOf(0).Sizes[axes[i]];
                back[i] = size == 0 ? 0 : (size - shifts[i]) % size;
            }

            adjoint.Add(0, new Roll(axes, back).Apply(adjoint.Gradient));
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint) => adjoint.Along(adjoint.Axis is { } axis && !axes.Contains(axis.Axis)
            ? axis
            : throw adjoint.Refuse("shifts along the samples, or a parameter, for which there is no rule."));

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;

        /// <summary>Each axis falls into two parts that change places.</summary>
        private void Copy(Tensor x, Layout from, Tensor y, Layout to, int depth)
        {
            if (depth == axes.Length)
            {
                new Tensor(y.Storage, to, y.DType).CopyElements(new Tensor(x.Storage, from, x.DType));
                return;
            }

            var (axis, shift) = (axes[depth], shifts[depth]);
            var rest = from.Sizes[axis] - shift;
            Copy(x, from.Slice(axis, 0, rest, 1), y, to.Slice(axis, shift, rest, 1), depth + 1);
            if (shift > 0)
            {
                Copy(x, from.Slice(axis, rest, shift, 1), y, to.Slice(axis, 0, shift, 1), depth + 1);
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Elements shifted along the row-major order of the whole tensor; what is pushed out at the end comes in at the front.</summary>
        /// <param name="shift">How far; negative the other way.</param>
        public Tensor Roll(int shift) => Reshape(Count).Roll(shift, 0).Reshape(Shape);

        /// <summary>Elements shifted along an axis; what is pushed out at the end comes in at the front.</summary>
        /// <param name="shift">How far; negative the other way.</param>
        /// <param name="axis">The axis.</param>
        public Tensor Roll(int shift, int axis) => Roll([shift], [axis]);

        /// <summary>Elements shifted along several axes; what is pushed out at the end comes in at the front.</summary>
        /// <param name="shifts">How far along each axis; negative the other way.</param>
        /// <param name="axes">The axes; one named twice is shifted twice.</param>
        /// <exception cref="ShapeException">Not as many shifts as axes.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An axis that isn't there.</exception>
        public Tensor Roll(ReadOnlySpan<int> shifts, ReadOnlySpan<int> axes)
        {
            if (shifts.Length != axes.Length)
            {
                throw Error.Shape("roll", $"shifts {Error.Text(shifts)} and axes {Error.Text(axes)} must be as many.");
            }

            var total = new SortedDictionary<int, long>();
            for (var i = 0; i < axes.Length; i++)
            {
                var axis = Error.CheckAxis("roll", axes[i], Rank);
                total[axis] = total.GetValueOrDefault(axis) + shifts[i];
            }

            var normal = new int[total.Count];
            var k = 0;
            foreach (var (axis, shift) in total)
            {
                var size = Shape[axis];
                normal[k++] = size == 0 ? 0 : (int)(((shift % size) + size) % size);
            }

            return new Roll([.. total.Keys], normal).Run(new Operands(this));
        }
    }
}
