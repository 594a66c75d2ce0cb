using System.Numerics;
using Backprop.Kernels;
using Backprop.Kernels.Convolutions;
using Backprop.Kernels.Products;

namespace Backprop.Ops;

/// <summary>
/// What the convolution and its two gradients share. Each is linear in both of its inputs, and each one's gradients are the other two, so the three
/// are closed
/// under differentiation and every order exists.
/// </summary>
internal abstract class ConvolutionOp(ConvolutionShape shape, int axes) : Op
{
    private Layout? result;
    private Convolution? forward;
    private ConvolutionInputGradient? inputGradient;
    private ConvolutionWeightGradient? weightGradient;

    public ConvolutionShape Shape => shape;

    public int Axes => axes;

    /// <summary>The three operations, each of which has the other two in its gradients.</summary>
    protected Convolution Forward => forward ??= new Convolution(shape, axes);

    /// <inheritdoc cref="Forward"/>
    protected ConvolutionInputGradient InputGradient => inputGradient ??= new ConvolutionInputGradient(shape, axes);

    /// <inheritdoc cref="Forward"/>
    protected ConvolutionWeightGradient WeightGradient => weightGradient ??= new ConvolutionWeightGradient(shape, axes);

    public override string Describe()
    {
        var parts = new List<string>();
        Tell("stride", shape.Stride, 1);
        Tell("padding", shape.Padding, 0);
        Tell("dilation", shape.Dilation, 1);
        if (shape.Groups != 1)
        {
            parts.Add(FormattableString.Invariant($"groups={shape.Groups}"));
        }

        return parts.Count == 0 ? Name : $"{Name}({string.Join(", ", parts)})";

        void Tell(string name, int[] three, int usual)
        {
            var numbers = three[^axes..];
            if (numbers.Any(number => number != usual))
            {
                parts.Add($"{name}={PerAxis.Create(numbers.All(number => number == numbers[0]) ? [numbers[0]] : numbers)}");
            }
        }
    }

    internal sealed override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
        2.0 * shape.Batch * shape.Groups * shape.Outputs * shape.OutputPlane * shape.Inputs * shape.Taps;

    /// <summary>A bias has a sum for its gradient, not a product.</summary>
    internal sealed override double CountGradientFlops(int input, ReadOnlySpan<Layout?> inputs, Layout output) =>
        input == 2 ? output.Count : CountFlops(inputs, output);

    protected internal override Saved Saves(int needs) =>
        ((needs & 1) != 0 ? Saved.Input1 : 0) | ((needs & 2) != 0 ? Saved.Input0 : 0);

    /// <summary>The rule of a convolution and of a transposed one, whose gradients by the weight differ in who comes first.</summary>
    protected void DifferentiatePerSample(SampleAdjoint adjoint, bool isTransposed)
    {
        if (!adjoint.IsAlong(1, out var axis))
        {
            throw adjoint.Refuse("needs the samples along the first axis, [batch, channels, …].");
        }

        adjoint.Along(axis);
        var g = adjoint.Gradient;
        if (adjoint.Needs(1))
        {
            // As many groups for each sample as there were: none sees anything of another sample.
            var one = new ConvolutionShape
            {
                Batch = axis.Outer * axis.Inner,
                Groups = axis.Samples * shape.Groups,
                Inputs = shape.Inputs,
                Outputs = shape.Outputs,
                InputSizes = shape.InputSizes,
                OutputSizes = shape.OutputSizes,
                Kernel = shape.Kernel,
                Stride = shape.Stride,
                Dilation = shape.Dilation,
                Padding = shape.Padding,
            };
            var (x, y) = isTransposed ? (g, adjoint.Input(0)) : (adjoint.Input(0), g);
            var weights = new ConvolutionWeightGradient(one, axes).Run(new Operands(Channels(x), Channels(y)));
            adjoint.AddWhole(1, weights.Reshape([axis.Samples, .. adjoint.ShapeOf(1)]));
        }

        if (adjoint.InputCount == 3 && adjoint.Needs(2))
        {
            var front = axis.ToFront(g);
            var plane = Layout.CheckedCount("conv", front.Shape[3..]);
            adjoint.AddWhole(2, front.Reshape([.. front.Shape[..3], plane]).Sum([1, 3]));
        }

        Tensor Channels(Tensor images)
        {
            var front = axis.ToFront(images).Transpose(0, 1);
            return front.Reshape([front.Shape[0], Layout.CheckedCount("conv", [front.Shape[1], front.Shape[2]]), .. front.Shape[3..]]);
        }
    }

    /// <summary>Whether the operation goes by channels: it takes images in either order then, and writes them in either.</summary>
    protected abstract bool IsByChannels<T>()
        where T : unmanaged, INumber<T>;

    /// <summary>
    /// [batch, groups · channels, sizes], channels last where that is how they are computed. Users see the order, so it must not depend on the processor.
    /// </summary>
    protected ResultSpec Images(int channels, int[] sizes, DType dtype)
    {
        if (result is null)
        {
            var dense = Layout.Contiguous(Name, [shape.Batch, shape.Groups * channels, .. sizes[^axes..]]);
            var isLast = dense.Count > 0 && (dtype == DType.Float64 ? IsLaidByChannels<double>(channels) : IsLaidByChannels<float>(channels));
            result = isLast ? dense.ChannelsLast() : dense;
        }

        return new(result, dtype);
    }

    private bool IsLaidByChannels<T>(int channels)
        where T : unmanaged, INumber<T> => ChannelCorrelation<T>.FillsWidest(channels) && IsByChannels<T>();

    /// <summary>Images without gaps in an order that the operation takes, by a copy where needed.</summary>
    protected Tensor Ordered<T>(Tensor images)
        where T : unmanaged, INumber<T> => IsByChannels<T>() ? images.DenseInOrder() : images.Dense();

    protected static unsafe Images<T> ImagesOf<T>(Tensor images, byte* start)
        where T : unmanaged => new((T*)start, images.Layout.IsChannelsLast);

    /// <summary>Adds the gradient of a bias, the sum over images and positions: in place where nothing is recorded.</summary>
    protected static unsafe void ContributeBias(Adjoint adjoint, int index, Tensor g)
    {
        if (Recording.IsOn)
        {
            adjoint.Give(index, BiasGradient(g));
            return;
        }

        var buffer = adjoint.Buffer(index, out var accumulate);
        var (images, batch, channels) = (g.DenseInOrder(), g.Shape[0], g.Shape[1]);
        var areChannelsLast = images.Layout.IsChannelsLast;
        fixed (byte* from = images.Bytes(), to = buffer.Bytes())
        {
            if (buffer.DType == DType.Float32)
            {
                SumBias(new Images<float>((float*)from, areChannelsLast), (float*)to, batch, channels, g.Count, accumulate);
            }
            else
            {
                SumBias(new Images<double>((double*)from, areChannelsLast), (double*)to, batch, channels, g.Count, accumulate);
            }
        }
    }

    private static unsafe void SumBias<T>(Images<T> g, T* to, int batch, int channels, int count, bool accumulate)
        where T : unmanaged, INumber<T>
    {
        if (g.AreChannelsLast)
        {
            Reductions.Sum(g.Start, to, 1, count / channels, channels, accumulate);
            return;
        }

        var images = batch * channels;
        var sums = (T*)Scratch.Shared((nint)images * sizeof(T));
        Reductions.Sum(g.Start, sums, images, images == 0 ? 0 : count / images, 1);
        Reductions.Sum(sums, to, 1, batch, channels, accumulate);
    }

    /// <summary>The gradient of a bias: the sum over images and positions.</summary>
    private static Tensor BiasGradient(Tensor g)
    {
        var (batch, channels) = (g.Shape[0], g.Shape[1]);
        return g.Reshape(batch, channels, Layout.CheckedCount("conv", g.Shape[2..])).Sum(2).Sum(0);
    }
}
