namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>
    /// The tensor laid side by side with itself: <paramref name="repeats"/>[i] times along axis i. Fewer repeats than axes belong to the last axes; more
    /// add axes in front. NumPy's tile, PyTorch's tile and repeat.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative repeat.</exception>
    /// <exception cref="ShapeException">The result is too large.</exception>
    public Tensor Tile(params ReadOnlySpan<int> repeats)
    {
        var rank = Math.Max(Rank, repeats.Length);
        Layout.CheckRank("tile", rank);
        int[] sizes = [.. Enumerable.Repeat(1, rank - Rank), .. Shape];
        int[] times = [.. Enumerable.Repeat(1, rank - repeats.Length), .. repeats];
        var total = new int[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            total[axis] = times[axis] >= 0
                ? (int)Math.Min((long)sizes[axis] * times[axis], int.MaxValue)
                : throw Error.Range("tile", "repeat", times[axis], "at least 0");
        }

        Layout.CheckedCount("tile", total);
        var extra = times.Count(repeat => repeat != 1);
        if (extra == 0)
        {
            return Reshape(total).Apart(this);
        }

        // A new axis in front of each that is repeated, expanded, and merged into it by the one copy. Where that makes too many, axis by axis.
        if (rank + extra > Layout.MaxRank)
        {
            var result = Reshape(sizes);
            for (var axis = 0; axis < rank; axis++)
            {
                sizes[axis] = total[axis];
                result = times[axis] == 1 ? result : result.RepeatBlocks(axis, times[axis]).Reshape(sizes);
            }

            return result.Apart(this);
        }

        var (narrow, wide) = (new List<int>(), new List<int>());
        for (var axis = 0; axis < rank; axis++)
        {
            if (times[axis] != 1)
            {
                narrow.Add(1);
                wide.Add(times[axis]);
            }

            narrow.Add(sizes[axis]);
            wide.Add(sizes[axis]);
        }

        return Reshape([.. narrow]).Expand([.. wide]).Reshape(total).Apart(this);
    }

    /// <summary>Each element of an axis repeated next to itself: a b c → a a b b c c.</summary>
    /// <param name="count">How often.</param>
    /// <param name="axis">The axis; without one, the tensor is flattened first.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count, or an axis that isn't there.</exception>
    public Tensor RepeatInterleave(int count, int? axis = null)
    {
        const string Operation = "repeat_interleave";
        if (axis is not { } given)
        {
            return Flatten().RepeatInterleave(count, 0);
        }

        var at = Error.CheckAxis(Operation, given, Rank);
        if (count < 0)
        {
            throw Error.Range(Operation, nameof(count), count, "at least 0");
        }

        int[] result = [.. Shape[..at], (int)Math.Min((long)Shape[at] * count, int.MaxValue), .. Shape[(at + 1)..]];
        Layout.CheckedCount(Operation, result);
        return RepeatBlocks(at + 1, count).Reshape(result).Apart(this);
    }

    /// <summary>Each element of an axis repeated next to itself as often as its count says: a b c with 1 0 2 → a c c.</summary>
    /// <param name="counts">A vector of int64 or int32 with one count per element of the axis, or one for all.</param>
    /// <param name="axis">The axis; without one, the tensor is flattened first.</param>
    /// <exception cref="ShapeException">Not as many counts as elements.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative count, or an axis that isn't there.</exception>
    public Tensor RepeatInterleave(Tensor counts, int? axis = null)
    {
        const string Operation = "repeat_interleave";
        ArgumentNullException.ThrowIfNull(counts);
        if (axis is not { } given)
        {
            return Flatten().RepeatInterleave(counts, 0);
        }

        var at = Error.CheckAxis(Operation, given, Rank);
        Ops.Positions.CheckType(Operation, counts);
        if (counts.Rank > 1 || (counts.Count != Shape[at] && counts.Count != 1))
        {
            throw Error.Shape(
                Operation, $"counts of shape {Error.Text(counts.Shape)} must be one number, or one per element of axis {at}, which has {Shape[at]}.");
        }

        var times = counts.Detach().To(DType.Int64).Expand(Shape[at]).ToArray<long>();
        long total = 0;
        foreach (var count in times)
        {
            if (count < 0 || count > Array.MaxLength - total)
            {
                throw Error.Range(Operation, "count", count, count < 0 ? "at least 0" : $"such that there are at most {Array.MaxLength} elements");
            }

            total += count;
        }

        var positions = Zeros([(int)total], DType.Int64);
        var span = positions.Storage.Span<long>();
        for (int i = 0, start = 0; i < times.Length; start += (int)times[i++])
        {
            span.Slice(start, (int)times[i]).Fill(i);
        }

        return IndexSelect(positions, at);
    }

    /// <summary>[outer, times, inner], where inner begins with <paramref name="axis"/>.</summary>
    private Tensor RepeatBlocks(int axis, int times)
    {
        var (outer, inner) = (1, 1);
        for (var i = 0; i < Rank; i++)
        {
            outer *= i < axis ? Shape[i] : 1;
            inner *= i < axis ? 1 : Shape[i];
        }

        return Reshape(outer, 1, inner).Expand(outer, times, inner);
    }
}
