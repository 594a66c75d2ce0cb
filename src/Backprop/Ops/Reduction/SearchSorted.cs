using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Where values belong in sorted rows: for rows [n] and values of any shape, or rows […, n] and values […, m].</summary>
    internal sealed unsafe class SearchSorted(bool right) : Op
    {
        public override string Name => "search_sorted";

        public override string Describe() => right ? $"{Name}(right)" : Name;

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var (rows, values) = (inputs[0], inputs[1]);
            if (rows.DType != values.DType)
            {
                throw Error.DTypesDiffer(Name, rows.DType, values.DType);
            }

            if (rows.Rank == 0 || (rows.Rank > 1 && (values.Rank != rows.Rank || !values.Shape[..^1].SequenceEqual(rows.Shape[..^1]))))
            {
                throw Error.Shape(Name, $"sorted elements {Error.Text(rows.Shape)} must be a vector [n], or rows […, n] with values […, m] that have the same "
                    + $"leading axes, not {Error.Text(values.Shape)}.");
            }

            return new ResultSpec(values.Shape, DType.Int64);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var (rows, values) = (inputs[0].Dense(), inputs[1].Dense());
            fixed (byte* from = rows.Bytes(), looked = values.Bytes(), to = output.Bytes())
            {
                switch (rows.DType)
                {
                    case DType.Float32: Run((float*)from, (float*)looked, (long*)to, rows, values); break;
                    case DType.Float64: Run((double*)from, (double*)looked, (long*)to, rows, values); break;
                    case DType.Int32: Run((int*)from, (int*)looked, (long*)to, rows, values); break;
                    case DType.Int64: Run((long*)from, (long*)looked, (long*)to, rows, values); break;
                    default: Run(from, looked, (long*)to, rows, values); break;
                }
            }
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) =>
            throw new InvalidOperationException($"{Name}: a position has no gradient.");

        private void Run<T>(T* from, T* looked, long* to, Tensor rows, Tensor values)
            where T : unmanaged
        {
            var length = rows.Shape[^1];
            if (Searching.FirstUnsorted(from, rows.Count, length) is >= 0 and var at)
            {
                throw new ArgumentException(FormattableString.Invariant(
                    $"{Name}: the elements are not sorted: that at {at % length} is smaller than the one before it. Use Sort() first."));
            }

            Searching.Run(from, length, looked, to, values.Count, rows.Rank == 1 ? Math.Max(values.Count, 1) : values.Shape[^1], right);
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// Where <paramref name="values"/> belong in this sorted tensor so that it stays sorted: the number of elements that are less. int64, in the shape of
        /// the values. Binary search; NaN counts as the largest.
        /// </summary>
        /// <param name="values">What to look for, in this tensor's dtype: any shape for a vector [n]; […, m] for rows […, n].</param>
        /// <param name="right">Whether a value goes behind elements that equal it, so that the number is of those that are not greater.</param>
        /// <exception cref="ShapeException">This is a scalar, or the leading axes of rows and values differ.</exception>
        /// <exception cref="DTypeException">The dtypes differ.</exception>
        /// <exception cref="ArgumentException">A row is not sorted.</exception>
        public Tensor SearchSorted(Tensor values, bool right = false)
        {
            ArgumentNullException.ThrowIfNull(values);
            return new SearchSorted(right).Run(new Operands(this, values.Adopt("search_sorted", DType)));
        }
    }
}
