namespace Backprop.Layers;

/// <summary>
/// A convolution of signals: [batch, in, length] to [batch, out, …],
/// each size ⌊(size + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1.
/// </summary>
/// <remarks><inheritdoc cref="ConvolutionLayer" path="/remarks/node()"/> The formula stands at <see cref="Tensor.Conv1d"/>.</remarks>
/// <example><code>
/// var conv = new Conv1d(8, 16, kernelSize: 3, padding: Padding.Same);   // [n, 8, 100] → [n, 16, 100]
/// </code></example>
public sealed class Conv1d : PlainConvolution
{
    /// <summary>A layer with random weights.</summary>
    /// <param name="inChannels">Channels of the input; at least 1.</param>
    /// <param name="outChannels">Channels of the result; at least 1.</param>
    /// <param name="kernelSize">Elements of the kernel; at least 1.</param>
    /// <param name="stride">From one window to the next; 1 unless given.</param>
    /// <param name="padding">Positions on each side, or <see cref="Padding.Same"/>; none unless given.</param>
    /// <param name="dilation">From one element of the kernel to the next; 1 unless given.</param>
    /// <param name="groups">Into how many groups channels and outputs fall; divides both.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="paddingMode">What the padding consists of; zeros unless given.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">A floating-point type.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or the padding is same and a stride is not 1.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public Conv1d(
        int inChannels, int outChannels, int kernelSize, int stride = 1, Padding padding = default, int dilation = 1, int groups = 1,
        bool bias = true, PaddingMode paddingMode = PaddingMode.Constant, Generator? generator = null, DType dtype = DType.Float32)
        : base(new ConvolutionSettings("conv1d", 1, inChannels, outChannels, kernelSize)
        {
            Stride = stride,
            Padding = padding,
            Dilation = dilation,
            Groups = groups,
            Bias = bias,
            Mode = paddingMode,
            Generator = generator,
            DType = dtype,
        })
    {
    }

    private protected override Tensor Convolve(Tensor x, Padding padding) => Tensor.Conv1d(x, Weight, Bias, Strides, padding, Dilations, Groups);
}

/// <summary>
/// A convolution of images: [batch, in, height, width] to [batch, out, …],
/// each size ⌊(size + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1.
/// </summary>
/// <remarks><inheritdoc cref="ConvolutionLayer" path="/remarks/node()"/> The formula stands at <see cref="Tensor.Conv2d"/>.</remarks>
/// <example><code>
/// var conv = new Conv2d(3, 16, kernelSize: 3, stride: 2, padding: 1);   // [n, 3, 32, 32] → [n, 16, 16, 16]
/// var depthwise = new Conv2d(16, 16, kernelSize: 3, padding: Padding.Same, groups: 16, bias: false);
/// </code></example>
public sealed class Conv2d : PlainConvolution
{
    /// <summary>A layer with random weights.</summary>
    /// <param name="inChannels">Channels of the input; at least 1.</param>
    /// <param name="outChannels">Channels of the result; at least 1.</param>
    /// <param name="kernelSize">Sizes of the kernel: one number, or one per axis; at least 1.</param>
    /// <param name="stride">From one window to the next; 1 unless given.</param>
    /// <param name="padding">Positions on each side, or <see cref="Padding.Same"/>; none unless given.</param>
    /// <param name="dilation">From one element of the kernel to the next; 1 unless given.</param>
    /// <param name="groups">Into how many groups channels and outputs fall; divides both.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="paddingMode">What the padding consists of; zeros unless given.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">A floating-point type.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or the padding is same and a stride is not 1.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public Conv2d(
        int inChannels, int outChannels, PerAxis kernelSize, PerAxis stride = default, Padding padding = default, PerAxis dilation = default, int groups = 1,
        bool bias = true, PaddingMode paddingMode = PaddingMode.Constant, Generator? generator = null, DType dtype = DType.Float32)
        : base(new ConvolutionSettings("conv2d", 2, inChannels, outChannels, kernelSize)
        {
            Stride = stride,
            Padding = padding,
            Dilation = dilation,
            Groups = groups,
            Bias = bias,
            Mode = paddingMode,
            Generator = generator,
            DType = dtype,
        })
    {
    }

    private protected override Tensor Convolve(Tensor x, Padding padding) => Tensor.Conv2d(x, Weight, Bias, Strides, padding, Dilations, Groups);
}

/// <summary>
/// A convolution of volumes: [batch, in, depth, height, width] to [batch, out, …],
/// each size ⌊(size + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1.
/// </summary>
/// <remarks><inheritdoc cref="ConvolutionLayer" path="/remarks/node()"/> The formula stands at <see cref="Tensor.Conv3d"/>.</remarks>
public sealed class Conv3d : PlainConvolution
{
    /// <summary>A layer with random weights.</summary>
    /// <param name="inChannels">Channels of the input; at least 1.</param>
    /// <param name="outChannels">Channels of the result; at least 1.</param>
    /// <param name="kernelSize">Sizes of the kernel: one number, or one per axis; at least 1.</param>
    /// <param name="stride">From one window to the next; 1 unless given.</param>
    /// <param name="padding">Positions on each side, or <see cref="Padding.Same"/>; none unless given.</param>
    /// <param name="dilation">From one element of the kernel to the next; 1 unless given.</param>
    /// <param name="groups">Into how many groups channels and outputs fall; divides both.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="paddingMode">What the padding consists of; zeros unless given.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">A floating-point type.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or the padding is same and a stride is not 1.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public Conv3d(
        int inChannels, int outChannels, PerAxis kernelSize, PerAxis stride = default, Padding padding = default, PerAxis dilation = default, int groups = 1,
        bool bias = true, PaddingMode paddingMode = PaddingMode.Constant, Generator? generator = null, DType dtype = DType.Float32)
        : base(new ConvolutionSettings("conv3d", 3, inChannels, outChannels, kernelSize)
        {
            Stride = stride,
            Padding = padding,
            Dilation = dilation,
            Groups = groups,
            Bias = bias,
            Mode = paddingMode,
            Generator = generator,
            DType = dtype,
        })
    {
    }

    private protected override Tensor Convolve(Tensor x, Padding padding) => Tensor.Conv3d(x, Weight, Bias, Strides, padding, Dilations, Groups);
}
