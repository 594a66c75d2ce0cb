namespace Backprop.Layers;

/// <summary>A table of vectors, of which those of a bag are put together: see <see cref="Tensor.EmbeddingBag"/>.</summary>
/// <remarks>The weight is [entries, features] and starts normally distributed; the row of the padding index is 0 and never counts.</remarks>
public sealed class EmbeddingBag : Module
{
    private readonly EmbeddingSettings settings;

    /// <summary>A table of random vectors.</summary>
    /// <param name="entries">How many vectors; at least 1.</param>
    /// <param name="features">Their length; at least 1.</param>
    /// <param name="mode">How the vectors of a bag are put together.</param>
    /// <param name="includeLastOffset">Whether the last offset is the end of the last bag rather than the beginning of one.</param>
    /// <param name="paddingIndex">An entry that is left out of all bags; a negative one counts from the end.</param>
    /// <param name="maxNorm">Vectors that are looked up and longer than this are shortened to it, in place.</param>
    /// <param name="normType">The p of the norm that <paramref name="maxNorm"/> limits.</param>
    /// <param name="scaleGradientByFrequency">Whether a vector's gradient is divided by how often it is looked up in the batch.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range, or there is no such mode.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public EmbeddingBag(
        int entries, int features, BagMode mode = BagMode.Mean, bool includeLastOffset = false, int? paddingIndex = null, double? maxNorm = null,
        double normType = 2, bool scaleGradientByFrequency = false, Generator? generator = null, DType dtype = DType.Float32)
    {
        settings = new EmbeddingSettings("embedding_bag", entries, features, paddingIndex, maxNorm, normType, scaleGradientByFrequency).Checked();
        if (mode is not (BagMode.Mean or BagMode.Sum or BagMode.Max))
        {
            throw Error.Range("embedding_bag", nameof(mode), mode, "BagMode.Mean, BagMode.Sum or BagMode.Max");
        }

        (Mode, IncludeLastOffset) = (mode, includeLastOffset);
        Weight = settings.Draw(Parameter([entries, features], dtype), generator);
    }

    /// <summary>The vectors, [entries, features].</summary>
    public Tensor Weight { get; }

    /// <summary>How the vectors of a bag are put together.</summary>
    public BagMode Mode { get; }

    /// <summary>Whether the last offset is the end of the last bag.</summary>
    public bool IncludeLastOffset { get; }

    /// <summary>The entry that never counts; null where there is none.</summary>
    public int? PaddingIndex => settings.Padding;

    /// <inheritdoc/>
    protected override string Settings => $"{settings}, {(Mode == BagMode.Mean ? "mean" : Mode == BagMode.Sum ? "sum" : "max")}";

    /// <summary>One vector for each row of positions.</summary>
    /// <param name="x">Positions from 0 to entries − 1: int64 or int32, [bags, size].</param>
    /// <returns>[bags, features].</returns>
    /// <exception cref="ShapeException">The positions are no matrix.</exception>
    /// <exception cref="DTypeException">The positions are no integers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position is negative or beyond the table.</exception>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return Lookup(x, null, null, includeLastOffset: false);
    }

    /// <summary>One vector for each bag.</summary>
    /// <param name="x">Positions from 0 to entries − 1: a vector, or a matrix where there are no offsets.</param>
    /// <param name="offsets">Where each bag begins: int64 or int32, from 0 on, never falling.</param>
    /// <param name="perSampleWeights">In the positions' shape: factors of the vectors, for sums only.</param>
    /// <returns>[bags, features].</returns>
    /// <exception cref="ShapeException">A shape doesn't fit.</exception>
    /// <exception cref="DTypeException">Positions or offsets are no integers, or the dtypes of the weights differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position or an offset is out of range.</exception>
    /// <exception cref="ArgumentException">There are weights for another mode than the sum.</exception>
    public Tensor Forward(Tensor x, Tensor? offsets, Tensor? perSampleWeights = null)
    {
        using var region = Enter();
        return Lookup(x, offsets, perSampleWeights, offsets is not null && IncludeLastOffset);
    }

    private Tensor Lookup(Tensor x, Tensor? offsets, Tensor? perSampleWeights, bool includeLastOffset) => Tensor.EmbeddingBagIn(
        x, Weight, offsets, Mode, perSampleWeights, includeLastOffset, settings.PaddingIndex, settings.MaxNorm, settings.NormType,
        settings.ScaleGradientByFrequency, () => Location);
}
