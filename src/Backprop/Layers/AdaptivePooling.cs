namespace Backprop.Layers;

/// <summary>The mean of each window, where a given number of windows shares the last axis out.</summary>
/// <param name="outputSize">How many windows; −1 keeps the axis as it is.</param>
public sealed class AdaptiveAvgPool1d(int outputSize) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"{outputSize}");

    /// <inheritdoc cref="Tensor.AdaptiveAvgPool1d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.AdaptiveAvgPool1d(outputSize);
    }
}

/// <summary>The mean of each window, where a given number of windows shares the last two axes out.</summary>
/// <param name="outputSize">How many windows: one number, or one per axis; −1 keeps an axis as it is.</param>
public sealed class AdaptiveAvgPool2d(PerAxis outputSize) : Module
{
    /// <inheritdoc/>
    protected override string Settings => $"{outputSize}";

    /// <inheritdoc cref="Tensor.AdaptiveAvgPool2d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.AdaptiveAvgPool2d(outputSize);
    }
}

/// <summary>The mean of each window, where a given number of windows shares the last three axes out.</summary>
/// <param name="outputSize">How many windows: one number, or one per axis; −1 keeps an axis as it is.</param>
public sealed class AdaptiveAvgPool3d(PerAxis outputSize) : Module
{
    /// <inheritdoc/>
    protected override string Settings => $"{outputSize}";

    /// <inheritdoc cref="Tensor.AdaptiveAvgPool3d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.AdaptiveAvgPool3d(outputSize);
    }
}

/// <summary>The largest element of each window, where a given number of windows shares the last axis out.</summary>
/// <param name="outputSize">How many windows; −1 keeps the axis as it is.</param>
public sealed class AdaptiveMaxPool1d(int outputSize) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"{outputSize}");

    /// <inheritdoc cref="Tensor.AdaptiveMaxPool1d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.AdaptiveMaxPool1d(outputSize);
    }
}

/// <summary>The largest element of each window, where a given number of windows shares the last two axes out.</summary>
/// <param name="outputSize">How many windows: one number, or one per axis; −1 keeps an axis as it is.</param>
public sealed class AdaptiveMaxPool2d(PerAxis outputSize) : Module
{
    /// <inheritdoc/>
    protected override string Settings => $"{outputSize}";

    /// <inheritdoc cref="Tensor.AdaptiveMaxPool2d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.AdaptiveMaxPool2d(outputSize);
    }
}

/// <summary>The largest element of each window, where a given number of windows shares the last three axes out.</summary>
/// <param name="outputSize">How many windows: one number, or one per axis; −1 keeps an axis as it is.</param>
public sealed class AdaptiveMaxPool3d(PerAxis outputSize) : Module
{
    /// <inheritdoc/>
    protected override string Settings => $"{outputSize}";

    /// <inheritdoc cref="Tensor.AdaptiveMaxPool3d"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.AdaptiveMaxPool3d(outputSize);
    }
}
