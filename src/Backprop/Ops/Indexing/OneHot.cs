using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>1 where the last index is the position, else 0.</summary>
    internal sealed class OneHot(int size, DType dtype) : Op
    {
        public override string Name => "one_hot";

        public override string Describe() => $"{Name}(size={size})";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Positions.CheckType(Name, inputs[0]);
            Positions.Check(Name, inputs[0], inputs[0].Rank, size);
            return new ResultSpec(Layout.Contiguous(Name, [.. inputs[0].Shape, size]), dtype);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            using var positions = Positions.Of(Name, inputs[0], inputs[0].Rank, size);
            output.Bytes().Clear();
            switch (dtype)
            {
                case DType.Float32: Mark(output.Storage.Span<float>(), positions.Span, 1); break;
                case DType.Float64: Mark(output.Storage.Span<double>(), positions.Span, 1); break;
                case DType.Int32: Mark(output.Storage.Span<int>(), positions.Span, 1); break;
                case DType.Int64: Mark(output.Storage.Span<long>(), positions.Span, 1); break;
                default: Mark(output.Storage.Span<byte>(), positions.Span, (byte)1); break;
            }
        }

        protected internal override void Differentiate(Adjoint adjoint)
        {
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;

        private void Mark<T>(Span<T> elements, ReadOnlySpan<int> positions, T one)
        {
            for (var i = 0; i < positions.Length; i++)
            {
                elements[(i * size) + positions[i]] = one;
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Class numbers as rows of zeros with a 1 at the number: the shape of this tensor with a last axis of <paramref name="size"/>.</summary>
        /// <param name="size">How many classes there are.</param>
        /// <param name="dtype">The dtype of the result.</param>
        /// <exception cref="DTypeException">This tensor is not int64 or int32.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A negative size, or a number outside it; negative ones count from the end.</exception>
        public Tensor OneHot(int size, DType dtype = DType.Float32) => size >= 0
            ? new OneHot(size, dtype.Check().Computing()).Run(new Operands(this)).To(dtype)
            : throw Error.Range("one_hot", nameof(size), size, "at least 0");

        /// <summary>How often each of 0, 1, 2, … occurs in this tensor: an int64 vector.</summary>
        /// <param name="minimumLength">The least length of the result, which otherwise ends with the largest number that occurs.</param>
        /// <exception cref="DTypeException">This tensor is not int64 or int32.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
        public Tensor BinCount(int minimumLength = 0)
        {
            const string Operation = "bin_count";
            Positions.CheckType(Operation, this);
            if (minimumLength < 0)
            {
                throw Error.Range(Operation, nameof(minimumLength), minimumLength, "at least 0");
            }

            var flat = Contiguous().Flatten();
            var lowest = Count == 0 ? 0 : flat.Min().Item();
            var highest = Count == 0 ? -1 : flat.Max().Item();
            if (lowest < 0 || highest >= Array.MaxLength / sizeof(long))
            {
                throw Error.Range(Operation, "number", lowest < 0 ? lowest : highest, $"from 0 to {(Array.MaxLength / sizeof(long)) - 1}");
            }

            var counts = Zeros([Math.Max(minimumLength, (int)highest + 1)], DType.Int64);
            return counts.IndexAdd(flat, Ones([Count], DType.Int64));
        }
    }
}
