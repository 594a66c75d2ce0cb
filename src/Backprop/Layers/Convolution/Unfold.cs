namespace Backprop.Layers;

/// <summary>
/// The windows of images as columns: [batch, channels, height, width] to [batch, channels · kernel, windows]. See <see cref="Tensor.Unfold"/>.
/// </summary>
/// <param name="kernelSize">Height and width of a window; at least 1.</param>
/// <param name="dilation">From one element of a window to the next; 1 unless given.</param>
/// <param name="padding">Zeros on each side; none unless given.</param>
/// <param name="stride">From one window to the next; 1 unless given.</param>
public sealed class Unfold(PerAxis kernelSize, PerAxis dilation = default, PerAxis padding = default, PerAxis stride = default) : Module
{
    /// <inheritdoc/>
    protected override string Settings => WindowText.Of(kernelSize, stride, padding);

    /// <inheritdoc cref="Tensor.Unfold"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.Unfold(kernelSize, dilation, padding, stride);
    }
}

/// <summary>
/// Columns added to the windows they stand for: [batch, channels · kernel, windows] to [batch, channels, height, width]. See
/// <see cref="Tensor.Fold"/>.
/// </summary>
/// <param name="outputSize">Height and width of the images; at least 1.</param>
/// <param name="kernelSize">Height and width of a window; at least 1.</param>
/// <param name="dilation">From one element of a window to the next; 1 unless given.</param>
/// <param name="padding">Positions on each side that are cut off; none unless given.</param>
/// <param name="stride">From one window to the next; 1 unless given.</param>
public sealed class Fold(PerAxis outputSize, PerAxis kernelSize, PerAxis dilation = default, PerAxis padding = default, PerAxis stride = default) : Module
{
    /// <inheritdoc/>
    protected override string Settings => $"to {outputSize}, {WindowText.Of(kernelSize, stride, padding)}";

    /// <inheritdoc cref="Tensor.Fold"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.Fold(outputSize, kernelSize, dilation, padding, stride);
    }
}
