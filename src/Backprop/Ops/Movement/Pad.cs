using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>A tensor inside a larger one that is filled with a number. The gradient is cut out again.</summary>
    /// <param name="before">How many elements come before, per axis.</param>
    /// <param name="after">How many come after.</param>
    /// <param name="value">The number.</param>
    internal sealed class Pad(int[] before, int[] after, double value) : Op
    {
        public override string Name => "pad";

        public override string Describe() => FormattableString.Invariant($"{Name}(before={Error.Text(before)}, after={Error.Text(after)}, value={value})");

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var sizes = inputs[0].Shape.ToArray();
            for (var axis = 0; axis < sizes.Length; axis++)
            {
                sizes[axis] = (int)Math.Min((long)sizes[axis] + before[axis] + after[axis], int.MaxValue);
            }

            var layout = Layout.Contiguous(Name, sizes);
            return new ResultSpec(inputs[0].Layout.RunsByChannels ? layout.ChannelsLast() : layout, inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            output.FillStorage(value);
            if (Box.TryCopy(inputs[0], output, before))
            {
                return;
            }

            var inside = output.Layout;
            for (var axis = 0; axis < output.Rank; axis++)
            {
                inside = inside.Slice(axis, before[axis], inputs[0].Shape[axis], 1);
            }

            new Tensor(output.Storage, inside, output.DType).CopyElements(inputs[0]);
        }

        internal override bool TakesSixteen => true;

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var gradient = adjoint.Gradient;
            for (var axis = 0; axis < before.Length; axis++)
            {
                if (before[axis] + (long)after[axis] > 0)
                {
                    gradient = gradient.Narrow(axis, before[axis], adjoint.LayoutOf(0).Sizes[axis]);
                }
            }

            adjoint.Add(0, gradient);
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            if (adjoint.Axis is { } axis)
            {
                adjoint.Along(before[axis.Axis] == 0 && after[axis.Axis] == 0 ? axis : throw adjoint.Refuse("pads the axis of the samples; keep it whole."));
                return;
            }

            var gradient = adjoint.Gradient;
            for (var i = 0; i < before.Length; i++)
            {
                gradient = gradient.Narrow(i + 1, before[i], adjoint.ShapeOf(0)[i]);
            }

            adjoint.AddWhole(0, gradient);
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Elements before and after along one axis; see <see cref="Pad(ReadOnlySpan{ValueTuple{int, int}}, PaddingMode, double)"/>.</summary>
        /// <param name="before">How many before; negative takes some away.</param>
        /// <param name="after">How many after; negative takes some away.</param>
        /// <param name="axis">The axis.</param>
        /// <param name="mode">What they are.</param>
        /// <param name="value">The number of the constant mode.</param>
        public Tensor Pad(int before, int after, int axis = -1, PaddingMode mode = PaddingMode.Constant, double value = 0)
        {
            var amounts = new (int Before, int After)[Rank];
            amounts[Error.CheckAxis("pad", axis, Rank)] = (before, after);
            return Pad(amounts, mode, value);
        }

        /// <summary>Elements around the last axes.</summary>
        /// <param name="amounts">
        /// How many before and after, in the order of the axes; the last pair is the last axis's. (PyTorch lists the numbers from the last axis backwards.)
        /// Negative ones take elements away, after padding the other side.
        /// </param>
        /// <param name="mode">What they are. Reflection needs fewer elements than the axis has, circular padding at most as many.</param>
        /// <param name="value">The number of the constant mode.</param>
        /// <exception cref="ShapeException">More pairs than axes, or more elements taken away than there are.</exception>
        /// <exception cref="ArgumentOutOfRangeException">More padding than the mode allows, or a value that is not one of the dtype.</exception>
        public Tensor Pad(ReadOnlySpan<(int Before, int After)> amounts, PaddingMode mode = PaddingMode.Constant, double value = 0)
        {
            if (mode is < PaddingMode.Constant or > PaddingMode.Circular)
            {
                throw Error.Range("pad", nameof(mode), mode, "Constant, Reflect, Replicate or Circular");
            }

            if (amounts.Length > Rank)
            {
                throw Error.Shape("pad", $"{amounts.Length} pairs for shape {Error.Text(Shape)}, which has {Rank} axes.");
            }

            CheckConstant("pad", value, DType);
            var (before, after) = (new int[Rank], new int[Rank]);
            var skipped = Rank - amounts.Length;
            for (var i = 0; i < amounts.Length; i++)
            {
                CheckPadding(skipped + i, amounts[i], mode);
                (before[skipped + i], after[skipped + i]) = (Math.Max(amounts[i].Before, 0), Math.Max(amounts[i].After, 0));
            }

            var result = mode == PaddingMode.Constant ? this : Mirrored(before, after, mode);
            if (mode == PaddingMode.Constant && (before.AsSpan().ContainsAnyExcept(0) || after.AsSpan().ContainsAnyExcept(0)))
            {
                result = new Pad(before, after, value).Run(new Operands(this));
            }

            for (var i = 0; i < amounts.Length; i++)
            {
                var (start, cut) = (Math.Max(-amounts[i].Before, 0), Math.Max(-amounts[i].After, 0));
                if (start + cut > 0)
                {
                    result = result.Narrow(skipped + i, start, result.Shape[skipped + i] - start - cut);
                }
            }

            return result.Apart(this);
        }

        private void CheckPadding(int axis, (int Before, int After) amounts, PaddingMode mode)
        {
            var size = Shape[axis];
            if ((long)size + amounts.Before + amounts.After < 0)
            {
                throw Error.Shape("pad", $"({amounts.Before}, {amounts.After}) takes more from axis {axis} of shape {Error.Text(Shape)} than it has, {size}.");
            }

            var most = mode switch
            {
                PaddingMode.Constant => int.MaxValue,
                PaddingMode.Reflect => Math.Max(size - 1, 0),
                PaddingMode.Replicate => size == 0 ? 0 : int.MaxValue,
                _ => size,
            };
            var amount = Math.Max(amounts.Before, amounts.After);
            if (amount > most)
            {
                throw Error.Range("pad", "amount", amount, $"at most {most} in mode {mode} along axis {axis} of shape {Error.Text(Shape)}");
            }

            var (longest, shortest) = (Math.Max(amounts.Before, 0L) + Math.Max(amounts.After, 0) + size, Math.Min(amounts.Before, amounts.After));
            if (longest > Array.MaxLength || shortest == int.MinValue)
            {
                throw Error.Shape("pad", $"({amounts.Before}, {amounts.After}) on axis {axis} of shape {Error.Text(Shape)} makes it too long.");
            }
        }

        /// <summary>Pads by parts of the tensor itself, axis by axis.</summary>
        private Tensor Mirrored(int[] before, int[] after, PaddingMode mode)
        {
            var x = this;
            for (var axis = 0; axis < Rank; axis++)
            {
                var (size, front, back) = (x.Shape[axis], before[axis], after[axis]);
                if (front + (long)back == 0)
                {
                    continue;
                }

                Tensor Edge(int position, int length)
                {
                    var shape = x.Shape.ToArray();
                    shape[axis] = length;
                    return x.Narrow(axis, position, 1).Expand(shape);
                }

                var parts = mode switch
                {
                    PaddingMode.Reflect =>
                        new[] { x.Narrow(axis, Math.Min(1, size), front).Flip(axis), x, x.Narrow(axis, Math.Max(size - 1 - back, 0), back).Flip(axis) },
                    PaddingMode.Replicate => [Edge(0, front), x, Edge(size - 1, back)],
                    _ => [x.Narrow(axis, size - front, front), x, x.Narrow(axis, 0, back)],
                };
                x = Concatenate(parts, axis);
            }

            return x;
        }
    }
}
