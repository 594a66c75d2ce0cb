using System.Globalization;

namespace Backprop.Layers;

/// <summary>Signals, images or volumes in another size: see <see cref="Tensor.Interpolate"/>. [batch, channels, …] to [batch, channels, new sizes].</summary>
/// <example><code>
/// var doubled = new Upsample(2, InterpolationMode.Linear);     // [n, c, 8, 8] → [n, c, 16, 16]
/// var fixedSize = Upsample.To([32, 32]);
/// </code></example>
public sealed class Upsample : Module
{
    private readonly PerAxis size;
    private readonly double[] scales = [];
    private readonly InterpolationMode mode;
    private readonly bool alignCorners;

    /// <summary>A layer that multiplies sizes: to ⌊size · scale⌋.</summary>
    /// <param name="scale">By how much sizes grow; positive.</param>
    /// <param name="mode">How values between the given ones are found.</param>
    /// <param name="alignCorners">For linear and cubic: whether the first and last elements stay where they are.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not positive and finite.</exception>
    public Upsample(double scale, InterpolationMode mode = InterpolationMode.Nearest, bool alignCorners = false)
        : this([scale], mode, alignCorners)
    {
    }

    /// <summary>A layer that multiplies sizes, with a scale for each spatial axis.</summary>
    /// <param name="scale">By how much sizes grow; positive.</param>
    /// <param name="mode">How values between the given ones are found.</param>
    /// <param name="alignCorners">For linear and cubic: whether the first and last elements stay where they are.</param>
    /// <exception cref="ArgumentOutOfRangeException">A scale is not positive and finite, or there are none or more than three.</exception>
    public Upsample(double[] scale, InterpolationMode mode = InterpolationMode.Nearest, bool alignCorners = false)
        : this(mode, alignCorners)
    {
        ArgumentNullException.ThrowIfNull(scale);
        if (scale.Length is < 1 or > 3)
        {
            throw new ArgumentOutOfRangeException(nameof(scale), $"upsample: scale has {scale.Length} numbers; it must have from 1 to 3.");
        }

        foreach (var factor in scale)
        {
            if (!(factor > 0 && double.IsFinite(factor)))
            {
                throw Error.Range("upsample", nameof(scale), factor, "positive and finite");
            }
        }

        scales = (double[])scale.Clone();
    }

    private Upsample(PerAxis size, InterpolationMode mode, bool alignCorners)
        : this(mode, alignCorners) => this.size = size;

    private Upsample(InterpolationMode mode, bool alignCorners) => (this.mode, this.alignCorners) = (mode, alignCorners);

    /// <summary>A layer that gives images of one size, whatever they come in.</summary>
    /// <param name="size">The new sizes: one number for all spatial axes, or one for each; at least 1.</param>
    /// <param name="mode">How values between the given ones are found.</param>
    /// <param name="alignCorners">For linear and cubic: whether the first and last elements stay where they are.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public static Upsample To(PerAxis size, InterpolationMode mode = InterpolationMode.Nearest, bool alignCorners = false)
    {
        foreach (var one in size)
        {
            if (one < 1)
            {
                throw Error.Range("upsample", nameof(size), size, "at least 1 on every axis");
            }
        }

        return new Upsample(size, mode, alignCorners);
    }

    /// <inheritdoc/>
    protected override string Settings => (scales.Length == 0 ? $"size {size}" : $"scale {Scale}") + $", {mode}" + (alignCorners ? ", corners aligned" : "");

    private string Scale
    {
        get
        {
            var texts = Array.ConvertAll(scales, scale => scale.ToString(CultureInfo.InvariantCulture));
            return texts.Length == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        }
    }

    /// <summary>The images in the new size.</summary>
    /// <param name="x">[batch, channels, …] with one to three spatial axes.</param>
    /// <exception cref="ShapeException">The tensor has no spatial axis or more than three, or is empty along one.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of sizes or scales differs, or the mode doesn't align corners.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return scales.Length == 0 ? x.Interpolate(size, mode, alignCorners) : x.InterpolateBy(scales, mode, alignCorners);
    }
}
