using System.Numerics;
using Backprop.Kernels.Convolutions;

namespace Backprop.Ops;

/// <summary>
/// The gradient of a convolution's weights: w[o, c, k] = Σ g[n, o, p] x[n, c, p · stride + k · dilation − padding]. Gradients: the transposed
/// convolution of g with
/// the weights' own gradient for x, and the convolution of x with it for g.
/// </summary>
internal sealed unsafe class ConvolutionWeightGradient(ConvolutionShape shape, int axes) : ConvolutionOp(shape, axes)
{
    public override string Name => Axes switch { 1 => "conv1d_weight_gradient", 2 => "conv2d_weight_gradient", _ => "conv3d_weight_gradient" };

    /// <summary>Whether it can give the gradient of a bias as well: not while recording, as an operation has one result.</summary>
    public bool HasBias(DType dtype) => !Recording.IsOn && (dtype == DType.Float64
        ? Convolutions.Plans<double>(Shape).WeightGradient.HasBias
        : Convolutions.Plans<float>(Shape).WeightGradient.HasBias);

    /// <summary>Adds the result to the gradient of an input: in place where nothing is recorded.</summary>
    /// <param name="adjoint">Where to.</param>
    /// <param name="index">The input.</param>
    /// <param name="x">The images.</param>
    /// <param name="g">The gradient of the convolution.</param>
    /// <param name="bias">The bias' input, where its gradient is wanted too.</param>
    public void Contribute(Adjoint adjoint, int index, Tensor x, Tensor g, int? bias = null)
    {
        if (Recording.IsOn)
        {
            adjoint.Give(index, Run(new Operands(x, g)));
            return;
        }

        var buffer = adjoint.Buffer(index, out var accumulate);
        var accumulateBias = false;
        var biasBuffer = bias is { } other ? adjoint.Buffer(other, out accumulateBias) : null;
        Compute(x, g, buffer, accumulate, biasBuffer, accumulateBias);
    }

    protected internal override ResultSpec Infer(in Operands inputs)
    {
        CheckImages(inputs[0], Shape.Groups * Shape.Inputs, Shape.InputSizes);
        CheckImages(inputs[1], Shape.Groups * Shape.Outputs, Shape.OutputSizes);
        return inputs[0].DType == inputs[1].DType
            ? new(Layout.Contiguous(Name, [Shape.Groups * Shape.Outputs, Shape.Inputs, .. Shape.Kernel[^Axes..]]), inputs[0].DType)
            : throw Error.DTypesDiffer(Name, inputs[0].DType, inputs[1].DType);
    }

    protected internal override void Compute(in Operands inputs, Tensor output) => Compute(inputs[0], inputs[1], output, accumulate: false, null, false);

    protected override bool IsByChannels<T>() => Convolutions.Plans<T>(Shape).WeightGradient.Channels is not null;

    internal override bool HasGradientKernels => true;

    protected internal override void Differentiate(Adjoint adjoint)
    {
        var v = adjoint.Gradient;
        if (adjoint.Needs(0))
        {
            adjoint.Give(0, InputGradient.Run(new Operands(adjoint.Input(1), v)));
        }

        if (adjoint.Needs(1))
        {
            adjoint.Give(1, Forward.Run(new Operands(adjoint.Input(0), v)));
        }
    }

    private void CheckImages(Tensor images, int channels, int[] sizes)
    {
        int[] expected = [Shape.Batch, channels, .. sizes[^Axes..]];
        if (!images.Shape.SequenceEqual(expected))
        {
            throw Error.Shape(Name, $"the images have shape {Error.Text(images.Shape)}, not {Error.Text(expected)}.");
        }
    }

    private void Compute(Tensor x, Tensor g, Tensor output, bool accumulate, Tensor? bias, bool accumulateBias)
    {
        if (output.DType == DType.Float32)
        {
            Compute<float>(Ordered<float>(x), Ordered<float>(g), output, accumulate, bias, accumulateBias);
        }
        else
        {
            Compute<double>(Ordered<double>(x), Ordered<double>(g), output, accumulate, bias, accumulateBias);
        }
    }

    private void Compute<T>(Tensor x, Tensor g, Tensor output, bool accumulate, Tensor? bias, bool accumulateBias)
        where T : unmanaged, INumber<T>
    {
        fixed (byte* px = x.Bytes(), pg = g.Bytes(), pw = output.Bytes(), pb = bias is null ? [] : bias.Bytes())
        {
            Convolutions.WeightGradient(Shape, ImagesOf<T>(x, px), ImagesOf<T>(g, pg), (T*)pw, accumulate, (T*)pb, accumulateBias);
        }
    }
}
