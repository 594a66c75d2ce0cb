using System.Numerics;
using Backprop.Kernels.Convolutions;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// The gradient of a convolution's input, which as an operation of its own is the transposed convolution: every element of g adds its multiple of
    /// the kernel to
    /// the result, x[n, c, p · stride + k · dilation − padding] = Σ g[n, o, p] w[o, c, k] + b[c]. Gradients: the convolution of h for g, the
    /// correlation of h with g
    /// for w, the sum of h for b.
    /// </summary>
    internal sealed unsafe class ConvolutionInputGradient(ConvolutionShape shape, int axes) : ConvolutionOp(shape, axes)
    {
        public override string Name => Axes switch { 1 => "conv_transpose1d", 2 => "conv_transpose2d", _ => "conv_transpose3d" };

        protected internal override ResultSpec Infer(in Operands inputs) =>
            Images(Shape.Inputs, Shape.InputSizes, inputs[0].DType);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            if (output.DType == DType.Float32)
            {
                Compute<float>(inputs, output);
            }
            else
            {
                Compute<double>(inputs, output);
            }
        }

        protected override bool IsByChannels<T>() => Convolutions.Plans<T>(Shape).InputGradient.Channels is not null;

        private void Compute<T>(in Operands inputs, Tensor output)
            where T : unmanaged, INumber<T>
        {
            var (g, weight, bias) = (Ordered<T>(inputs[0]), inputs[1].Dense(), inputs.Count == 3 ? inputs[2].Dense() : null);
            fixed (byte* pg = g.Bytes(), pw = weight.Bytes(), pb = bias is null ? [] : bias.Bytes(), px = output.Bytes())
            {
                Convolutions.InputGradient(Shape, ImagesOf<T>(g, pg), (T*)pw, (T*)pb, ImagesOf<T>(output, px));
            }
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint) => DifferentiatePerSample(adjoint, isTransposed: true);

        internal override bool HasGradientKernels => true;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var h = adjoint.Gradient;
            if (adjoint.Needs(0))
            {
                adjoint.Give(0, Forward.Run(new Operands(h, adjoint.Input(1))));
            }

            if (adjoint.Needs(1))
            {
                WeightGradient.Contribute(adjoint, 1, h, adjoint.Input(0));
            }

            if (adjoint.InputCount == 3 && adjoint.Needs(2))
            {
                ContributeBias(adjoint, 2, h);
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// A transposed convolution along one axis, the gradient of a convolution by its input: every element of x adds its multiple of the kernel to
        /// the result. With a
        /// stride it enlarges.
        /// </summary>
        /// <param name="x">[batch, channels, length], or [channels, length].</param>
        /// <param name="weight">[channels, out / groups, kernel].</param>
        /// <param name="bias">[out], or nothing.</param>
        /// <param name="stride">Positions of the result from one kernel to the next; 1 unless given.</param>
        /// <param name="padding">Positions that are cut off on each side of the result; none unless given.</param>
        /// <param name="outputPadding">Positions that are added at the end of the result, fewer than the stride or the dilation; none unless given.</param>
        /// <param name="groups">Into how many groups channels and outputs fall.</param>
        /// <param name="dilation">Positions from one element of the kernel to the next; 1 unless given.</param>
        /// <returns>[batch, out, (length − 1) stride − 2 padding + dilation (kernel − 1) + outputPadding + 1].</returns>
        /// <exception cref="ShapeException">The sizes don't fit, or nothing is left.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or has neither one number nor one for each axis.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        public static Tensor ConvTranspose1d(
            Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, PerAxis padding = default, PerAxis outputPadding = default, int groups = 1,
            PerAxis dilation = default) =>
            ConvolveTransposed(1, x, weight, bias, new ConvolutionArguments("conv_transpose1d", 1, stride, padding, dilation, groups, outputPadding));

        /// <summary>
        /// A transposed convolution of images, the gradient of <see cref="Conv2d"/> by its input: every element of x adds its multiple of the kernel
        /// to the result. With
        /// a stride it enlarges.
        /// </summary>
        /// <param name="x">[batch, channels, height, width], or [channels, height, width].</param>
        /// <param name="weight">[channels, out / groups, kernel height, kernel width].</param>
        /// <param name="bias">[out], or nothing.</param>
        /// <param name="stride">Positions of the result from one kernel to the next; 1 unless given.</param>
        /// <param name="padding">Positions that are cut off on each side of the result; none unless given.</param>
        /// <param name="outputPadding">Positions that are added at the end of the result, fewer than the stride or the dilation; none unless given.</param>
        /// <param name="groups">Into how many groups channels and outputs fall.</param>
        /// <param name="dilation">Positions from one element of the kernel to the next; 1 unless given.</param>
        /// <returns>[batch, out, …], each size (size − 1) stride − 2 padding + dilation (kernel − 1) + outputPadding + 1.</returns>
        /// <exception cref="ShapeException">The sizes don't fit, or nothing is left.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or has neither one number nor one for each axis.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        public static Tensor ConvTranspose2d(
            Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, PerAxis padding = default, PerAxis outputPadding = default, int groups = 1,
            PerAxis dilation = default) =>
            ConvolveTransposed(2, x, weight, bias, new ConvolutionArguments("conv_transpose2d", 2, stride, padding, dilation, groups, outputPadding));

        /// <summary>A transposed convolution of volumes: <see cref="ConvTranspose2d"/> with three axes, depth, height and width.</summary>
        /// <param name="x">[batch, channels, depth, height, width], or [channels, depth, height, width].</param>
        /// <param name="weight">[channels, out / groups, kernel depth, kernel height, kernel width].</param>
        /// <param name="bias">[out], or nothing.</param>
        /// <param name="stride">Positions of the result from one kernel to the next; 1 unless given.</param>
        /// <param name="padding">Positions that are cut off on each side of the result; none unless given.</param>
        /// <param name="outputPadding">Positions that are added at the end of the result, fewer than the stride or the dilation; none unless given.</param>
        /// <param name="groups">Into how many groups channels and outputs fall.</param>
        /// <param name="dilation">Positions from one element of the kernel to the next; 1 unless given.</param>
        /// <returns>[batch, out, …], each size (size − 1) stride − 2 padding + dilation (kernel − 1) + outputPadding + 1.</returns>
        /// <exception cref="ShapeException">The sizes don't fit, or nothing is left.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or has neither one number nor one for each axis.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        public static Tensor ConvTranspose3d(
            Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, PerAxis padding = default, PerAxis outputPadding = default, int groups = 1,
            PerAxis dilation = default) =>
            ConvolveTransposed(3, x, weight, bias, new ConvolutionArguments("conv_transpose3d", 3, stride, padding, dilation, groups, outputPadding));

        private static Tensor ConvolveTransposed(int axes, Tensor x, Tensor weight, Tensor? bias, ConvolutionArguments arguments)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(weight);
            if (x.Rank == axes + 1)
            {
                return ConvolveTransposed(axes, x.Unsqueeze(0), weight, bias, arguments).Squeeze(0);
            }

            var op = new ConvolutionInputGradient(arguments.Transposed(x, weight, bias), axes);
            return op.Run(bias is null ? new Operands(x, weight) : new Operands(x, weight, bias));
        }
    }
}
