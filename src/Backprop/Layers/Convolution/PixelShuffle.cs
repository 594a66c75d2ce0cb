namespace Backprop.Layers;

/// <summary>
/// Channels become pixels: [..., channels · factor², height, width] to [..., channels, height · factor, width · factor]. See
/// <see cref="Tensor.PixelShuffle"/>.
/// </summary>
public sealed class PixelShuffle : Module
{
    private readonly int factor;

    /// <summary>A layer for one factor.</summary>
    /// <param name="factor">By how much images grow; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is below 1.</exception>
    public PixelShuffle(int factor) => this.factor = factor >= 1 ? factor : throw Error.Range("pixel_shuffle", nameof(factor), factor, "at least 1");

    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"factor {factor}");

    /// <inheritdoc cref="Tensor.PixelShuffle"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.PixelShuffle(factor);
    }
}

/// <summary>
/// Pixels become channels: [..., channels, height, width] to [..., channels · factor², height / factor, width / factor]. See
/// <see cref="Tensor.PixelUnshuffle"/>.
/// </summary>
public sealed class PixelUnshuffle : Module
{
    private readonly int factor;

    /// <summary>A layer for one factor.</summary>
    /// <param name="factor">By how much images shrink; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is below 1.</exception>
    public PixelUnshuffle(int factor) => this.factor = factor >= 1 ? factor : throw Error.Range("pixel_unshuffle", nameof(factor), factor, "at least 1");

    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"factor {factor}");

    /// <inheritdoc cref="Tensor.PixelUnshuffle"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.PixelUnshuffle(factor);
    }
}
