namespace Backprop.Layers;

/// <summary>A bilinear map of two inputs: y[…, o] = Σ x₁[…, i] W[o, i, j] x₂[…, j] + b[o]: see <see cref="Tensor.Bilinear"/>.</summary>
/// <remarks>The weight is [out, in1, in2], the bias [out]. Both start uniform in ±1/√in1, as PyTorch's do.</remarks>
public sealed class Bilinear : Module
{
    /// <summary>A layer with random weights.</summary>
    /// <param name="firstFeatures">The size of the last axis of the first input; at least 1.</param>
    /// <param name="secondFeatures">The size of the last axis of the second input; at least 1.</param>
    /// <param name="outFeatures">The size of the last axis of the result; at least 1.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public Bilinear(
        int firstFeatures, int secondFeatures, int outFeatures, bool bias = true, Generator? generator = null, DType dtype = DType.Float32)
    {
        NormSettings.CheckSize("bilinear", nameof(firstFeatures), firstFeatures);
        NormSettings.CheckSize("bilinear", nameof(secondFeatures), secondFeatures);
        NormSettings.CheckSize("bilinear", nameof(outFeatures), outFeatures);
        Weight = Initialize.UniformByFan(Parameter([outFeatures, firstFeatures, secondFeatures], dtype), firstFeatures, generator);
        Bias = bias ? Initialize.UniformByFan(Parameter([outFeatures], dtype), firstFeatures, generator) : null;
    }

    /// <summary>W, [out, in1, in2].</summary>
    public Tensor Weight { get; }

    /// <summary>b, [out]; null where there is none.</summary>
    public Tensor? Bias { get; }

    /// <inheritdoc/>
    protected override string Settings => $"{Weight.Shape[1]} × {Weight.Shape[2]} → {Weight.Shape[0]}{(Bias is null ? ", no bias" : "")}";

    /// <summary>The quadratic form of one input: the map of it with itself.</summary>
    /// <inheritdoc cref="Forward(Tensor, Tensor)"/>
    /// <param name="x">Both inputs.</param>
    public override Tensor Forward(Tensor x) => Forward(x, x);

    /// <summary>The map of two inputs.</summary>
    /// <param name="first">[…, in1].</param>
    /// <param name="second">[…, in2], with the same leading axes.</param>
    /// <returns>[…, out].</returns>
    /// <exception cref="ShapeException">The sizes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes are not the weight's.</exception>
    public Tensor Forward(Tensor first, Tensor second)
    {
        using var region = Enter();
        return Tensor.Bilinear(first, second, Weight, Bias);
    }
}
