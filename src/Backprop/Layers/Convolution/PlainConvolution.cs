namespace Backprop.Layers;

/// <summary>What <see cref="Conv1d"/>, <see cref="Conv2d"/> and <see cref="Conv3d"/> share: the padding, of zeros or otherwise.</summary>
public abstract class PlainConvolution : ConvolutionLayer
{
    private readonly Padding padding;
    private readonly PaddingMode mode;

    private protected PlainConvolution(in ConvolutionSettings settings)
        : base(settings) => (padding, mode) = (settings.Padding, settings.Mode);

    /// <summary>The convolution of an input that is padded with zeros.</summary>
    private protected abstract Tensor Convolve(Tensor x, Padding padding);

    private protected sealed override Tensor Apply(Tensor x) => mode == PaddingMode.Constant ? Convolve(x, padding) : Convolve(x.Pad(Paddings, mode), default);
}
