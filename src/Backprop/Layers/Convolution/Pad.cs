using System.Globalization;

namespace Backprop.Layers;

/// <summary>What <see cref="Pad1d"/>, <see cref="Pad2d"/> and <see cref="Pad3d"/> share: elements around the last axes.</summary>
/// <remarks>PyTorch has a class for every mode: ZeroPad2d, ConstantPad2d, ReflectionPad2d, ReplicationPad2d, CircularPad2d.</remarks>
public abstract class PaddingLayer : Module
{
    private readonly (int Before, int After)[] amounts;
    private readonly PaddingMode mode;
    private readonly double value;

    private protected PaddingLayer((int Before, int After)[] amounts, PaddingMode mode, double value)
    {
        if (mode is < PaddingMode.Constant or > PaddingMode.Circular)
        {
            throw Error.Range("pad", nameof(mode), mode, "Constant, Reflect, Replicate or Circular");
        }

        (this.amounts, this.mode, this.value) = (amounts, mode, value);
    }

    /// <inheritdoc/>
    protected override string Settings
    {
        get
        {
            var text = string.Join(", ", amounts.Select(pair => pair.Before == pair.After
                ? pair.Before.ToString(CultureInfo.InvariantCulture)
                : FormattableString.Invariant($"({pair.Before}, {pair.After})")));
            return text + (mode != PaddingMode.Constant ? $", {mode}" : value != 0 ? FormattableString.Invariant($", value {value}") : "");
        }
    }

    /// <summary>The tensor with elements around its last axes.</summary>
    /// <param name="x">Any number of leading axes, then those that are padded.</param>
    /// <exception cref="ShapeException">Too few axes, or more elements taken away than there are.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More padding than the mode allows, or a value that is not one of the dtype.</exception>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.Pad(amounts, mode, value);
    }

    private protected static (int Before, int After)[] Both(PerAxis amount, int axes) =>
        Array.ConvertAll(amount.Resolve("pad", nameof(amount), axes, 0, 0), each => (each, each));
}

/// <summary>Elements around the last axis.</summary>
public sealed class Pad1d : PaddingLayer
{
    /// <summary>As many before as after.</summary>
    /// <param name="amount">How many; at least 0.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="value">The number of the constant mode.</param>
    /// <exception cref="ArgumentOutOfRangeException">The amount is negative.</exception>
    public Pad1d(int amount, PaddingMode mode = PaddingMode.Constant, double value = 0)
        : base(Both(amount, 1), mode, value)
    {
    }

    /// <summary>Different amounts; negative ones take elements away.</summary>
    /// <param name="last">How many before and after.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="value">The number of the constant mode.</param>
    public Pad1d((int Before, int After) last, PaddingMode mode = PaddingMode.Constant, double value = 0)
        : base([last], mode, value)
    {
    }
}

/// <summary>Elements around the last two axes.</summary>
/// <example><code>
/// var frame = new Pad2d(3, PaddingMode.Reflect);
/// var below = new Pad2d(rows: (0, 1), columns: (0, 0));
/// </code></example>
public sealed class Pad2d : PaddingLayer
{
    /// <summary>As many on one side as on the other.</summary>
    /// <param name="amount">How many: one number, or one per axis; at least 0.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="value">The number of the constant mode.</param>
    /// <exception cref="ArgumentOutOfRangeException">An amount is negative, or there are not two.</exception>
    public Pad2d(PerAxis amount, PaddingMode mode = PaddingMode.Constant, double value = 0)
        : base(Both(amount, 2), mode, value)
    {
    }

    /// <summary>Different amounts; negative ones take elements away.</summary>
    /// <param name="rows">How many rows above and below.</param>
    /// <param name="columns">How many columns on the left and on the right.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="value">The number of the constant mode.</param>
    public Pad2d((int Before, int After) rows, (int Before, int After) columns, PaddingMode mode = PaddingMode.Constant, double value = 0)
        : base([rows, columns], mode, value)
    {
    }
}

/// <summary>Elements around the last three axes.</summary>
public sealed class Pad3d : PaddingLayer
{
    /// <summary>As many on one side as on the other.</summary>
    /// <param name="amount">How many: one number, or one per axis; at least 0.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="value">The number of the constant mode.</param>
    /// <exception cref="ArgumentOutOfRangeException">An amount is negative, or there are not three.</exception>
    public Pad3d(PerAxis amount, PaddingMode mode = PaddingMode.Constant, double value = 0)
        : base(Both(amount, 3), mode, value)
    {
    }

    /// <summary>Different amounts; negative ones take elements away.</summary>
    /// <param name="slices">How many slices before and after.</param>
    /// <param name="rows">How many rows above and below.</param>
    /// <param name="columns">How many columns on the left and on the right.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="value">The number of the constant mode.</param>
    public Pad3d(
        (int Before, int After) slices, (int Before, int After) rows, (int Before, int After) columns, PaddingMode mode = PaddingMode.Constant,
        double value = 0)
        : base([slices, rows, columns], mode, value)
    {
    }
}
