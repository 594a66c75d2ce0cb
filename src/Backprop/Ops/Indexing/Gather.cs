using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>result[…, i, …] = x[…, index[…, i, …], …] along an axis. The gradient is added back to where the elements came from.</summary>
    internal sealed class Gather(int axis) : Op
    {
        public override string Name => "gather";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var (x, index) = (inputs[0], inputs[1]);
            Positions.CheckType(Name, index);
            var fits = x.Rank == index.Rank;
            for (var a = 0; fits && a < x.Rank; a++)
            {
                fits = a == axis || index.Shape[a] <= x.Shape[a];
            }

            if (!fits)
            {
                throw Error.Shape(Name, $"an index of shape {Error.Text(index.Shape)} does not fit shape {Error.Text(x.Shape)}: "
                    + $"the ranks must be the same and no size larger, axis {axis} apart.");
            }

            Positions.Check(Name, index, axis, x.Shape[axis]);
            return new ResultSpec(index.Shape, x.DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0];
            switch (x.DType.Size())
            {
                case 4: Take<int>(x, inputs[1], output); break;
                case 8: Take<long>(x, inputs[1], output); break;
                default: Take<byte>(x, inputs[1], output); break;
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Input1;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            if (Recording.IsOn)
            {
                adjoint.Add(0, new ScatterAdd(axis, adjoint.LayoutOf(0).Sizes.ToArray()).Apply(adjoint.Gradient, adjoint.Input(1)));
            }
            else if (adjoint.Needs(0))
            {
                ScatterAdd.To(adjoint.ZeroedBuffer(0), adjoint.Gradient, adjoint.Input(1), axis);
            }
        }

        private void Take<T>(Tensor x, Tensor index, Tensor output)
            where T : unmanaged
        {
            using var positions = Positions.Of(Name, index, axis, x.Shape[axis]);
            var offsets = GatherWalk.Offsets(positions, x.Layout, index.Shape, axis);
            var source = x.Storage.Span<T>();
            var target = output.Storage.Span<T>();
            for (var i = 0; i < offsets.Length; i++)
            {
                target[i] = source[offsets[i]];
            }
        }
    }

    /// <summary>Zeros with elements added at positions along an axis: the adjoint of gather.</summary>
    internal sealed class ScatterAdd(int axis, int[] shape) : Op
    {
        public override string Name => "scatter_add";

        /// <summary>Adds elements to a tensor, in the order they lie in. Unrecorded.</summary>
        public static void To(Tensor target, Tensor source, Tensor index, int axis)
        {
            switch (target.DType)
            {
                case DType.Float32: Add<float>(target, source.Dense(), index, axis); break;
                case DType.Float64: Add<double>(target, source.Dense(), index, axis); break;
                case DType.Int32: Add<int>(target, source.Dense(), index, axis); break;
                case DType.Int64: Add<long>(target, source.Dense(), index, axis); break;
                default: throw Error.DType("scatter_add", target.DType, "use a numeric dtype.");
            }
        }

        protected internal override ResultSpec Infer(in Operands inputs) => new(shape, inputs[0].DType);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            output.Bytes().Clear();
            To(output, inputs[0], inputs[1], axis);
        }

        protected internal override Saved Saves(int needs) => Saved.Input1;

        protected internal override void Differentiate(Adjoint adjoint) =>
            adjoint.Add(0, new Gather(axis).Apply(adjoint.Gradient, adjoint.Input(1)));

        private static void Add<T>(Tensor output, Tensor source, Tensor index, int axis)
            where T : unmanaged, System.Numerics.INumberBase<T>
        {
            using var positions = Positions.Of("scatter_add", index, axis, output.Shape[axis]);
            var offsets = GatherWalk.Offsets(positions, output.Layout, index.Shape, axis);
            var values = source.AsSpan<T>();
            var target = output.Storage.Span<T>();
            for (var i = 0; i < offsets.Length; i++)
            {
                target[offsets[i]] += values[i];
            }
        }
    }

    /// <summary>Where the elements that an index tensor points at lie in storage.</summary>
    internal static class GatherWalk
    {
        /// <summary>Replaces the positions by offsets.</summary>
        public static ReadOnlySpan<int> Offsets(Positions positions, Layout layout, ReadOnlySpan<int> shape, int axis)
        {
            var offsets = positions.Span;
            Span<int> counter = stackalloc int[Layout.MaxRank];
            counter.Clear();
            for (var i = 0; i < offsets.Length; i++)
            {
                var offset = layout.Offset + (offsets[i] * layout.Strides[axis]);
                for (var a = 0; a < shape.Length; a++)
                {
                    offset += a == axis ? 0 : counter[a] * layout.Strides[a];
                }

                offsets[i] = offset;
                for (var a = shape.Length - 1; a >= 0 && ++counter[a] == shape[a]; a--)
                {
                    counter[a] = 0;
                }
            }

            return offsets;
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Picks one element per entry of <paramref name="index"/> along an axis: result[i, j] = this[i, index[i, j]] for axis 1.</summary>
        /// <param name="axis">The axis the positions count along.</param>
        /// <param name="index">int64 or int32, of this tensor's rank, no larger on the other axes; negative positions count from the end.</param>
        /// <exception cref="ShapeException">The index doesn't fit.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A position outside the axis.</exception>
        public Tensor Gather(int axis, Tensor index)
        {
            ArgumentNullException.ThrowIfNull(index);
            return new Gather(Error.CheckAxis("gather", axis, Rank)).Run(new Operands(this, index));
        }
    }
}
