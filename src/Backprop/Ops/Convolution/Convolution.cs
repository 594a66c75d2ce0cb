using System.Numerics;
using Backprop.Kernels.Convolutions;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// y[n, o, p] = Σ x[n, c, p · stride + k · dilation − padding] w[o, c, k] + b[o], the sum over the channels c of o's group and the kernel positions k.
    /// Gradients: the transposed convolution of g for x, the correlation of x with g for w, the sum of g for b.
    /// </summary>
    internal sealed unsafe class Convolution(ConvolutionShape shape, int axes) : ConvolutionOp(shape, axes)
    {
        public override string Name => Axes switch { 1 => "conv1d", 2 => "conv2d", _ => "conv3d" };

        protected internal override ResultSpec Infer(in Operands inputs) =>
            Images(Shape.Outputs, Shape.OutputSizes, inputs[0].DType);

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

        protected override bool IsByChannels<T>() => Convolutions.Plans<T>(Shape).Forward.Channels is not null;

        private void Compute<T>(in Operands inputs, Tensor output)
            where T : unmanaged, INumber<T>
        {
            var (x, weight, bias) = (Ordered<T>(inputs[0]), inputs[1].Dense(), inputs.Count == 3 ? inputs[2].Dense() : null);
            fixed (byte* px = x.Bytes(), pw = weight.Bytes(), pb = bias is null ? [] : bias.Bytes(), py = output.Bytes())
            {
                Convolutions.Forward(Shape, ImagesOf<T>(x, px), (T*)pw, (T*)pb, ImagesOf<T>(output, py));
            }
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint) => DifferentiatePerSample(adjoint, isTransposed: false);

        internal override bool HasGradientKernels => true;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var g = adjoint.Gradient;
            if (adjoint.Needs(0))
            {
                adjoint.Give(0, InputGradient.Run(new Operands(g, adjoint.Input(1))));
            }

            var needsBias = adjoint.InputCount == 3 && adjoint.Needs(2);
            var together = needsBias && adjoint.Needs(1) && WeightGradient.HasBias(g.DType);
            if (adjoint.Needs(1))
            {
                WeightGradient.Contribute(adjoint, 1, adjoint.Input(0), g, together ? 2 : null);
            }

            if (needsBias && !together)
            {
                ContributeBias(adjoint, 2, g);
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// A convolution along one axis: y[n, o, p] = Σ x[n, c, p · stride + k · dilation − padding] w[o, c, k] + b[o]. The kernel is not flipped, as
        /// is usual for networks.
        /// </summary>
        /// <param name="x">[batch, channels, length], or [channels, length].</param>
        /// <param name="weight">[out, channels / groups, kernel].</param>
        /// <param name="bias">[out], or nothing.</param>
        /// <param name="stride">Positions from one window to the next; 1 unless given.</param>
        /// <param name="padding">Zeros on each side, or <see cref="Padding.Same"/>; none unless given.</param>
        /// <param name="dilation">Positions from one element of the kernel to the next; 1 unless given.</param>
        /// <param name="groups">Into how many groups channels and outputs fall; an output sees the channels of its own group only.</param>
        /// <returns>[batch, out, ⌊(length + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1].</returns>
        /// <exception cref="ShapeException">The sizes don't fit, or nothing is left.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or has neither one number nor one for each axis.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        public static Tensor Conv1d(
            Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, Padding padding = default, PerAxis dilation = default, int groups = 1) =>
            Convolve(1, x, weight, bias, new ConvolutionArguments("conv1d", 1, stride, padding, dilation, groups));

        /// <summary>
        /// A convolution of images: y[n, o, p] = Σ x[n, c, p · stride + k · dilation − padding] w[o, c, k] + b[o] for positions p and k of two axes.
        /// The kernel is not
        /// flipped, as is usual for networks.
        /// </summary>
        /// <param name="x">[batch, channels, height, width], or [channels, height, width].</param>
        /// <param name="weight">[out, channels / groups, kernel height, kernel width].</param>
        /// <param name="bias">[out], or nothing.</param>
        /// <param name="stride">Positions from one window to the next; 1 unless given.</param>
        /// <param name="padding">Zeros on each side, or <see cref="Padding.Same"/>; none unless given.</param>
        /// <param name="dilation">Positions from one element of the kernel to the next; 1 unless given.</param>
        /// <param name="groups">
        /// Into how many groups channels and outputs fall; an output sees the channels of its own group only. As many as there are channels: a
        /// depthwise convolution.
        /// </param>
        /// <returns>[batch, out, …], each size ⌊(size + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1.</returns>
        /// <exception cref="ShapeException">The sizes don't fit, or nothing is left.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or has neither one number nor one for each axis.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        public static Tensor Conv2d(
            Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, Padding padding = default, PerAxis dilation = default, int groups = 1) =>
            Convolve(2, x, weight, bias, new ConvolutionArguments("conv2d", 2, stride, padding, dilation, groups));

        /// <summary>A convolution of volumes: <see cref="Conv2d"/> with three axes, depth, height and width.</summary>
        /// <param name="x">[batch, channels, depth, height, width], or [channels, depth, height, width].</param>
        /// <param name="weight">[out, channels / groups, kernel depth, kernel height, kernel width].</param>
        /// <param name="bias">[out], or nothing.</param>
        /// <param name="stride">Positions from one window to the next; 1 unless given.</param>
        /// <param name="padding">Zeros on each side, or <see cref="Padding.Same"/>; none unless given.</param>
        /// <param name="dilation">Positions from one element of the kernel to the next; 1 unless given.</param>
        /// <param name="groups">Into how many groups channels and outputs fall; an output sees the channels of its own group only.</param>
        /// <returns>[batch, out, …], each size ⌊(size + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1.</returns>
        /// <exception cref="ShapeException">The sizes don't fit, or nothing is left.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or has neither one number nor one for each axis.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        public static Tensor Conv3d(
            Tensor x, Tensor weight, Tensor? bias = null, PerAxis stride = default, Padding padding = default, PerAxis dilation = default, int groups = 1) =>
            Convolve(3, x, weight, bias, new ConvolutionArguments("conv3d", 3, stride, padding, dilation, groups));

        private static Tensor Convolve(int axes, Tensor x, Tensor weight, Tensor? bias, ConvolutionArguments arguments)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(weight);
            if (x.Rank == axes + 1)
            {
                return Convolve(axes, x.Unsqueeze(0), weight, bias, arguments).Squeeze(0);
            }

            var op = new Convolution(arguments.Of(x, weight, bias), axes);
            return op.Run(bias is null ? new Operands(x, weight) : new Operands(x, weight, bias));
        }
    }
}
