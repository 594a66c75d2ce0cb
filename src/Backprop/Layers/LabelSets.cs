namespace Backprop.Layers;

/// <summary>Several class numbers per sample, checked: what <see cref="Losses.MultiLabelMargin"/> works on.</summary>
/// <param name="Labels">The labels, [N, K] for the largest number K of labels of a sample; 0 where a sample has fewer.</param>
/// <param name="IsThere">Which of them are labels, [N, K].</param>
/// <param name="IsLabel">Which classes are labels of a sample, [N, C].</param>
internal readonly record struct LabelSets(Tensor Labels, Tensor IsThere, Tensor IsLabel)
{
    /// <summary>Reads the labels of scores [N, C] or [C], up to the first −1 of each sample.</summary>
    public static LabelSets Check(string operation, Tensor scores, Tensor labels)
    {
        if (labels.DType is not (DType.Int64 or DType.Int32))
        {
            throw Error.DType(operation, labels.DType, "labels are int64 or int32 class numbers.");
        }

        if (scores.Rank > 2)
        {
            throw Error.Shape(operation, $"scores must be [N, C] or [C], not {Error.Text(scores.Shape)}.");
        }

        if (!labels.Shape.SequenceEqual(scores.Shape))
        {
            throw Error.Shape(operation, $"labels {Error.Text(labels.Shape)} must have the shape of the scores {Error.Text(scores.Shape)}, "
                + "each row filled up with -1.");
        }

        var classes = scores.Shape[^1];
        var samples = scores.Rank == 1 ? 1 : scores.Shape[0];
        var values = labels.To(DType.Int64).Contiguous().AsSpan<long>();
        var most = 0;
        var isLabel = new bool[values.Length];
        var counts = new int[samples];
        for (var n = 0; n < samples; n++)
        {
            var row = values.Slice(n * classes, classes);
            for (; counts[n] < classes && row[counts[n]] != -1; counts[n]++)
            {
                var label = row[counts[n]];
                if (label < 0 || label >= classes)
                {
                    throw Error.Range(operation, "label", label, FormattableString.Invariant(
                        $"from 0 to {classes - 1}, a class, or -1 after the last label (sample {n}, position {counts[n]})"));
                }

                isLabel[(n * classes) + (int)label] = true;
            }

            most = Math.Max(most, counts[n]);
        }

        var dense = new long[samples * most];
        var isThere = new bool[dense.Length];
        for (var n = 0; n < samples; n++)
        {
            values.Slice(n * classes, counts[n]).CopyTo(dense.AsSpan(n * most));
            isThere.AsSpan(n * most, counts[n]).Fill(true);
        }

        return new LabelSets(Tensor.From(dense, samples, most), Tensor.From(isThere, samples, most), Tensor.From(isLabel, samples, classes));
    }
}
