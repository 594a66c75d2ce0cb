namespace Backprop.Layers;

/// <summary>The largest element of each window along the last axis.</summary>
/// <param name="kernelSize">Elements of a window; at least 1.</param>
/// <param name="stride">From one window to the next; the kernel's size unless given.</param>
/// <param name="padding">By how much windows may begin before the input and end after it.</param>
/// <param name="dilation">From one element of a window to the next; 1 unless given.</param>
/// <param name="ceilMode">Whether a last window that is not whole counts.</param>
public sealed class MaxPool1d(int kernelSize, int? stride = null, int padding = 0, int dilation = 1, bool ceilMode = false) : Module, IMaxPooling
{
    /// <inheritdoc/>
    protected override string Settings => WindowText.Of(kernelSize, stride is { } given ? given : default(PerAxis), padding);

    /// <inheritdoc cref="Tensor.MaxPool1d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.MaxPool1d(kernelSize, stride, padding, dilation, ceilMode);
    }
}

/// <summary>The largest element of each window along the last two axes.</summary>
/// <param name="kernelSize">Size of a window: one number, or one per axis; at least 1.</param>
/// <param name="stride">From one window to the next; the kernel's size unless given.</param>
/// <param name="padding">By how much windows may begin before the input and end after it.</param>
/// <param name="dilation">From one element of a window to the next; 1 unless given.</param>
/// <param name="ceilMode">Whether a last window that is not whole counts.</param>
public sealed class MaxPool2d(
    PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool ceilMode = false) : Module, IMaxPooling
{
    /// <inheritdoc/>
    protected override string Settings => WindowText.Of(kernelSize, stride, padding);

    /// <inheritdoc cref="Tensor.MaxPool2d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.MaxPool2d(kernelSize, stride, padding, dilation, ceilMode);
    }
}

/// <summary>The largest element of each window along the last three axes.</summary>
/// <param name="kernelSize">Size of a window: one number, or one per axis; at least 1.</param>
/// <param name="stride">From one window to the next; the kernel's size unless given.</param>
/// <param name="padding">By how much windows may begin before the input and end after it.</param>
/// <param name="dilation">From one element of a window to the next; 1 unless given.</param>
/// <param name="ceilMode">Whether a last window that is not whole counts.</param>
public sealed class MaxPool3d(
    PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool ceilMode = false) : Module, IMaxPooling
{
    /// <inheritdoc/>
    protected override string Settings => WindowText.Of(kernelSize, stride, padding);

    /// <inheritdoc cref="Tensor.MaxPool3d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.MaxPool3d(kernelSize, stride, padding, dilation, ceilMode);
    }
}

/// <summary>Layers that take the largest element of each window.</summary>
internal interface IMaxPooling;

/// <summary>How the settings of windows are shown.</summary>
internal static class WindowText
{
    public static string Of(PerAxis kernelSize, PerAxis stride, PerAxis padding)
    {
        var text = $"kernel {kernelSize}";
        text += stride == default ? "" : $", stride {stride}";
        return text + (padding == default || padding == 0 ? "" : $", padding {padding}");
    }
}
