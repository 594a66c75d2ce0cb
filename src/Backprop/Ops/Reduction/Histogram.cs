namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>How many elements fall into each of some bins of equal width.</summary>
    /// <param name="bins">How many bins; at least 1.</param>
    /// <param name="low">Where the first bin begins; the smallest element unless given.</param>
    /// <param name="high">Where the last bin ends, included; the largest element unless given.</param>
    /// <returns>
    /// Counts [bins], int64, and the edges [bins + 1] in the dtype of this tensor, float64 for integers. A bin has its lower edge and not its upper one, but
    /// for the last, which has both.
    /// </returns>
    /// <remarks>
    /// What is outside, and NaN, is not counted. Where all elements are equal, the bins reach half a unit to both sides of them; of no elements, from 0 to 1.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There are no bins, or <paramref name="low"/> and <paramref name="high"/> are not finite with low below high.
    /// </exception>
    /// <exception cref="DTypeException">The tensor is bool.</exception>
    public (Tensor Counts, Tensor Edges) Histogram(int bins = 10, double? low = null, double? high = null)
    {
        const string Name = "histogram";
        if (DType == DType.Bool)
        {
            throw Error.DType(Name, DType, "convert with To(DType.Int64) first.");
        }

        if (bins is < 1 or > 1 << 24)
        {
            throw Error.Range(Name, nameof(bins), bins, "from 1 to 16777216");
        }

        var x = Detach().Flatten().To(DType.Float64);
        var (least, most) = (low ?? (Count == 0 ? 0 : x.Min().Item()), high ?? (Count == 0 ? 1 : x.Max().Item()));
        if (low is null && high is null && least == most)
        {
            (least, most) = (least - 0.5, most + 0.5);
        }

        if (!(least < most) || !double.IsFinite(most - least))
        {
            throw Error.Range(Name, nameof(low), least, FormattableString.Invariant($"finite and below high, {most}; give both where elements are not finite"));
        }

        var edges = Linspace(least, most, bins + 1, DType.Float64);
        var places = edges.SearchSorted(x.MaskedSelect((x >= least) & (x <= most)), right: true) - 1;
        return (places.Clamp(0, bins - 1).BinCount(bins), edges.To(DType.IsFloating() ? DType : DType.Float64));
    }
}
