namespace Backprop;

/// <summary>
/// How the elements of a tensor lie in its storage: sizes, strides and offset, counted in elements. Immutable and shared.
/// </summary>
internal sealed partial class Layout
{
    /// <summary>The largest number of axes.</summary>
    public const int MaxRank = 16;

    private const int SharedBits = 8;

    /// <summary>Row-major layouts of shapes that were used lately. Any thread may use a layout: none ever changes.</summary>
    private static readonly Layout?[] shared = new Layout?[1 << SharedBits];

    /// <summary>The most bytes that the elements of a tensor take: an array's, less the 64 that aligning them may cost.</summary>
    public static int MaxBytes => Array.MaxLength - 64;

    private readonly int[] sizes;
    private readonly int[] strides;

    private Layout(int[] sizes, int[] strides, int offset, int count, bool contiguous)
    {
        // Every layout passes here: kernels walk it with buffers of this many axes.
        CheckRank("view", sizes.Length);
        this.sizes = sizes;
        this.strides = strides;
        Offset = offset;
        Count = count;
        IsContiguous = contiguous;
    }

    /// <summary>A single element.</summary>
    public static Layout Scalar { get; } = new([], [], 0, 1, true);

    /// <summary>The same shape without gaps, once somebody has asked for it.</summary>
    private Layout? dense;

    public int Rank => sizes.Length;

    public int Offset { get; }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>Whether the elements lie one after the other in row-major order (whatever the offset).</summary>
    public bool IsContiguous { get; }

    public ReadOnlySpan<int> Sizes => sizes;

    public ReadOnlySpan<int> Strides => strides;

    /// <summary>Row-major storage of a new tensor. Checks sizes and their product.</summary>
    public static Layout Contiguous(string operation, ReadOnlySpan<int> sizes)
    {
        if (sizes.IsEmpty)
        {
            return Scalar;
        }

        ref var known = ref shared[PlaceOf(sizes)];
        if (Volatile.Read(ref known) is { } layout && layout.HasShape(sizes))
        {
            return layout;
        }

        var count = CheckedCount(operation, sizes);
        layout = new Layout(sizes.ToArray(), RowMajor(sizes), 0, count, true);
        Volatile.Write(ref known, layout);
        return layout;
    }

    /// <summary>Where a shape's layout is kept, if it is.</summary>
    private static int PlaceOf(ReadOnlySpan<int> sizes)
    {
        var hash = (uint)sizes.Length;
        foreach (var size in sizes)
        {
            hash = (hash ^ (uint)size) * 0x9E3779B1;
        }

        return (int)(hash >> (32 - SharedBits));
    }

    /// <summary>Row-major strides; sizes of 0 count as 1.</summary>
    public static int[] RowMajor(ReadOnlySpan<int> sizes)
    {
        var strides = new int[sizes.Length];
        var stride = 1;
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(sizes[axis], 1);
        }

        return strides;
    }

    /// <summary>Refuses more axes than a tensor can have.</summary>
    public static void CheckRank(string operation, int rank)
    {
        if (rank > MaxRank)
        {
            throw Error.Shape(operation, $"a tensor has at most {MaxRank} axes, not {rank}.");
        }
    }

    /// <summary>The product of the sizes, refused where it is negative or overflows.</summary>
    public static int CheckedCount(string operation, ReadOnlySpan<int> sizes)
    {
        CheckRank(operation, sizes.Length);
        long count = 1;
        long positive = 1;
        foreach (var size in sizes)
        {
            if (size < 0)
            {
                throw Error.Shape(operation, $"sizes must not be negative: {Error.Text(sizes)}.");
            }

            // The product of the positive sizes is bounded too, so that strides of empty tensors don't overflow.
            positive *= Math.Max(size, 1);
            count *= size;
            if (positive > Array.MaxLength)
            {
                throw Error.Shape(operation, $"shape {Error.Text(sizes)} has too many elements; the limit is {Array.MaxLength}.");
            }
        }

        return (int)count;
    }

    /// <summary>The shape that two shapes broadcast to, by NumPy's rule.</summary>
    public static int[] Broadcast(string operation, ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        var rank = Math.Max(a.Length, b.Length);
        var result = new int[rank];
        for (var i = 1; i <= rank; i++)
        {
            var sizeA = i <= a.Length ? a[^i] : 1;
            var sizeB = i <= b.Length ? b[^i] : 1;
            if (sizeA != sizeB && sizeA != 1 && sizeB != 1)
            {
                throw Error.NotBroadcastable(operation, a, b);
            }

            result[^i] = sizeA == 1 ? sizeB : sizeA;
        }

        return result;
    }

    public bool HasShape(ReadOnlySpan<int> shape) => shape.SequenceEqual(sizes);

    /// <summary>The same shape, row-major, offset 0; this very object where it is that already.</summary>
    public Layout Dense() => IsContiguous && Offset == 0 ? this : dense ??= new Layout(sizes, RowMajor(sizes), 0, Count, true);

    /// <summary>The same sizes without gaps, with the leading axes in the order that those of another layout of as many axes have in memory.</summary>
    public Layout InOrderOf(Layout other)
    {
        if (other.IsContiguous || other.Rank != Rank || other.RepeatsElements())
        {
            return Dense();
        }

        // The last axis stays the last. A stable sort by insertion: axes are few.
        Span<int> order = stackalloc int[MaxRank];
        for (var axis = 0; axis < Rank; axis++)
        {
            var at = axis;
            for (; at > 0 && axis < Rank - 1 && Math.Abs((long)other.strides[order[at - 1]]) < Math.Abs((long)other.strides[axis]); at--)
            {
                order[at] = order[at - 1];
            }

            order[at] = axis;
        }

        var newStrides = new int[Rank];
        var stride = 1;
        for (var i = Rank - 1; i >= 0; i--)
        {
            newStrides[order[i]] = stride;
            stride *= Math.Max(sizes[order[i]], 1);
        }

        return Create(sizes, newStrides, 0);
    }

    public Layout Permute(ReadOnlySpan<int> axes)
    {
        var newSizes = new int[Rank];
        var newStrides = new int[Rank];
        for (var i = 0; i < Rank; i++)
        {
            newSizes[i] = sizes[axes[i]];
            newStrides[i] = strides[axes[i]];
        }

        return Create(newSizes, newStrides, Offset);
    }

    /// <summary>Repeats axes of size 1 by stride 0 and adds axes in front; null where the shapes don't fit.</summary>
    public Layout? TryExpand(ReadOnlySpan<int> shape)
    {
        if (shape.Length < Rank)
        {
            return null;
        }

        var newStrides = new int[shape.Length];
        for (var i = 1; i <= shape.Length; i++)
        {
            var size = i <= Rank ? sizes[^i] : 1;
            if (size == shape[^i])
            {
                newStrides[^i] = i <= Rank ? strides[^i] : 0;
            }
            else if (size != 1)
            {
                return null;
            }
        }

        return Create(shape.ToArray(), newStrides, Offset);
    }

    /// <summary>Elements start, start + step, … along an axis. A negative step walks backwards.</summary>
    public Layout Slice(int axis, int start, int length, int step)
    {
        var newSizes = (int[])sizes.Clone();
        var newStrides = (int[])strides.Clone();
        newSizes[axis] = length;
        newStrides[axis] = length > 1 ? strides[axis] * step : strides[axis];
        // What is empty may not point behind the storage.
        return Create(newSizes, newStrides, newSizes.Contains(0) ? Offset : Offset + (start * strides[axis]));
    }

    /// <summary>One element of an axis, which goes.</summary>
    public Layout Select(int axis, int index)
    {
        var newSizes = new int[Rank - 1];
        var newStrides = new int[Rank - 1];
        for (int from = 0, to = 0; from < Rank; from++)
        {
            if (from != axis)
            {
                newSizes[to] = sizes[from];
                newStrides[to++] = strides[from];
            }
        }

        return Create(newSizes, newStrides, newSizes.Contains(0) ? Offset : Offset + (index * strides[axis]));
    }

    /// <summary>
    /// The elements whose indices along the second axis are larger by <paramref name="shift"/> than along the first; both axes go, and the diagonal
    /// is the last one.
    /// </summary>
    public Layout Diagonal(int shift, int first, int second)
    {
        var newSizes = new int[Rank - 1];
        var newStrides = new int[Rank - 1];
        for (int from = 0, to = 0; from < Rank; from++)
        {
            if (from != first && from != second)
            {
                newSizes[to] = sizes[from];
                newStrides[to++] = strides[from];
            }
        }

        var length = Math.Min(sizes[first] + Math.Min((long)shift, 0), sizes[second] - Math.Max((long)shift, 0));
        newSizes[^1] = (int)Math.Max(length, 0);
        newStrides[^1] = strides[first] + strides[second];
        var start = newSizes.Contains(0) ? 0 : shift >= 0 ? shift * strides[second] : -shift * strides[first];
        return Create(newSizes, newStrides, Offset + start);
    }

    /// <summary>A new axis of size 1.</summary>
    public Layout Unsqueeze(int axis)
    {
        var newSizes = new int[Rank + 1];
        var newStrides = new int[Rank + 1];
        for (int from = 0, to = 0; to <= Rank; to++)
        {
            if (to == axis)
            {
                newSizes[to] = 1;
                newStrides[to] = axis < Rank ? sizes[axis] * strides[axis] : 1;
            }
            else
            {
                newSizes[to] = sizes[from];
                newStrides[to] = strides[from++];
            }
        }

        return Create(newSizes, newStrides, Offset);
    }

    /// <summary>The same elements under another shape of the same count, as a view; null where only a copy can do it.</summary>
    public Layout? TryReshape(ReadOnlySpan<int> shape)
    {
        if (HasShape(shape))
        {
            return this;
        }

        if (IsContiguous || Count == 0)
        {
            return Offset == 0 ? Contiguous("reshape", shape) : new Layout(shape.ToArray(), RowMajor(shape), Offset, Count, true);
        }

        // Match groups of old axes with groups of new ones of equal product; a group must be contiguous in itself.
        var newStrides = new int[shape.Length];
        int oldAxis = 0, newAxis = 0;
        while (oldAxis < Rank || newAxis < shape.Length)
        {
            int oldEnd = oldAxis, newEnd = newAxis;
            long oldProduct = oldEnd < Rank ? sizes[oldEnd++] : 1;
            long newProduct = newEnd < shape.Length ? shape[newEnd++] : 1;
            while (oldProduct != newProduct)
            {
                if (oldProduct < newProduct)
                {
                    oldProduct *= sizes[oldEnd++];
                }
                else
                {
                    newProduct *= shape[newEnd++];
                }
            }

            var inner = -1;
            for (var i = oldEnd - 1; i >= oldAxis; i--)
            {
                if (sizes[i] == 1)
                {
                    continue;
                }

                if (inner >= 0 && strides[i] != strides[inner] * sizes[inner])
                {
                    return null;
                }

                inner = i;
            }

            var stride = 1;
            for (var i = oldEnd - 1; i >= oldAxis; i--)
            {
                if (sizes[i] != 1)
                {
                    stride = strides[i];
                    break;
                }
            }

            for (var i = newEnd - 1; i >= newAxis; i--)
            {
                newStrides[i] = stride;
                stride *= shape[i];
            }

            oldAxis = oldEnd;
            newAxis = newEnd;
        }

        return Create(shape.ToArray(), newStrides, Offset);
    }

    /// <summary>
    /// Whether elements may share their place in storage: an axis that steps no further than the ones with smaller strides reach. Stride 0 is the
    /// common case, sliding windows another.
    /// </summary>
    public bool RepeatsElements()
    {
        if (IsContiguous)
        {
            return false;
        }

        Span<(long Stride, long Size)> axes = stackalloc (long, long)[MaxRank];
        var count = 0;
        for (var axis = 0; axis < Rank; axis++)
        {
            if (sizes[axis] > 1)
            {
                axes[count++] = (Math.Abs((long)strides[axis]), sizes[axis]);
            }
        }

        axes = axes[..count];
        axes.Sort();
        long reach = 0;
        foreach (var (stride, size) in axes)
        {
            if (stride <= reach)
            {
                return true;
            }

            reach += (size - 1) * stride;
        }

        return false;
    }

    /// <summary>Windows of <paramref name="size"/> elements, every <paramref name="step"/> along an axis, as a new last axis.</summary>
    public Layout Windows(int axis, int size, int step)
    {
        var newSizes = (int[])[.. sizes, size];
        var newStrides = (int[])[.. strides, strides[axis]];
        newSizes[axis] = ((sizes[axis] - size) / step) + 1;
        newStrides[axis] = newSizes[axis] > 1 ? strides[axis] * step : strides[axis];
        return Create(newSizes, newStrides, Offset);
    }

    private static Layout Create(int[] sizes, int[] strides, int offset)
    {
        var count = 1;
        var contiguous = true;
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            contiguous &= sizes[axis] == 1 || strides[axis] == count;
            count *= sizes[axis];
        }

        // An empty view may not point behind the end of its storage, nor does it repeat anything.
        return count == 0 ? new Layout(sizes, RowMajor(sizes), 0, 0, true) : new Layout(sizes, strides, offset, count, contiguous);
    }
}
