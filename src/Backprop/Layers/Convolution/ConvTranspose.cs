namespace Backprop.Layers;

/// <summary>
/// A transposed convolution of signals: [batch, in, length] to [batch, out, …], each size
/// (size − 1) stride − 2 padding + dilation (kernel − 1) + outputPadding + 1.
/// </summary>
/// <remarks><inheritdoc cref="ConvolutionLayer" path="/remarks/node()"/> The formula stands at <see cref="Tensor.ConvTranspose1d"/>.</remarks>
public sealed class ConvTranspose1d : TransposedConvolution
{
    /// <summary>A layer with random weights.</summary>
    /// <param name="inChannels">Channels of the input; at least 1.</param>
    /// <param name="outChannels">Channels of the result; at least 1.</param>
    /// <param name="kernelSize">Elements of the kernel; at least 1.</param>
    /// <param name="stride">Positions of the result from one kernel to the next; 1 unless given.</param>
    /// <param name="padding">Positions that are cut off on each side of the result; none unless given.</param>
    /// <param name="outputPadding">Positions that are added at the end of the result, fewer than the stride or the dilation; none unless given.</param>
    /// <param name="groups">Into how many groups channels and outputs fall; divides both.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="dilation">Positions from one element of the kernel to the next; 1 unless given.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">A floating-point type.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public ConvTranspose1d(
        int inChannels, int outChannels, int kernelSize, int stride = 1, int padding = 0, int outputPadding = 0,
        int groups = 1, bool bias = true, int dilation = 1, Generator? generator = null, DType dtype = DType.Float32)
        : base(new ConvolutionSettings("conv_transpose1d", 1, inChannels, outChannels, kernelSize)
        {
            Stride = stride,
            Padding = padding,
            OutputPadding = outputPadding,
            Dilation = dilation,
            Groups = groups,
            Bias = bias,
            Transposed = true,
            Generator = generator,
            DType = dtype,
        })
    {
    }

    private protected override Tensor Convolve(Tensor x, PerAxis padding, PerAxis outputPadding) =>
        Tensor.ConvTranspose1d(x, Weight, Bias, Strides, padding, outputPadding, Groups, Dilations);
}

/// <summary>
/// A transposed convolution of images: [batch, in, height, width] to [batch, out, …], each size
/// (size − 1) stride − 2 padding + dilation (kernel − 1) + outputPadding + 1.
/// </summary>
/// <remarks><inheritdoc cref="ConvolutionLayer" path="/remarks/node()"/> The formula stands at <see cref="Tensor.ConvTranspose2d"/>.</remarks>
/// <example><code>
/// var up = new ConvTranspose2d(16, 8, kernelSize: 4, stride: 2, padding: 1);   // [n, 16, 8, 8] → [n, 8, 16, 16]
/// </code></example>
public sealed class ConvTranspose2d : TransposedConvolution
{
    /// <summary>A layer with random weights.</summary>
    /// <param name="inChannels">Channels of the input; at least 1.</param>
    /// <param name="outChannels">Channels of the result; at least 1.</param>
    /// <param name="kernelSize">Sizes of the kernel: one number, or one per axis; at least 1.</param>
    /// <param name="stride">Positions of the result from one kernel to the next; 1 unless given.</param>
    /// <param name="padding">Positions that are cut off on each side of the result; none unless given.</param>
    /// <param name="outputPadding">Positions that are added at the end of the result, fewer than the stride or the dilation; none unless given.</param>
    /// <param name="groups">Into how many groups channels and outputs fall; divides both.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="dilation">Positions from one element of the kernel to the next; 1 unless given.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">A floating-point type.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public ConvTranspose2d(
        int inChannels, int outChannels, PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default, PerAxis outputPadding = default,
        int groups = 1, bool bias = true, PerAxis dilation = default, Generator? generator = null, DType dtype = DType.Float32)
        : base(new ConvolutionSettings("conv_transpose2d", 2, inChannels, outChannels, kernelSize)
        {
            Stride = stride,
            Padding = padding,
            OutputPadding = outputPadding,
            Dilation = dilation,
            Groups = groups,
            Bias = bias,
            Transposed = true,
            Generator = generator,
            DType = dtype,
        })
    {
    }

    private protected override Tensor Convolve(Tensor x, PerAxis padding, PerAxis outputPadding) =>
        Tensor.ConvTranspose2d(x, Weight, Bias, Strides, padding, outputPadding, Groups, Dilations);
}

/// <summary>
/// A transposed convolution of volumes: [batch, in, depth, height, width] to [batch, out, …], each size
/// (size − 1) stride − 2 padding + dilation (kernel − 1) + outputPadding + 1.
/// </summary>
/// <remarks><inheritdoc cref="ConvolutionLayer" path="/remarks/node()"/> The formula stands at <see cref="Tensor.ConvTranspose3d"/>.</remarks>
public sealed class ConvTranspose3d : TransposedConvolution
{
    /// <summary>A layer with random weights.</summary>
    /// <param name="inChannels">Channels of the input; at least 1.</param>
    /// <param name="outChannels">Channels of the result; at least 1.</param>
    /// <param name="kernelSize">Sizes of the kernel: one number, or one per axis; at least 1.</param>
    /// <param name="stride">Positions of the result from one kernel to the next; 1 unless given.</param>
    /// <param name="padding">Positions that are cut off on each side of the result; none unless given.</param>
    /// <param name="outputPadding">Positions that are added at the end of the result, fewer than the stride or the dilation; none unless given.</param>
    /// <param name="groups">Into how many groups channels and outputs fall; divides both.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="dilation">Positions from one element of the kernel to the next; 1 unless given.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">A floating-point type.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public ConvTranspose3d(
        int inChannels, int outChannels, PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default, PerAxis outputPadding = default,
        int groups = 1, bool bias = true, PerAxis dilation = default, Generator? generator = null, DType dtype = DType.Float32)
        : base(new ConvolutionSettings("conv_transpose3d", 3, inChannels, outChannels, kernelSize)
        {
            Stride = stride,
            Padding = padding,
            OutputPadding = outputPadding,
            Dilation = dilation,
            Groups = groups,
            Bias = bias,
            Transposed = true,
            Generator = generator,
            DType = dtype,
        })
    {
    }

    private protected override Tensor Convolve(Tensor x, PerAxis padding, PerAxis outputPadding) =>
        Tensor.ConvTranspose3d(x, Weight, Bias, Strides, padding, outputPadding, Groups, Dilations);
}
