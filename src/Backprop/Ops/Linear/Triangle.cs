using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>The elements on one side of a diagonal of each matrix, zeros on the other. So is the gradient.</summary>
    internal sealed class Triangle(bool upper, int offset) : Op
    {
        public override string Name => upper ? "upper_triangle" : "lower_triangle";

        public override string Describe() => $"{Name} offset={offset}";

        protected internal override ResultSpec Infer(in Operands inputs) => inputs[0].Rank >= 2
            ? ResultSpec.Like(inputs[0])
            : throw Error.Shape(Name, $"a matrix is needed (at least two axes), not shape {Error.Text(inputs[0].Shape)}.");

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            if (output.Count == 0)
            {
                return;
            }

            var source = inputs[0].Dense().Bytes();
            var target = output.Bytes();
            var (rows, columns) = (output.Shape[^2], output.Shape[^1]);
            var size = output.DType.Size();
            for (var row = 0; row < output.Count / columns; row++)
            {
                // Where in this row the kept part of the upper triangle begins, or that of the lower one ends.
                var cut = (int)Math.Clamp((long)(row % rows) + offset + (upper ? 0 : 1), 0, columns);
                var (kept, cleared) = upper ? (cut..columns, ..cut) : (..cut, cut..columns);
                var start = row * columns;
                Bytes(target, start, cleared, size).Clear();
                Bytes(source, start, kept, size).CopyTo(Bytes(target, start, kept, size));
            }
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, new Triangle(upper, offset).Apply(adjoint.Gradient));

        internal override void DifferentiatePerSample(SampleAdjoint adjoint) => adjoint.Broadcast();

        private static Span<byte> Bytes(Span<byte> elements, int start, Range part, int size) =>
            elements[((start + part.Start.Value) * size)..((start + part.End.Value) * size)];
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The lower triangle of a matrix, or of each matrix of a batch: elements above a diagonal become 0.</summary>
        /// <param name="offset">The last diagonal that is kept: 0 the main one, positive above it, negative below.</param>
        /// <exception cref="ShapeException">There are fewer than two axes.</exception>
        public Tensor LowerTriangle(int offset = 0) => new Triangle(upper: false, offset).Run(new Operands(this));

        /// <summary>The upper triangle of a matrix, or of each matrix of a batch: elements below a diagonal become 0.</summary>
        /// <param name="offset">The first diagonal that is kept: 0 the main one, positive above it, negative below.</param>
        /// <exception cref="ShapeException">There are fewer than two axes.</exception>
        public Tensor UpperTriangle(int offset = 0) => new Triangle(upper: true, offset).Run(new Operands(this));
    }
}
