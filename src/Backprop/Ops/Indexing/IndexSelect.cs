using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Slices of an axis chosen by a vector of positions. The gradient is added back to the chosen slices.</summary>
    internal sealed class IndexSelect(int axis) : Op
    {
        public override string Name => "index_select";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            IndexChecks.Vector(Name, inputs[1]);
            var sizes = inputs[0].Shape.ToArray();
            IndexChecks.Values(Name, inputs[1], axis, sizes[axis]);
            sizes[axis] = inputs[1].Count;
            return new ResultSpec(sizes, inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var (outer, size, inner) = x.Around(axis);
            var bytes = (int)(inner * x.DType.Size());
            var positions = IndexChecks.Positions(inputs[1], size);
            var source = x.Bytes();
            var target = output.Bytes();
            for (var o = 0; o < outer; o++)
            {
                for (var i = 0; i < positions.Length; i++)
                {
                    source.Slice(((o * size) + positions[i]) * bytes, bytes).CopyTo(target[(((o * positions.Length) + i) * bytes)..]);
                }
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Input1;

        protected internal override void Differentiate(Adjoint adjoint) =>
            adjoint.Add(0, new IndexAdd(axis, adjoint.LayoutOf(0).Sizes[axis]).Apply(adjoint.Gradient, adjoint.Input(1)));
    }

    /// <summary>Zeros with the slices of a tensor added at positions along an axis: the adjoint of choosing slices.</summary>
    internal sealed class IndexAdd(int axis, int size) : Op
    {
        public override string Name => "index_add";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var sizes = inputs[0].Shape.ToArray();
            sizes[axis] = size;
            return new ResultSpec(sizes, inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            output.Storage.Span<byte>().Clear();
            var positions = IndexChecks.Positions(inputs[1], size);
            for (var i = 0; i < positions.Length; i++)
            {
                // Slices in the order of the positions, one after the other: the sum has the same bits on every thread count.
                var slice = new Tensor(output.Storage, output.Layout.Slice(axis, positions[i], 1, 1), output.DType);
                slice.Accumulate(new Tensor(inputs[0].Storage, inputs[0].Layout.Slice(axis, i, 1, 1), output.DType));
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Input1;

        protected internal override void Differentiate(Adjoint adjoint) =>
            adjoint.Add(0, new IndexSelect(axis).Apply(adjoint.Gradient, adjoint.Input(1)));
    }

    /// <summary>Checks that index operations share.</summary>
    internal static class IndexChecks
    {
        public static void Integers(string operation, Tensor index)
        {
            if (index.DType is not (DType.Int64 or DType.Int32))
            {
                throw Error.DType(operation, index.DType, "positions must be int64 or int32; convert with To(DType.Int64).");
            }
        }

        public static void Vector(string operation, Tensor index)
        {
            Integers(operation, index);
            if (index.Rank != 1)
            {
                throw Error.Shape(operation, $"the positions must be a vector, not of shape {Error.Text(index.Shape)}.");
            }
        }

        public static void Values(string operation, Tensor index, int axis, int size)
        {
            foreach (var position in Values(index))
            {
                if (position < -size || position >= size)
                {
                    throw Error.Range(
                        operation, "position", position, size == 0 ? $"nothing: axis {axis} is empty" : $"from {-size} to {size - 1} for axis {axis}");
                }
            }
        }

        /// <summary>The positions with negative ones counted from the end.</summary>
        public static int[] Positions(Tensor index, int size) =>
            Array.ConvertAll(Values(index), position => (int)(position < 0 ? position + size : position));

        private static long[] Values(Tensor index) => index.DType == DType.Int64 ? index.ToArray<long>() : Array.ConvertAll(index.ToArray<int>(), i => (long)i);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Slices of an axis: result slice i is slice <paramref name="positions"/>[i] of this tensor. For embeddings and batches.</summary>
        /// <param name="positions">A vector of int64 or int32; negative ones count from the end.</param>
        /// <param name="axis">The axis they count along.</param>
        /// <exception cref="ArgumentOutOfRangeException">A position outside the axis.</exception>
        public Tensor IndexSelect(Tensor positions, int axis = 0)
        {
            ArgumentNullException.ThrowIfNull(positions);
            return new IndexSelect(Error.CheckAxis("index_select", axis, Rank)).Run(new Operands(this, positions));
        }

        /// <summary>Outer size, size and inner size around an axis.</summary>
        internal (int Outer, int Size, int Inner) Around(int axis)
        {
            int outer = 1, inner = 1;
            for (var i = 0; i < Rank; i++)
            {
                outer *= i < axis ? Shape[i] : 1;
                inner *= i > axis ? Shape[i] : 1;
            }

            return (outer, Shape[axis], inner);
        }
    }
}
