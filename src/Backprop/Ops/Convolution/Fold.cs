using Backprop.Kernels.Convolutions;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// Columns added to the windows they stand for: [batch, channels · kernel, windows] to [batch, channels, height, width]. The gradient is unfolded.
    /// </summary>
    internal sealed unsafe class Fold(ConvolutionShape shape) : WindowColumns(shape)
    {
        public override string Name => "fold";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var (columns, expected) = (inputs[0], ColumnSpec(inputs[0].DType));
            if (!columns.Layout.HasShape(expected.Shape))
            {
                throw Error.Shape(Name, FormattableString.Invariant(
                    $"shape {Error.Text(columns.Shape)} must be {Error.Text(expected.Shape)}: {Shape.Inputs} channels · {Shape.Kernel[1]} · {Shape.Kernel[2]} ")
                    + FormattableString.Invariant($"(kernel), and {Shape.OutputSizes[1]} · {Shape.OutputSizes[2]} = {expected.Shape[2]} windows."));
            }

            return ImageSpec(columns.DType);
        }

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Give(0, new Unfold(Shape).Run(new Operands(adjoint.Gradient)));

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
            (double)Shape.Batch * Shape.Inputs * Shape.Taps * Shape.OutputPlane;

        protected override void Compute<T>(Tensor input, Tensor output)
        {
            fixed (byte* from = input.Bytes(), to = output.Bytes())
            {
                Columns.Add(Shape, (T*)from, (T*)to);
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// Images from columns: every column is added to the window it stands for, the adjoint of <see cref="Unfold"/>; also called col2im. Where windows
        /// overlap, the sum of what they say.
        /// </summary>
        /// <param name="outputSize">Height and width of the images.</param>
        /// <param name="kernelSize">Height and width of a window.</param>
        /// <param name="dilation">Positions from one element of a window to the next; 1 unless given.</param>
        /// <param name="padding">Positions on each side that are cut off; none unless given.</param>
        /// <param name="stride">Positions from one window to the next; 1 unless given.</param>
        /// <returns>Of [batch, channels · kernel height · kernel width, windows]: [batch, channels, height, width]. Without the batch as well.</returns>
        /// <exception cref="ShapeException">The sizes don't fit each other.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or has neither one number nor two.</exception>
        /// <exception cref="DTypeException">Truth values.</exception>
        public Tensor Fold(PerAxis outputSize, PerAxis kernelSize, PerAxis dilation = default, PerAxis padding = default, PerAxis stride = default)
        {
            if (Rank == 2)
            {
                return Unsqueeze(0).Fold(outputSize, kernelSize, dilation, padding, stride).Squeeze(0);
            }

            if (Rank != 3)
            {
                throw Error.Shape("fold", $"shape {Error.Text(Shape)} must have 3 axes, [batch, channels · kernel, windows], or 2 without the batch.");
            }

            WindowColumns.CheckDType("fold", DType);
            var sizes = outputSize.Resolve("fold", nameof(outputSize), 2, 1, 0);
            var kernel = kernelSize.Resolve("fold", nameof(kernelSize), 2, 1, 0);
            if (Shape[1] % ((long)kernel[0] * kernel[1]) != 0)
            {
                throw Error.Shape("fold", FormattableString.Invariant(
                    $"axis 1 of {Error.Text(Shape)} must be a multiple of the kernel's {kernel[0]} · {kernel[1]} = {(long)kernel[0] * kernel[1]} elements."));
            }

            var shape = WindowColumns.Of("fold", Shape[0], (int)(Shape[1] / ((long)kernel[0] * kernel[1])), sizes, kernelSize, dilation, padding, stride);
            return new Fold(shape).Run(new Operands(this));
        }
    }
}
