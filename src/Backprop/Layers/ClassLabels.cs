namespace Backprop.Layers;

/// <summary>Class numbers whose shape and dtype were held against the scores they belong to.</summary>
/// <param name="Operation">For messages.</param>
/// <param name="Axis">The axis of the classes: 1, or 0 for the scores of a single sample.</param>
/// <param name="Classes">How many there are.</param>
/// <param name="Values">The labels.</param>
/// <param name="IgnoreIndex">The label of samples that don't count; null where every sample does.</param>
internal readonly record struct ClassLabels(string Operation, int Axis, int Classes, Tensor Values, long? IgnoreIndex)
{
    /// <summary>Which labels are not ignored, in the labels' shape; null where all of them count.</summary>
    public Tensor? Kept() => IgnoreIndex is not { } ignored || CountIgnored() == 0 ? null : Values.NotEqualTo(Tensor.Scalar(ignored).To(Values.DType));

    /// <summary>The labels with an axis of size 1 for the classes; ignored ones, which <paramref name="kept"/> leaves out, are 0.</summary>
    public Tensor Index(Tensor? kept) => (kept is null ? Values : Tensor.Where(kept, Values, 0)).Unsqueeze(Axis);

    /// <summary>How many labels are the ignored one.</summary>
    public int CountIgnored()
    {
        if (!Capture.IsOn)
        {
            return CountIgnoredNow();
        }

        var labels = this;
        return Capture.Observe(labels.CountIgnoredNow, "another number of labels is ignored");
    }

    private int CountIgnoredNow() => IgnoreIndex is not { } ignored ? 0
        : Values.DType == DType.Int64 ? Values.Contiguous().AsSpan<long>().Count(ignored)
        : ignored is >= int.MinValue and <= int.MaxValue ? Values.Contiguous().AsSpan<int>().Count((int)ignored) : 0;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class.</exception>
    public void CheckValues()
    {
        if (Capture.IsOn)
        {
            Capture.Repeat(CheckValuesNow);
        }
        else
        {
            CheckValuesNow();
        }
    }

    private void CheckValuesNow()
    {
        if (Values.DType == DType.Int64)
        {
            CheckValues<long>();
        }
        else
        {
            CheckValues<int>();
        }
    }

    /// <summary>Checks shape and dtype. The values are left to who uses them.</summary>
    /// <param name="operation">For messages.</param>
    /// <param name="scores">[N, C, …] or [C].</param>
    /// <param name="labels">[N, …] or a scalar.</param>
    /// <param name="ignoreIndex">The label of samples that don't count, if there is one.</param>
    public static ClassLabels Check(string operation, Tensor scores, Tensor labels, long? ignoreIndex)
    {
        var axis = AxisOf(operation, scores);
        int[] expected = [.. scores.Shape[..axis], .. scores.Shape[(axis + 1)..]];
        if (labels.DType is not (DType.Int64 or DType.Int32))
        {
            throw Error.DType(operation, labels.DType, "labels are int64 or int32 class numbers.");
        }

        if (!labels.Shape.SequenceEqual(expected))
        {
            throw Error.Shape(operation, $"labels {Error.Text(labels.Shape)} do not fit scores {Error.Text(scores.Shape)}; with the classes on axis {axis} "
                + $"they must be {Error.Text(expected)}.");
        }

        return new ClassLabels(operation, axis, scores.Shape[axis], labels, ignoreIndex);
    }

    /// <summary>The axis of the classes.</summary>
    public static int AxisOf(string operation, Tensor scores)
    {
        var axis = scores.Rank == 1 ? 0 : 1;
        if (scores.Rank == 0 || scores.Shape[axis] == 0)
        {
            throw Error.Shape(operation, $"scores must be [N, C], [N, C, …] or [C] with at least one class, not {Error.Text(scores.Shape)}.");
        }

        return axis;
    }

    private void CheckValues<T>()
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        var values = Values.Contiguous().AsSpan<T>();
        for (var i = 0; i < values.Length; i++)
        {
            var label = long.CreateChecked(values[i]);
            if (label != IgnoreIndex && (ulong)label >= (ulong)Classes)
            {
                throw new ArgumentOutOfRangeException(
                    "labels",
                    label,
                    FormattableString.Invariant($"{Operation}: label {label} at position {i} is not a class; it must be from 0 to {Classes - 1}")
                    + (IgnoreIndex is { } ignored ? FormattableString.Invariant($", or {ignored} to be ignored.") : "."));
            }
        }
    }
}
