namespace Backprop.Ops;

/// <summary>
/// <see cref="Ctc"/> in tensor operations: the forward recursion, frame by frame, over all samples and states at once. States that can't be reached are
/// −∞ and get a gradient of exactly 0.
/// </summary>
internal static class CtcDefinition
{
    private const double Never = double.NegativeInfinity;

    public static Tensor Of(Tensor x, CtcLabels labels, int blank)
    {
        var (frames, samples) = (x.Shape[0], x.Shape[1]);
        var states = (2 * (int)Largest(labels.TargetLengths)) + 1;
        var (classes, skips) = States(labels, samples, states, blank);
        var lengths = Tensor.From(labels.InputLengths, samples, 1);
        var ends = Tensor.From(labels.TargetLengths, samples, 1) * 2;

        // With no frame there is one way: no labels.
        var none = Full(x, samples, 1, Never);
        var loss = Tensor.Where(ends.EqualTo(0), 0, Full(x, samples, 1, double.PositiveInfinity));
        if (frames > 0 && samples > 0)
        {
            var emissions = x.Gather(2, classes.Unsqueeze(0).Expand(frames, samples, states));         // [T, N, S]
            var skipCost = Tensor.Where(skips, 0, Full(x, samples, states, Never));
            var isStart = Tensor.Arange(states, DType.Int64) < 2;
            var alpha = Tensor.Where(isStart, emissions.Select(0, 0), Full(x, samples, states, Never));
            for (var t = 1; t < frames; t++)
            {
                var padded = Tensor.Concatenate([none, none, alpha], 1);
                var moved = LogSum(alpha, padded.Narrow(1, 1, states), padded.Narrow(1, 0, states) + skipCost) + emissions.Select(0, t);
                alpha = Tensor.Where(lengths > t, moved, alpha);
            }

            var last = alpha.Gather(1, ends);
            var beforeLast = Tensor.Where(ends > 0, alpha.Gather(1, (ends - 1).Clamp(0)), none);
            loss = Tensor.Where(lengths > 0, -LogSum(last, beforeLast, none), loss);
        }

        return loss.Squeeze(1);
    }

    /// <summary>The class of every state [N, S], and which states may be reached past the one before; blanks beyond a sample's last state.</summary>
    private static (Tensor Classes, Tensor Skips) States(CtcLabels labels, int samples, int states, int blank)
    {
        var classes = new long[samples * states];
        var skips = new bool[classes.Length];
        Array.Fill(classes, blank);
        for (var n = 0; n < samples; n++)
        {
            var row = labels.Of(n);
            for (var i = 0; i < row.Length; i++)
            {
                var state = (n * states) + (2 * i) + 1;
                classes[state] = row[i];
                skips[state] = i > 0 && row[i] != row[i - 1];
            }
        }

        return (Tensor.From(classes, samples, states), Tensor.From(skips, samples, states));
    }

    /// <summary>ln(eᵃ + eᵇ + eᶜ); −∞ with a gradient of 0 if all three are.</summary>
    private static Tensor LogSum(Tensor a, Tensor b, Tensor c)
    {
        Tensor shift;
        using (Recording.Pause())
        {
            var largest = a.Detach().Maximum(b.Detach()).Maximum(c.Detach());
            shift = Tensor.Where(largest.EqualTo(Never), 0, largest);
        }

        var sum = (a - shift).Exp() + (b - shift).Exp() + (c - shift).Exp();
        var isNever = sum.EqualTo(0);
        return Tensor.Where(isNever, Never, shift + Tensor.Where(isNever, 1, sum).Log());
    }

    private static Tensor Full(Tensor x, int rows, int columns, double value) => Tensor.Full([rows, columns], value, x.DType);

    private static long Largest(ReadOnlySpan<long> values)
    {
        var largest = 0L;
        foreach (var value in values)
        {
            largest = Math.Max(largest, value);
        }

        return largest;
    }
}
