namespace Backprop.Ops;

/// <summary>The labels and lengths of a batch for <see cref="Ctc"/>, read from its inputs, which were checked.</summary>
internal readonly ref struct CtcLabels
{
    public CtcLabels(in Operands inputs)
    {
        var targets = inputs[1];
        Labels = targets.Dense().AsSpan<long>();
        InputLengths = inputs[2].Dense().AsSpan<long>();
        TargetLengths = inputs[3].Dense().AsSpan<long>();
        var starts = new long[TargetLengths.Length];
        var next = 0L;
        for (var n = 0; n < starts.Length; n++)
        {
            starts[n] = next;
            next += targets.Rank == 2 ? targets.Shape[1] : TargetLengths[n];
        }

        Starts = starts;
    }

    /// <summary>All labels.</summary>
    public ReadOnlySpan<long> Labels { get; }

    /// <summary>Where each sample's labels begin.</summary>
    public ReadOnlySpan<long> Starts { get; }

    /// <summary>How many frames each sample has.</summary>
    public ReadOnlySpan<long> InputLengths { get; }

    /// <summary>How many labels each sample has.</summary>
    public ReadOnlySpan<long> TargetLengths { get; }

    /// <summary>The labels of a sample.</summary>
    public ReadOnlySpan<long> Of(int sample) => Labels.Slice((int)Starts[sample], (int)TargetLengths[sample]);

    /// <summary>Checks shapes, dtypes, lengths and labels.</summary>
    public static void Check(string operation, in Operands inputs, int blank)
    {
        var (x, targets) = (inputs[0], inputs[1]);
        LastAxis.Check(operation, x);
        if (x.Rank != 3 || x.Shape[2] == 0)
        {
            throw Error.Shape(operation, $"log-probabilities must be [T, N, C], or [T, C], with at least one class, not {Error.Text(x.Shape)}.");
        }

        var (frames, samples, classes) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        for (var i = 1; i < 4; i++)
        {
            if (inputs[i].DType != DType.Int64)
            {
                var name = i == 1 ? "targets" : i == 2 ? "input lengths" : "target lengths";
                throw Error.DType(operation, inputs[i].DType, $"{name} are int64 or int32.");
            }
        }

        if (targets.Rank is not (1 or 2) || (targets.Rank == 2 && targets.Shape[0] != samples))
        {
            throw Error.Shape(operation, $"targets {Error.Text(targets.Shape)} must be [{samples}, S] or one row of all labels for log-probabilities "
                + $"{Error.Text(x.Shape)}.");
        }

        if (!inputs[2].Layout.HasShape([samples]) || !inputs[3].Layout.HasShape([samples]))
        {
            throw Error.Shape(operation, $"input lengths {Error.Text(inputs[2].Shape)} and target lengths {Error.Text(inputs[3].Shape)} must be "
                + $"[{samples}], one per sample of log-probabilities {Error.Text(x.Shape)}.");
        }

        if (blank < 0 || blank >= classes)
        {
            throw Error.Range(operation, nameof(blank), blank, FormattableString.Invariant($"from 0 to {classes - 1}, a class"));
        }

        CheckLengths(operation, "input length", inputs[2], frames);
        CheckLengths(operation, "target length", inputs[3], targets.Shape[^1]);
        var labels = new CtcLabels(inputs);
        if (targets.Rank == 1)
        {
            var sum = 0L;
            foreach (var length in labels.TargetLengths)
            {
                sum += length;
            }

            if (sum != targets.Count)
            {
                throw Error.Shape(operation, FormattableString.Invariant(
                    $"the target lengths add up to {sum}, but there are {targets.Count} labels in targets {Error.Text(targets.Shape)}."));
            }
        }

        for (var n = 0; n < samples; n++)
        {
            var row = labels.Of(n);
            for (var i = 0; i < row.Length; i++)
            {
                if (row[i] < 0 || row[i] >= classes || row[i] == blank)
                {
                    throw Error.Range(operation, "label", row[i], FormattableString.Invariant(
                        $"from 0 to {classes - 1}, a class, and not the blank {blank} (sample {n}, position {i})"));
                }
            }
        }
    }

    private static void CheckLengths(string operation, string name, Tensor lengths, int most)
    {
        var values = lengths.Dense().AsSpan<long>();
        for (var n = 0; n < values.Length; n++)
        {
            if (values[n] < 0 || values[n] > most)
            {
                throw Error.Range(operation, name, values[n], FormattableString.Invariant($"from 0 to {most} (sample {n})"));
            }
        }
    }
}
