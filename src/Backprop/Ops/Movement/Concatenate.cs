using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Tensors one after the other along an axis. The gradient is cut up again.</summary>
    internal sealed class Concatenate(int axis, int[] lengths) : Op
    {
        public override string Name => "concatenate";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var first = inputs[0];
            var sizes = first.Shape.ToArray();
            long total = 0;
            for (var i = 0; i < inputs.Count; i++)
            {
                var input = inputs[i];
                if (input.DType != first.DType)
                {
                    throw Error.DTypesDiffer(Name, first.DType, input.DType);
                }

                var fits = input.Rank == first.Rank;
                for (var a = 0; fits && a < first.Rank; a++)
                {
                    fits = a == axis || input.Shape[a] == first.Shape[a];
                }

                if (!fits)
                {
                    throw Error.Shape(
                        Name, $"shapes {Error.Text(first.Shape)} and {Error.Text(input.Shape)} (number {i}) must agree on every axis but {axis}.");
                }

                total += input.Shape[axis];
            }

            sizes[axis] = (int)Math.Min(total, int.MaxValue);
            var layout = Layout.Contiguous(Name, sizes);
            return new ResultSpec(first.Layout.RunsByChannels ? layout.ChannelsLast() : layout, first.DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var start = 0;
            for (var i = 0; i < inputs.Count; i++)
            {
                var length = inputs[i].Shape[axis];
                inputs[i].CheckAlive();
                if (!Box.TryCopy(inputs[i], output, axis, start))
                {
                    new Tensor(output.Storage, output.Layout.Slice(axis, start, length, 1), output.DType).CopyElements(inputs[i]);
                }

                start += length;
            }
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var start = 0;
            for (var i = 0; i < adjoint.InputCount; i++)
            {
                if (adjoint.Needs(i))
                {
                    adjoint.Add(i, adjoint.Gradient.Narrow(axis, start, lengths[i]));
                }

                start += lengths[i];
            }
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            var along = adjoint.Axis;
            var parts = new SampleAxis?[adjoint.InputCount];
            for (int i = 0, start = 0; i < parts.Length; start += lengths[i++])
            {
                if (!adjoint.Needs(i))
                {
                    continue;
                }

                if (along is not { } samples)
                {
                    adjoint.AddWhole(i, adjoint.Gradient.Narrow(axis + 1, start, lengths[i]));
                    continue;
                }

                // Parts may follow each other in whole turns of all samples.
                var turn = samples.Samples * samples.Inner;
                parts[i] = samples.Axis != axis ? samples
                    : start % turn == 0 && lengths[i] % turn == 0 ? samples with { Outer = lengths[i] / turn }
                    : throw adjoint.Refuse("puts samples together along their axis; compute them as one batch from the start.");
            }

            if (along is not null)
            {
                adjoint.Along(parts);
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Joins tensors along an axis; all other sizes must agree.</summary>
        /// <exception cref="ShapeException">No tensors, scalars, or sizes that differ.</exception>
        public static Tensor Concatenate(ReadOnlySpan<Tensor> tensors, int axis = 0)
        {
            if (tensors.IsEmpty)
            {
                throw Error.Shape("concatenate", "there must be at least one tensor.");
            }

            ArgumentNullException.ThrowIfNull(tensors[0], nameof(tensors));
            axis = Error.CheckAxis("concatenate", axis, tensors[0].Rank);
            var lengths = new int[tensors.Length];
            for (var i = 0; i < lengths.Length; i++)
            {
                ArgumentNullException.ThrowIfNull(tensors[i], nameof(tensors));
                lengths[i] = axis < tensors[i].Rank ? tensors[i].Shape[axis] : 0;
            }

            return new Concatenate(axis, lengths).Apply(tensors);
        }

        /// <summary>Joins tensors of one shape along a new axis.</summary>
        public static Tensor Stack(ReadOnlySpan<Tensor> tensors, int axis = 0)
        {
            if (tensors.IsEmpty)
            {
                throw Error.Shape("stack", "there must be at least one tensor.");
            }

            ArgumentNullException.ThrowIfNull(tensors[0], nameof(tensors));
            axis = Error.CheckAxis("stack", axis, tensors[0].Rank + 1);
            var rows = new Tensor[tensors.Length];
            for (var i = 0; i < rows.Length; i++)
            {
                ArgumentNullException.ThrowIfNull(tensors[i], nameof(tensors));
                if (!tensors[i].Layout.HasShape(tensors[0].Shape))
                {
                    throw Error.Shape("stack", $"shapes {Error.Text(tensors[0].Shape)} and {Error.Text(tensors[i].Shape)} (number {i}) must be the same.");
                }

                if (tensors[i].DType != tensors[0].DType)
                {
                    throw Error.DTypesDiffer("stack", tensors[0].DType, tensors[i].DType);
                }

                rows[i] = tensors[i].Unsqueeze("stack", axis);
            }

            return Concatenate(rows, axis);
        }

        /// <summary>Cuts an axis into pieces of one size, the last one possibly smaller; views.</summary>
        /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
        public Tensor[] Split(int size, int axis = 0)
        {
            axis = Error.CheckAxis("split", axis, Rank);
            if (size < 1)
            {
                throw Error.Range("split", nameof(size), size, "at least 1");
            }

            var pieces = new Tensor[Math.Max((Shape[axis] + size - 1) / size, 1)];
            for (var i = 0; i < pieces.Length; i++)
            {
                pieces[i] = Narrow(axis, i * size, Math.Min(size, Shape[axis] - (i * size)));
            }

            return pieces;
        }

        /// <summary>Cuts an axis into pieces of the given sizes; views.</summary>
        /// <exception cref="ShapeException">The sizes don't add up to the axis.</exception>
        public Tensor[] Split(ReadOnlySpan<int> sizes, int axis = 0)
        {
            axis = Error.CheckAxis("split", axis, Rank);
            long total = 0;
            foreach (var size in sizes)
            {
                if (size < 0)
                {
                    throw Error.Range("split", nameof(sizes), size, "at least 0");
                }

                total += size;
            }

            if (total != Shape[axis])
            {
                throw Error.Shape("split", $"sizes {Error.Text(sizes)} add up to {total}, but axis {axis} of shape {Error.Text(Shape)} has {Shape[axis]}.");
            }

            var pieces = new Tensor[sizes.Length];
            for (int i = 0, start = 0; i < pieces.Length; start += sizes[i++])
            {
                pieces[i] = Narrow(axis, start, sizes[i]);
            }

            return pieces;
        }
    }
}
