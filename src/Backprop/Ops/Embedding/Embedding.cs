using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>Looks rows up in a table: result[…, :] = weight[positions[…], :]. The gradient is added back to the rows.</summary>
    /// <param name="positions">int64 or int32 of any shape, from 0 to entries − 1: negative ones are refused, as in PyTorch.</param>
    /// <param name="weight">[entries, features].</param>
    /// <param name="paddingIndex">A row that gets no gradient; a negative one counts from the end.</param>
    /// <param name="maxNorm">Rows that are looked up and longer than this are shortened to it, in place and unrecorded.</param>
    /// <param name="normType">The p of the norm that <paramref name="maxNorm"/> limits.</param>
    /// <param name="scaleGradientByFrequency">Whether a row's gradient is divided by how often the row is looked up.</param>
    /// <returns>[…, features].</returns>
    /// <remarks>A row's gradient is summed in its dtype, one contribution after the other: millions of them lose digits in float32, as in PyTorch.</remarks>
    /// <exception cref="ShapeException">The weight has not two axes.</exception>
    /// <exception cref="DTypeException">The positions are no integers, or the weight is not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position or the padding index is outside of the table, or a norm is not positive.</exception>
    public static Tensor Embedding(
        Tensor positions, Tensor weight, int? paddingIndex = null, double? maxNorm = null, double normType = 2, bool scaleGradientByFrequency = false) =>
        EmbeddingIn(positions, weight, paddingIndex, maxNorm, normType, scaleGradientByFrequency, null);

    /// <summary><see cref="Embedding"/> for a layer, which messages name.</summary>
    internal static Tensor EmbeddingIn(
        Tensor positions, Tensor weight, int? paddingIndex, double? maxNorm, double normType, bool scaleGradientByFrequency, Func<string>? location)
    {
        const string Name = "embedding";
        ArgumentNullException.ThrowIfNull(positions);
        var padding = EmbeddingTable.Check(Name, positions, weight, paddingIndex, maxNorm, normType, location);
        if (maxNorm is { } limit)
        {
            Layout.CheckedCount(Name, [.. positions.Shape, weight.Shape[1]]);
            Capture.Repeat(() => EmbeddingTable.Renormalize(weight, EmbeddingTable.Read(Name, positions, weight.Shape[0]), limit, normType));
        }

        var plan = IndexPlan.Of(Name, positions, 0, weight.Shape[0]);
        var rows = new IndexRead("index_select", new IndexWalk([0], 0)).Run(new Operands(weight, plan));
        if ((padding < 0 && !scaleGradientByFrequency) || !rows.RequiresGradient)
        {
            return rows;
        }

        var shares = new EmbeddingShares(padding, scaleGradientByFrequency, weight.DType.Computing()).Run(new Operands(plan));
        return ScaledGradient.Instance.Apply(rows, shares.Unsqueeze(-1));
    }
}
