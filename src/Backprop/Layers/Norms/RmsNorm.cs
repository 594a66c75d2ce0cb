using System.Globalization;

namespace Backprop.Layers;

/// <summary>Normalisation of the last axes by their root mean square, with a weight (Zhang and Sennrich, 2019): see <see cref="Tensor.RmsNorm"/>.</summary>
/// <remarks>The weight starts at 1.</remarks>
public sealed class RmsNorm : Module
{
    private readonly int[] shape;

    /// <summary>A normalisation of the last axis.</summary>
    /// <param name="size">Its size; at least 1.</param>
    /// <param name="epsilon">Added to the mean square; at least 0. Unless given, the distance from 1 to the next number of the dtype.</param>
    /// <param name="affine">Whether there is a weight.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public RmsNorm(int size, double? epsilon = null, bool affine = true, DType dtype = DType.Float32)
        : this([size], epsilon, affine, dtype)
    {
    }

    /// <summary>A normalisation of several last axes together.</summary>
    /// <param name="shape">Their sizes; each at least 1.</param>
    /// <param name="epsilon">Added to the mean square; at least 0. Unless given, the distance from 1 to the next number of the dtype.</param>
    /// <param name="affine">Whether there is a weight.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ShapeException">There are no sizes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public RmsNorm(ReadOnlySpan<int> shape, double? epsilon = null, bool affine = true, DType dtype = DType.Float32)
    {
        this.shape = RowShape.Check("rms_norm", shape);
        NormSettings.Check("rms_norm", dtype, epsilon ?? 0);
        Epsilon = epsilon;
        Weight = affine ? Initialize.Constant(Parameter(shape, dtype), 1) : null;
    }

    /// <summary>The sizes of the axes that are normalised together.</summary>
    public ReadOnlySpan<int> Shape => shape;

    /// <summary>Added to the mean square; null for the distance from 1 to the next number of the dtype.</summary>
    public double? Epsilon { get; }

    /// <summary>The factors, in the shape of the axes; null where there are none.</summary>
    public Tensor? Weight { get; }

    /// <inheritdoc/>
    protected override string Settings =>
        $"{RowShape.Text(shape)}{(Epsilon is { } given ? string.Create(CultureInfo.InvariantCulture, $", ε {given}") : "")}";

    /// <inheritdoc cref="Tensor.RmsNorm"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        RowShape.CheckInput("rms_norm", x, shape, Location);
        NormSettings.CheckType("rms_norm", x, Weight, Location);
        return x.RmsNorm(shape, Weight, Epsilon);
    }
}
