namespace Backprop.Layers;

/// <summary>A table of vectors, one for each entry of a vocabulary: see <see cref="Tensor.Embedding"/>.</summary>
/// <remarks>The weight is [entries, features] and starts normally distributed; the row of the padding index is 0 and gets no gradient.</remarks>
public sealed class Embedding : Module
{
    private readonly EmbeddingSettings settings;

    /// <summary>A table of random vectors.</summary>
    /// <param name="entries">How many vectors; at least 1.</param>
    /// <param name="features">Their length; at least 1.</param>
    /// <param name="paddingIndex">An entry that stays as it is; a negative one counts from the end.</param>
    /// <param name="maxNorm">Vectors that are looked up and longer than this are shortened to it, in place.</param>
    /// <param name="normType">The p of the norm that <paramref name="maxNorm"/> limits.</param>
    /// <param name="scaleGradientByFrequency">Whether a vector's gradient is divided by how often it is looked up in the batch.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public Embedding(
        int entries, int features, int? paddingIndex = null, double? maxNorm = null, double normType = 2, bool scaleGradientByFrequency = false,
        Generator? generator = null, DType dtype = DType.Float32)
    {
        settings = new EmbeddingSettings("embedding", entries, features, paddingIndex, maxNorm, normType, scaleGradientByFrequency).Checked();
        Weight = settings.Draw(Parameter([entries, features], dtype), generator);
    }

    /// <summary>The vectors, [entries, features].</summary>
    public Tensor Weight { get; }

    /// <summary>The entry that stays as it is; null where there is none.</summary>
    public int? PaddingIndex => settings.Padding;

    /// <inheritdoc/>
    protected override string Settings => settings.ToString();

    /// <summary>The vectors at some positions.</summary>
    /// <param name="x">Positions from 0 to entries − 1: int64 or int32, of any shape.</param>
    /// <returns>[..., features].</returns>
    /// <exception cref="DTypeException">The positions are no integers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position is negative or beyond the table.</exception>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return Tensor.EmbeddingIn(x, Weight, settings.PaddingIndex, settings.MaxNorm, settings.NormType, settings.ScaleGradientByFrequency, () => Location);
    }
}
