namespace Backprop.Layers;

/// <summary>Layer normalisation of the last axes, with a weight and a bias in their shape (Ba et al., 2016): see <see cref="Tensor.LayerNorm"/>.</summary>
/// <remarks>The weight starts at 1, the bias at 0.</remarks>
public sealed class LayerNorm : Module
{
    private readonly int[] shape;

    /// <summary>A normalisation of the last axis.</summary>
    /// <param name="size">Its size; at least 1.</param>
    /// <param name="epsilon">Added to the variance; at least 0.</param>
    /// <param name="affine">Whether there is a weight.</param>
    /// <param name="bias">Whether there is a bias beside the weight.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public LayerNorm(int size, double epsilon = 1e-5, bool affine = true, bool bias = true, DType dtype = DType.Float32)
        : this([size], epsilon, affine, bias, dtype)
    {
    }

    /// <summary>A normalisation of several last axes together.</summary>
    /// <param name="shape">Their sizes; each at least 1.</param>
    /// <param name="epsilon">Added to the variance; at least 0.</param>
    /// <param name="affine">Whether there is a weight.</param>
    /// <param name="bias">Whether there is a bias beside the weight.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ShapeException">There are no sizes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public LayerNorm(ReadOnlySpan<int> shape, double epsilon = 1e-5, bool affine = true, bool bias = true, DType dtype = DType.Float32)
    {
        this.shape = RowShape.Check("layer_norm", shape);
        NormSettings.Check("layer_norm", dtype, epsilon);
        Epsilon = epsilon;
        Weight = affine ? Initialize.Constant(Parameter(shape, dtype), 1) : null;
        Bias = affine && bias ? Parameter(shape, dtype) : null;
    }

    /// <summary>The sizes of the axes that are normalised together.</summary>
    public ReadOnlySpan<int> Shape => shape;

    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; }

    /// <summary>The factors, in the shape of the axes; null where there are none.</summary>
    public Tensor? Weight { get; }

    /// <summary>What is added, in the shape of the axes; null where nothing is.</summary>
    public Tensor? Bias { get; }

    /// <inheritdoc/>
    protected override string Settings => $"{RowShape.Text(shape)}{NormSettings.Epsilon(Epsilon)}";

    /// <inheritdoc cref="Tensor.LayerNorm"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        RowShape.CheckInput("layer_norm", x, shape, Location);
        NormSettings.CheckType("layer_norm", x, Weight, Location);
        return x.LayerNorm(shape, Weight, Bias, Epsilon);
    }
}
