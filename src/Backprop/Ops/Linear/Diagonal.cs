using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>A diagonal of two axes as the last axis of a view. The gradient is placed on the diagonal of zeros.</summary>
    internal sealed class Diagonal(int offset, int first, int second) : ViewOp
    {
        public override string Name => "diagonal";

        public override string Describe() => $"{Name} offset={offset} axes={first},{second}";

        internal override Layout View(Tensor input) => input.Layout.Diagonal(offset, first, second);

        protected internal override void Differentiate(Adjoint adjoint)
        {
            if (Recording.IsOn)
            {
                adjoint.Add(0, new DiagonalEmbed(adjoint.LayoutOf(0).Sizes.ToArray(), offset, first, second).Apply(adjoint.Gradient));
            }
            else if (adjoint.Needs(0))
            {
                var whole = adjoint.ZeroedBuffer(0);
                new Tensor(whole.Storage, whole.Layout.Diagonal(offset, first, second), whole.DType).Accumulate(adjoint.Gradient);
            }
        }
    }

    /// <summary>Zeros with the last axis of a tensor on a diagonal of two axes: the adjoint of the diagonal.</summary>
    internal sealed class DiagonalEmbed(int[] shape, int offset, int first, int second) : Op
    {
        public override string Name => "diag_embed";

        public override string Describe() => $"{Name} offset={offset} axes={first},{second}";

        protected internal override ResultSpec Infer(in Operands inputs) => new(shape, inputs[0].DType);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            output.Bytes().Clear();
            new Tensor(output.Storage, output.Layout.Diagonal(offset, first, second), output.DType).CopyElements(inputs[0]);
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) =>
            adjoint.Add(0, new Diagonal(offset, first, second).Apply(adjoint.Gradient));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// A view of a diagonal of two axes: the elements whose index along the second axis is larger by <paramref name="offset"/> than along the first.
        /// Both axes go, and the diagonal becomes the last axis.
        /// </summary>
        /// <param name="offset">0 for the main diagonal, positive above it, negative below. A diagonal that is not there is empty.</param>
        /// <param name="axis1">The first axis.</param>
        /// <param name="axis2">The second axis.</param>
        /// <exception cref="ArgumentOutOfRangeException">An axis that doesn't exist.</exception>
        /// <exception cref="ShapeException">The axes are the same.</exception>
        public Tensor Diagonal(int offset = 0, int axis1 = -2, int axis2 = -1)
        {
            var (first, second) = TwoAxes("diagonal", axis1, axis2, Rank, Shape);
            return new Diagonal(offset, first, second).Run(new Operands(this));
        }

        /// <summary>The sum of the main diagonal of a matrix, or of each matrix of a batch (the last two axes).</summary>
        /// <remarks>int32 and truth values are summed in int64, as <see cref="Sum()"/> does.</remarks>
        /// <exception cref="ShapeException">There are fewer than two axes.</exception>
        public Tensor Trace() => Rank >= 2
            ? Diagonal().Sum(-1)
            : throw Error.Shape("trace", $"a matrix is needed (at least two axes), not shape {Error.Text(Shape)}.");

        /// <summary>Of a vector the matrix with it on a diagonal and zeros elsewhere; of a matrix its diagonal, a view.</summary>
        /// <param name="offset">0 for the main diagonal, positive above it, negative below.</param>
        /// <exception cref="ShapeException">The tensor is neither a vector nor a matrix.</exception>
        public Tensor Diag(int offset = 0) => Rank switch
        {
            1 => DiagEmbed(offset),
            2 => Diagonal(offset),
            _ => throw Error.Shape(
                "diag", $"a vector or a matrix is needed, not shape {Error.Text(Shape)}; Diagonal and DiagEmbed take batches."),
        };

        /// <summary>Square matrices with the last axis of this tensor on a diagonal, and zeros elsewhere.</summary>
        /// <param name="offset">0 for the main diagonal, positive above it, negative below; the matrices grow by its size.</param>
        /// <param name="axis1">The axis of the result that counts the rows.</param>
        /// <param name="axis2">The axis of the result that counts the columns.</param>
        /// <exception cref="ShapeException">The tensor is a scalar, the axes are the same, or the result has too many elements.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An axis that the result doesn't have.</exception>
        public Tensor DiagEmbed(int offset = 0, int axis1 = -2, int axis2 = -1)
        {
            const string Name = "diag_embed";
            if (Rank == 0)
            {
                throw Error.Shape(Name, "a scalar has no axis to put on a diagonal; Reshape(1) makes it a vector.");
            }

            var (first, second) = TwoAxes(Name, axis1, axis2, Rank + 1, Shape);
            var size = Shape[^1] + Math.Abs((long)offset);
            if (size > Array.MaxLength)
            {
                throw Error.Range(Name, nameof(offset), offset, "small enough for the result to fit in memory");
            }

            Layout.CheckRank(Name, Rank + 1);
            var shape = new int[Rank + 1];
            for (int axis = 0, from = 0; axis < shape.Length; axis++)
            {
                shape[axis] = axis == first || axis == second ? (int)size : Shape[from++];
            }

            Layout.CheckedCount(Name, shape);
            return new DiagonalEmbed(shape, offset, first, second).Run(new Operands(this));
        }

        private static (int First, int Second) TwoAxes(string operation, int axis1, int axis2, int rank, ReadOnlySpan<int> shape)
        {
            if (rank < 2)
            {
                throw Error.Shape(operation, $"two axes are needed, not shape {Error.Text(shape)}.");
            }

            var (first, second) = (Error.CheckAxis(operation, axis1, rank), Error.CheckAxis(operation, axis2, rank));
            return first != second
                ? (first, second)
                : throw Error.Shape(operation, $"the two axes must differ, but {axis1} and {axis2} are the same of shape {Error.Text(shape)}.");
        }
    }
}
