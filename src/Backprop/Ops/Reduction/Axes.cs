namespace Backprop.Ops;

/// <summary>The axes of a reduction, checked and sorted, and the tensor arranged so that kernels see [outer, reduce, inner].</summary>
internal sealed class Axes
{
    private readonly bool[] reduced;

    private Axes(bool[] reduced) => this.reduced = reduced;

    /// <summary>All axes where none are given.</summary>
    public static Axes Of(string operation, Tensor x, ReadOnlySpan<int> axes)
    {
        var reduced = new bool[x.Rank];
        if (axes.IsEmpty)
        {
            Array.Fill(reduced, true);
        }

        foreach (var axis in axes)
        {
            var normal = Error.CheckAxis(operation, axis, x.Rank);
            if (reduced[normal])
            {
                throw Error.Shape(operation, $"axis {axis} is named twice in {Error.Text(axes)}.");
            }

            reduced[normal] = true;
        }

        return new Axes(reduced);
    }

    /// <summary>The result's shape without the reduced axes.</summary>
    public int[] Without(ReadOnlySpan<int> shape)
    {
        var result = new int[shape.Length - ReducedCount()];
        for (int axis = 0, to = 0; axis < shape.Length; axis++)
        {
            if (!reduced[axis])
            {
                result[to++] = shape[axis];
            }
        }

        return result;
    }

    /// <summary>The shape with the reduced axes at size 1.</summary>
    public int[] Kept(ReadOnlySpan<int> shape)
    {
        var result = shape.ToArray();
        for (var axis = 0; axis < result.Length; axis++)
        {
            result[axis] = reduced[axis] ? 1 : result[axis];
        }

        return result;
    }

    /// <summary>Which axis of the tensor is axis number <paramref name="axis"/> of the result.</summary>
    public int Before(int axis)
    {
        var before = 0;
        while (reduced[before] || axis-- > 0)
        {
            before++;
        }

        return before;
    }

    /// <summary>The tensor with these axes last and merged into one.</summary>
    public Tensor MoveLast(Tensor x)
    {
        var order = ReducedLast();
        var moved = IsAscending(order) ? x : x.Permute(order);
        return moved.Reshape([.. Without(x.Shape), CountOf(x.Shape)]);
    }

    /// <summary>The sum over these axes, which stay with size 1.</summary>
    public Tensor SumKept(Tensor x)
    {
        var kept = reduced.Length - ReducedCount();
        return kept == reduced.Length ? x : x.Sum(ReducedLast().AsSpan(kept), keepDimensions: true);
    }

    /// <summary>How many elements go into one.</summary>
    public int CountOf(ReadOnlySpan<int> shape)
    {
        var count = 1;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            count *= reduced[axis] ? shape[axis] : 1;
        }

        return count;
    }

    /// <summary>
    /// The tensor without the repetitions of an expanded one: every repeated axis has size 1. Reducing this much is enough, however large the
    /// tensor is made by repetition.
    /// </summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="times">How often each element of the smaller tensor goes into an element of the result.</param>
    public Tensor Distinct(Tensor x, out int times)
    {
        times = 1;
        var layout = x.Layout;
        for (var axis = 0; axis < x.Rank; axis++)
        {
            if (x.Count > 0 && x.Strides[axis] == 0 && x.Shape[axis] > 1)
            {
                times *= reduced[axis] ? x.Shape[axis] : 1;
                layout = layout.Slice(axis, 0, 1, 1);
            }
        }

        return ReferenceEquals(layout, x.Layout) ? x : new Tensor(x.Storage, layout, x.DType);
    }

    /// <summary>A position along the merged axes of one shape as the one along those of a shape that is larger where the first has size 1.</summary>
    public long Position(long position, ReadOnlySpan<int> smaller, ReadOnlySpan<int> larger)
    {
        long result = 0, step = 1;
        for (var axis = smaller.Length - 1; axis >= 0; axis--)
        {
            if (reduced[axis])
            {
                result += position % smaller[axis] * step;
                position /= smaller[axis];
                step *= larger[axis];
            }
        }

        return result;
    }

    /// <summary>Where the result of a tensor without repetitions goes: the output itself if it has the shape, else room for it.</summary>
    public Tensor ResultFor(Tensor distinct, Tensor output)
    {
        if (output.Rank == reduced.Length - ReducedCount() && HasKept(output.Shape, distinct.Shape))
        {
            return output;
        }

        var shape = Without(distinct.Shape);
        return Tensor.Allocate(Layout.Contiguous("reduce", shape), output.DType);
    }

    /// <summary>
    /// The elements without gaps as [outer, reduce, inner]: as they lie where the reduced axes are neighbours, else copied with the reduced axes last.
    /// </summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="inAnyOrder">Whether it doesn't matter in which order elements are reduced.</param>
    public (Tensor Source, int Outer, int Reduce, int Inner) Arrange(Tensor x, bool inAnyOrder)
    {
        if (!x.Layout.IsContiguous && TryAsItLies(x.Layout, inAnyOrder, out var lying))
        {
            return (x, lying.Outer, lying.Reduce, lying.Inner);
        }

        int first = Array.IndexOf(reduced, true), last = Array.LastIndexOf(reduced, true);
        if (first < 0)
        {
            return (x.Dense(), x.Count, 1, 1);
        }

        var neighbours = true;
        for (var axis = first; axis <= last; axis++)
        {
            neighbours &= reduced[axis] || x.Shape[axis] == 1;
        }

        if (!neighbours)
        {
            x = new Tensor(x.Storage, x.Layout.Permute(ReducedLast()), x.DType);
            var kept = x.Rank - ReducedCount();
            return (x.Dense(), Product(x.Shape[..kept]), Product(x.Shape[kept..]), 1);
        }

        return (x.Dense(), Product(x.Shape[..first]), Product(x.Shape[first..(last + 1)]), Product(x.Shape[(last + 1)..]));
    }

    /// <summary>
    /// Whether the elements have no gaps, though the axes lie in another order (channels last, say), and the reduced axes are neighbours in it, the others in
    /// their order.
    /// </summary>
    private bool TryAsItLies(Layout layout, bool inAnyOrder, out (int Outer, int Reduce, int Inner) lying)
    {
        lying = (1, 1, 1);

        // Axes in the order of their strides, largest first. A stable sort by insertion: axes are few.
        Span<int> order = stackalloc int[Layout.MaxRank];
        var count = 0;
        for (var axis = 0; axis < layout.Rank; axis++)
        {
            if (layout.Sizes[axis] == 1)
            {
                continue;
            }

            var at = count++;
            for (; at > 0 && layout.Strides[order[at - 1]] < layout.Strides[axis]; at--)
            {
                order[at] = order[at - 1];
            }

            order[at] = axis;
        }

        var stride = 1L;
        for (var i = count - 1; i >= 0; i--)
        {
            if (layout.Strides[order[i]] != stride)
            {
                return false;
            }

            stride *= layout.Sizes[order[i]];
        }

        int lastKept = -1, lastReduced = -1;
        foreach (var axis in order[..count])
        {
            var size = layout.Sizes[axis];
            if (!reduced[axis])
            {
                if (axis < lastKept)
                {
                    return false;
                }

                lastKept = axis;
                lying = lastReduced < 0 ? (lying.Outer * size, 1, 1) : (lying.Outer, lying.Reduce, lying.Inner * size);
            }
            else
            {
                if (lying.Inner > 1 || (axis < lastReduced && !inAnyOrder))
                {
                    return false;
                }

                lastReduced = axis;
                lying.Reduce *= size;
            }
        }

        return true;
    }

    /// <summary>Whether a shape without the reduced axes is what is left of the other.</summary>
    private bool HasKept(ReadOnlySpan<int> without, ReadOnlySpan<int> shape)
    {
        for (int axis = 0, at = 0; axis < shape.Length; axis++)
        {
            if (!reduced[axis] && without[at++] != shape[axis])
            {
                return false;
            }
        }

        return true;
    }

    private int ReducedCount()
    {
        var count = 0;
        foreach (var axis in reduced)
        {
            count += axis ? 1 : 0;
        }

        return count;
    }

    /// <summary>The order of axes that puts the reduced ones last and keeps them in order otherwise.</summary>
    private int[] ReducedLast()
    {
        var order = new int[reduced.Length];
        int kept = 0, last = reduced.Length - ReducedCount();
        for (var axis = 0; axis < order.Length; axis++)
        {
            order[reduced[axis] ? last++ : kept++] = axis;
        }

        return order;
    }

    private static bool IsAscending(int[] order)
    {
        for (var i = 1; i < order.Length; i++)
        {
            if (order[i] < order[i - 1])
            {
                return false;
            }
        }

        return true;
    }

    private static int Product(ReadOnlySpan<int> sizes)
    {
        var product = 1;
        foreach (var size in sizes)
        {
            product *= size;
        }

        return product;
    }
}
