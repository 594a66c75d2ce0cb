using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Slices of an axis chosen by a vector of positions. The gradient is added back to the chosen slices.</summary>
    internal sealed unsafe class IndexSelect(int axis) : Op
    {
        public override string Name => "index_select";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var index = inputs[1];
            Positions.CheckType(Name, index);
            if (index.Rank != 1)
            {
                throw Error.Shape(Name, $"the positions must be a vector, not of shape {Error.Text(index.Shape)}.");
            }

            var sizes = inputs[0].Shape.ToArray();
            Positions.Check(Name, index, axis, sizes[axis]);
            sizes[axis] = index.Count;
            return new ResultSpec(sizes, inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var (outer, size, inner) = x.Around(axis);
            using var positions = Positions.Of(Name, inputs[1], axis, size);
            fixed (byte* source = x.Bytes(), target = output.Bytes())
            fixed (int* at = positions.Span)
            {
                IndexedRows.Take(source, target, at, outer, size, positions.Span.Length, (nint)inner * x.DType.Size());
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Input1;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            if (Recording.IsOn)
            {
                adjoint.Add(0, new IndexAdd(axis, adjoint.LayoutOf(0).Sizes[axis]).Apply(adjoint.Gradient, adjoint.Input(1)));
            }
            else if (adjoint.Needs(0))
            {
                IndexAdd.To(adjoint.ZeroedBuffer(0), adjoint.Gradient, adjoint.Input(1), axis);
            }
        }
    }

    /// <summary>Zeros with the slices of a tensor added at positions along an axis: the adjoint of choosing slices.</summary>
    internal sealed unsafe class IndexAdd(int axis, int size) : Op
    {
        public override string Name => "index_add";

        /// <summary>Adds the slices of <paramref name="source"/> to a contiguous tensor. Unrecorded.</summary>
        public static void To(Tensor target, Tensor source, Tensor index, int axis)
        {
            source = source.Dense();
            var (outer, size, inner) = target.Around(axis);
            using var positions = Positions.Of("index_add", index, axis, size);
            var count = positions.Span.Length;
            fixed (byte* from = source.Bytes(), to = target.Bytes())
            fixed (int* at = positions.Span)
            {
                switch (target.DType)
                {
                    case DType.Float32: IndexedRows.Add((float*)from, (float*)to, at, outer, size, count, inner); break;
                    case DType.Float64: IndexedRows.Add((double*)from, (double*)to, at, outer, size, count, inner); break;
                    case DType.Int32: IndexedRows.Add((int*)from, (int*)to, at, outer, size, count, inner); break;
                    case DType.Int64: IndexedRows.Add((long*)from, (long*)to, at, outer, size, count, inner); break;
                    default: throw Error.DType("index_add", target.DType, "use a numeric dtype.");
                }
            }
        }

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var sizes = inputs[0].Shape.ToArray();
            sizes[axis] = size;
            return new ResultSpec(sizes, inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            output.Bytes().Clear();
            To(output, inputs[0], inputs[1], axis);
        }

        protected internal override Saved Saves(int needs) => Saved.Input1;

        protected internal override void Differentiate(Adjoint adjoint) =>
            adjoint.Add(0, new IndexSelect(axis).Apply(adjoint.Gradient, adjoint.Input(1)));
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
