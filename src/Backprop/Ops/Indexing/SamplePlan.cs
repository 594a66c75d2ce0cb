namespace Backprop.Ops;

/// <summary>Plans whose entries belong to samples; see <see cref="IndexPlan"/>.</summary>
internal static class SamplePlan
{
    /// <summary>
    /// The axis of the indexed tensor along which every entry points at its own sample: looking labels up in each row, for instance. Null where there is
    /// none.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="samples">The samples along an axis of the plan.</param>
    /// <param name="axes">The axes that the plan addresses.</param>
    /// <param name="sizes">The indexed tensor's shape.</param>
    public static int? AxisOf(Tensor plan, SampleAxis samples, int[] axes, int[] sizes)
    {
        var entries = plan.AsSpan<int>();
        var inner = Inner(plan, samples);
        var after = 1;
        for (var k = axes.Length - 1; k >= 0; k--)
        {
            var size = sizes[axes[k]];
            var fits = size == samples.Size;
            for (var j = 0; fits && j < entries.Length; j++)
            {
                fits = entries[j] / after % size / samples.Inner % samples.Samples == j / inner % samples.Samples;
            }

            if (fits)
            {
                return axes[k];
            }

            after *= Math.Max(size, 1);
        }

        return null;
    }

    /// <summary>The plan for a tensor with the samples in front of the addressed axes.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="samples">The samples along an axis of the plan.</param>
    /// <param name="count">How many elements the addressed axes have.</param>
    public static Tensor Of(Tensor plan, SampleAxis samples, int count)
    {
        var entries = plan.ToArray<int>();
        var inner = Inner(plan, samples);
        for (var j = 0; j < entries.Length; j++)
        {
            entries[j] += j / inner % samples.Samples * count;
        }

        return Tensor.From(entries).Reshape(plan.Shape);
    }

    /// <summary>How many entries in a row belong to one sample.</summary>
    private static int Inner(Tensor plan, SampleAxis samples)
    {
        var inner = samples.Inner;
        foreach (var size in plan.Shape[(samples.Axis + 1)..])
        {
            inner *= Math.Max(size, 1);
        }

        return inner;
    }
}
