namespace Backprop.Layers;

/// <summary>Class numbers that were held against the scores they belong to.</summary>
/// <param name="Axis">The axis of the classes: 1, or 0 for the scores of a single sample.</param>
/// <param name="Values">The labels.</param>
/// <param name="IgnoreIndex">The label of samples that don't count.</param>
/// <param name="Ignored">How many labels are that one.</param>
internal readonly record struct ClassLabels(int Axis, Tensor Values, int IgnoreIndex, int Ignored)
{
    /// <summary>Which labels are not ignored, in the labels' shape; null where all of them count.</summary>
    public Tensor? Kept() => Ignored == 0 ? null : Values.NotEqualTo(IgnoreIndex);

    /// <summary>The labels with an axis of size 1 for the classes; ignored ones are 0.</summary>
    public Tensor Index() => (Kept() is { } kept ? Tensor.Where(kept, Values, 0) : Values).Unsqueeze(Axis);

    /// <summary>Checks shape, dtype and every value.</summary>
    /// <param name="operation">For messages.</param>
    /// <param name="scores">[N, C, …] or [C].</param>
    /// <param name="labels">[N, …] or a scalar.</param>
    /// <param name="ignoreIndex">The label of samples that don't count.</param>
    public static ClassLabels Check(string operation, Tensor scores, Tensor labels, int ignoreIndex)
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

        var ignored = labels.DType == DType.Int64
            ? CheckValues<long>(operation, labels, scores.Shape[axis], ignoreIndex)
            : CheckValues<int>(operation, labels, scores.Shape[axis], ignoreIndex);
        return new ClassLabels(axis, labels, ignoreIndex, ignored);
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

    private static int CheckValues<T>(string operation, Tensor labels, int classes, int ignoreIndex)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        var values = labels.Contiguous().AsSpan<T>();
        var ignored = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var label = long.CreateChecked(values[i]);
            if (label == ignoreIndex)
            {
                ignored++;
            }
            else if ((ulong)label >= (ulong)classes)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(labels),
                    label,
                    $"{operation}: label {label} (number {i} of {values.Length}) is not a class; it must be from 0 to {classes - 1}"
                    + $", or {ignoreIndex} to be ignored.");
            }
        }

        return ignored;
    }
}
