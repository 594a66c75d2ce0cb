namespace Backprop.Layers;

/// <summary>The mean of each window along the last axis.</summary>
/// <param name="kernelSize">Elements of a window; at least 1.</param>
/// <param name="stride">From one window to the next; the kernel's size unless given.</param>
/// <param name="padding">By how much windows may begin before the input and end after it.</param>
/// <param name="ceilMode">Whether a last window that is not whole counts.</param>
/// <param name="countIncludePad">Whether the padding's zeros count in the mean.</param>
public sealed class AvgPool1d(int kernelSize, int? stride = null, int padding = 0, bool ceilMode = false, bool countIncludePad = true) : Module
{
    /// <inheritdoc/>
    protected override string Settings => WindowText.Of(kernelSize, stride is { } given ? given : default(PerAxis), padding);

    /// <inheritdoc cref="Tensor.AvgPool1d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.AvgPool1d(kernelSize, stride, padding, ceilMode, countIncludePad);
    }
}

/// <summary>The mean of each window along the last two axes.</summary>
/// <param name="kernelSize">Size of a window: one number, or one per axis; at least 1.</param>
/// <param name="stride">From one window to the next; the kernel's size unless given.</param>
/// <param name="padding">By how much windows may begin before the input and end after it.</param>
/// <param name="ceilMode">Whether a last window that is not whole counts.</param>
/// <param name="countIncludePad">Whether the padding's zeros count in the mean.</param>
/// <param name="divisorOverride">What sums are divided by instead of the size of the window; not 0.</param>
public sealed class AvgPool2d(
    PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default,
    bool ceilMode = false, bool countIncludePad = true, int? divisorOverride = null) : Module
{
    /// <inheritdoc/>
    protected override string Settings => WindowText.Of(kernelSize, stride, padding);

    /// <inheritdoc cref="Tensor.AvgPool2d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.AvgPool2d(kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
    }
}

/// <summary>The mean of each window along the last three axes.</summary>
/// <param name="kernelSize">Size of a window: one number, or one per axis; at least 1.</param>
/// <param name="stride">From one window to the next; the kernel's size unless given.</param>
/// <param name="padding">By how much windows may begin before the input and end after it.</param>
/// <param name="ceilMode">Whether a last window that is not whole counts.</param>
/// <param name="countIncludePad">Whether the padding's zeros count in the mean.</param>
/// <param name="divisorOverride">What sums are divided by instead of the size of the window; not 0.</param>
public sealed class AvgPool3d(
    PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default,
    bool ceilMode = false, bool countIncludePad = true, int? divisorOverride = null) : Module
{
    /// <inheritdoc/>
    protected override string Settings => WindowText.Of(kernelSize, stride, padding);

    /// <inheritdoc cref="Tensor.AvgPool3d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.AvgPool3d(kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
    }
}

/// <summary>The p-norm of each window along the last axis.</summary>
/// <param name="p">The norm; positive and finite.</param>
/// <param name="kernelSize">Elements of a window; at least 1.</param>
/// <param name="stride">From one window to the next; the kernel's size unless given.</param>
/// <param name="ceilMode">Whether a last window that is not whole counts.</param>
public sealed class LpPool1d(double p, int kernelSize, int? stride = null, bool ceilMode = false) : Module
{
    /// <inheritdoc/>
    protected override string Settings =>
        FormattableString.Invariant($"p {p}, {WindowText.Of(kernelSize, stride is { } given ? given : default(PerAxis), default)}");

    /// <inheritdoc cref="Tensor.LpPool1d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.LpPool1d(p, kernelSize, stride, ceilMode);
    }
}

/// <summary>The p-norm of each window along the last two axes.</summary>
/// <param name="p">The norm; positive and finite.</param>
/// <param name="kernelSize">Size of a window: one number, or one per axis; at least 1.</param>
/// <param name="stride">From one window to the next; the kernel's size unless given.</param>
/// <param name="ceilMode">Whether a last window that is not whole counts.</param>
public sealed class LpPool2d(double p, PerAxis kernelSize, PerAxis stride = default, bool ceilMode = false) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"p {p}, {WindowText.Of(kernelSize, stride, default)}");

    /// <inheritdoc cref="Tensor.LpPool2d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.LpPool2d(p, kernelSize, stride, ceilMode);
    }
}

/// <summary>The p-norm of each window along the last three axes.</summary>
/// <param name="p">The norm; positive and finite.</param>
/// <param name="kernelSize">Size of a window: one number, or one per axis; at least 1.</param>
/// <param name="stride">From one window to the next; the kernel's size unless given.</param>
/// <param name="ceilMode">Whether a last window that is not whole counts.</param>
public sealed class LpPool3d(double p, PerAxis kernelSize, PerAxis stride = default, bool ceilMode = false) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"p {p}, {WindowText.Of(kernelSize, stride, default)}");

    /// <inheritdoc cref="Tensor.LpPool3d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.LpPool3d(p, kernelSize, stride, ceilMode);
    }
}
