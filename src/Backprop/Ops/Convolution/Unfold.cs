using Backprop.Kernels.Convolutions;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// Every window of every image as a column: [batch, channels, height, width] to [batch, channels · kernel, windows]. The gradient is folded.
    /// </summary>
    internal sealed unsafe class Unfold(ConvolutionShape shape) : WindowColumns(shape)
    {
        public override string Name => "unfold";

        protected internal override ResultSpec Infer(in Operands inputs) => ColumnSpec(inputs[0].DType);

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Give(0, new Fold(Shape).Run(new Operands(adjoint.Gradient)));

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;

        protected override void Compute<T>(Tensor input, Tensor output)
        {
            fixed (byte* from = input.Bytes(), to = output.Bytes())
            {
                Columns.Take(Shape, (T*)from, (T*)to);
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// The windows of images as columns, so that a convolution becomes a product of matrices; also called im2col. Elements in the padding are 0.
        /// </summary>
        /// <param name="kernelSize">Height and width of a window.</param>
        /// <param name="dilation">Positions from one element of a window to the next; 1 unless given.</param>
        /// <param name="padding">Zeros on each side; none unless given.</param>
        /// <param name="stride">Positions from one window to the next; 1 unless given.</param>
        /// <returns>
        /// Of [batch, channels, height, width]: [batch, channels · kernel height · kernel width, windows], windows row by row. Without the batch as well.
        /// </returns>
        /// <exception cref="ShapeException">The tensor is no image or batch of images, or no window fits.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or has neither one number nor two.</exception>
        /// <exception cref="DTypeException">Truth values.</exception>
        public Tensor Unfold(PerAxis kernelSize, PerAxis dilation = default, PerAxis padding = default, PerAxis stride = default)
        {
            if (Rank == 3)
            {
                return Unsqueeze(0).Unfold(kernelSize, dilation, padding, stride).Squeeze(0);
            }

            if (Rank != 4)
            {
                throw Error.Shape("unfold", $"shape {Error.Text(Shape)} must have 4 axes, [batch, channels, height, width], or 3 without the batch.");
            }

            WindowColumns.CheckDType("unfold", DType);
            var shape = WindowColumns.Of("unfold", Shape[0], Shape[1], Shape[2..].ToArray(), kernelSize, dilation, padding, stride);
            return new Unfold(shape).Run(new Operands(this));
        }
    }
}
