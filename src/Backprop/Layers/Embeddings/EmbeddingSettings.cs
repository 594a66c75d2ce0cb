using System.Globalization;

namespace Backprop.Layers;

/// <summary>What the layers with a table of vectors are told; checked.</summary>
internal sealed record EmbeddingSettings(
    string Operation, int Entries, int Features, int? PaddingIndex, double? MaxNorm, double NormType, bool ScaleGradientByFrequency)
{
    /// <summary>The padding index, counted from the start.</summary>
    public int? Padding => PaddingIndex < 0 ? PaddingIndex + Entries : PaddingIndex;

    /// <summary>Refuses numbers that make no sense.</summary>
    public EmbeddingSettings Checked()
    {
        NormSettings.CheckSize(Operation, "entries", Entries);
        NormSettings.CheckSize(Operation, "features", Features);
        if (PaddingIndex is { } index && (index < -Entries || index >= Entries))
        {
            throw Error.Range(
                Operation, "paddingIndex", index, FormattableString.Invariant($"from {-Entries} to {Entries - 1}, for {Entries} entries"));
        }

        if (MaxNorm is { } limit && !(limit > 0))
        {
            throw Error.Range(Operation, "maxNorm", limit, "positive");
        }

        if (!(NormType > 0))
        {
            throw Error.Range(Operation, "normType", NormType, "positive");
        }

        return this;
    }

    /// <summary>Normally distributed vectors; zeros for the padding.</summary>
    public Tensor Draw(Tensor table, Generator? generator)
    {
        Initialize.Normal(table, generator: generator);
        if (Padding is { } row)
        {
            using (Recording.Pause())
            {
                table.Detach()[row].Fill(0);
            }
        }

        return table;
    }

    public override string ToString()
    {
        var padding = Padding is { } row ? $", padding {row}" : "";
        var limit = MaxNorm is { } norm ? string.Create(CultureInfo.InvariantCulture, $", norm at most {norm}") : "";
        return $"{Entries} × {Features}{padding}{limit}";
    }
}
