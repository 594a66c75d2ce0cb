using Backprop.Ops;

namespace Backprop;

/// <summary>What becomes of the rows of a bag.</summary>
public enum BagMode
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>The largest element of each column.</summary>
    Max,
}

public sealed partial class Tensor
{
    /// <summary>
    /// Looks rows up in a table and puts those of a bag together: their mean, their sum, or their largest elements. An empty bag gives zeros.
    /// </summary>
    /// <param name="positions">
    /// int64 or int32: a matrix with a bag in each row, or a vector that <paramref name="offsets"/> cuts into bags;
    /// from 0 to entries − 1: negative ones are refused, as in PyTorch.
    /// </param>
    /// <param name="weight">[entries, features].</param>
    /// <param name="offsets">Where each bag begins in a vector of positions: int64 or int32, from 0 on, never falling.</param>
    /// <param name="mode">How rows are put together.</param>
    /// <param name="perSampleWeights">In the positions' shape: factors of the rows, for sums only.</param>
    /// <param name="includeLastOffset">Whether the last offset is the end of the last bag rather than the beginning of one.</param>
    /// <param name="paddingIndex">Positions that are left out, as if they were not there.</param>
    /// <param name="maxNorm">Rows that are looked up and longer than this are shortened to it, in place and unrecorded.</param>
    /// <param name="normType">The p of the norm that <paramref name="maxNorm"/> limits.</param>
    /// <param name="scaleGradientByFrequency">Whether a row's gradient is divided by how often the row is looked up.</param>
    /// <returns>[bags, features].</returns>
    /// <exception cref="ShapeException">A shape doesn't fit.</exception>
    /// <exception cref="DTypeException">Positions or offsets are no integers, the weight is not floating point, or dtypes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position or an offset is out of range, or a norm is not positive.</exception>
    /// <exception cref="ArgumentException">There are weights for another mode than the sum.</exception>
    public static Tensor EmbeddingBag(
        Tensor positions, Tensor weight, Tensor? offsets = null, BagMode mode = BagMode.Mean, Tensor? perSampleWeights = null,
        bool includeLastOffset = false, int? paddingIndex = null, double? maxNorm = null, double normType = 2, bool scaleGradientByFrequency = false) =>
        EmbeddingBagIn(
            positions, weight, offsets, mode, perSampleWeights, includeLastOffset, paddingIndex, maxNorm, normType, scaleGradientByFrequency, null);

    /// <summary><see cref="EmbeddingBag"/> for a layer, which messages name.</summary>
    internal static Tensor EmbeddingBagIn(
        Tensor positions, Tensor weight, Tensor? offsets, BagMode mode, Tensor? perSampleWeights, bool includeLastOffset, int? paddingIndex,
        double? maxNorm, double normType, bool scaleGradientByFrequency, Func<string>? location)
    {
        const string Name = "embedding_bag";
        var padding = EmbeddingTable.Check(Name, positions, weight, paddingIndex, maxNorm, normType, location);
        if (mode is not (BagMode.Mean or BagMode.Sum or BagMode.Max))
        {
            throw Error.Range(Name, nameof(mode), mode, "BagMode.Mean, BagMode.Sum or BagMode.Max");
        }

        if (perSampleWeights is not null && mode != BagMode.Sum)
        {
            throw new ArgumentException($"{Name}: perSampleWeights are for BagMode.Sum, not BagMode.{mode}.", nameof(perSampleWeights));
        }

        NormChecks.Companion(Name, "perSampleWeights", weight, perSampleWeights, positions.Shape);
        var starts = Bags.Starts(Name, positions, offsets, includeLastOffset);
        Layout.CheckedCount(Name, [starts.Length - 1, weight.Shape[1]]);
        var read = EmbeddingTable.Read(Name, positions, weight.Shape[0]);
        var bags = Bags.Of(starts, read, padding);
        if (maxNorm is { } limit)
        {
            EmbeddingTable.Renormalize(weight, bags.Positions, limit, normType);
        }

        var rows = EmbeddingTable.Rows(bags.Positions, weight, scaleGradientByFrequency).Wide;
        if (perSampleWeights is not null)
        {
            rows *= perSampleWeights.Wide.Reshape(-1).IndexSelect(From(bags.Kept)).Unsqueeze(1);
        }

        return bags.Combine(rows, mode).To(weight.DType);
    }
}
