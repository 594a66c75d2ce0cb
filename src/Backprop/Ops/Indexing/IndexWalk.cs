using System.Buffers;
using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>
/// Some axes of a tensor, addressed together by the entries of a plan (see <see cref="IndexPlan"/>); the plan's axes stand in the result before
/// free axis number <see cref="At"/>.
/// </summary>
/// <param name="Axes">The addressed axes, ascending.</param>
/// <param name="At">How many free axes come before the plan's.</param>
internal readonly record struct IndexWalk(int[] Axes, int At)
{
    /// <summary>A walk that addresses all axes at once.</summary>
    public static IndexWalk All(int rank) => new([.. Enumerable.Range(0, rank)], 0);

    /// <summary>The shape of what is read from, or written to, a tensor.</summary>
    public int[] ShapeOf(ReadOnlySpan<int> sizes, ReadOnlySpan<int> plan)
    {
        var free = Free(sizes.Length);
        var result = new int[free.Length + plan.Length];
        plan.CopyTo(result.AsSpan(At));
        for (var i = 0; i < free.Length; i++)
        {
            result[i < At ? i : i + plan.Length] = sizes[free[i]];
        }

        return result;
    }

    /// <summary>ordered ← indexed at the plan's positions. Unrecorded.</summary>
    public unsafe void Read(Tensor indexed, Tensor ordered, Tensor plan)
    {
        if (AreRows(indexed, ordered))
        {
            var (outer, size, inner) = Around(indexed);
            fixed (byte* source = indexed.Bytes(), target = ordered.Bytes())
            fixed (int* at = plan.AsSpan<int>())
            {
                IndexedRows.Take(source, target, at, outer, size, plan.Count, (nint)inner * indexed.DType.Size());
            }

            return;
        }

        switch (indexed.DType.Size())
        {
            case 4: Move<int>(indexed, ordered, plan, write: false); break;
            case 2: Move<short>(indexed, ordered, plan, write: false); break;
            case 8: Move<long>(indexed, ordered, plan, write: false); break;
            default: Move<byte>(indexed, ordered, plan, write: false); break;
        }
    }

    /// <summary>indexed ← ordered at the plan's positions; the last of equal positions stays. Unrecorded.</summary>
    public void Write(Tensor indexed, Tensor ordered, Tensor plan)
    {
        switch (indexed.DType.Size())
        {
            case 4: Move<int>(indexed, ordered, plan, write: true); break;
            case 2: Move<short>(indexed, ordered, plan, write: true); break;
            case 8: Move<long>(indexed, ordered, plan, write: true); break;
            default: Move<byte>(indexed, ordered, plan, write: true); break;
        }
    }

    /// <summary>indexed ← indexed + ordered at the plan's positions, in the plan's order. Unrecorded.</summary>
    public unsafe void Accumulate(Tensor indexed, Tensor ordered, Tensor plan)
    {
        if (indexed.DType.IsSixteen())
        {
            var wide = Sixteen.Widen(indexed);
            Accumulate(wide, Sixteen.Widen(ordered), plan);
            Sixteen.Narrow(wide, indexed);
            return;
        }

        if (!AreRows(indexed, ordered))
        {
            switch (indexed.DType)
            {
                case DType.Float32: Add<float>(indexed, ordered, plan); break;
                case DType.Float64: Add<double>(indexed, ordered, plan); break;
                case DType.Int32: Add<int>(indexed, ordered, plan); break;
                default: Add<long>(indexed, ordered, plan); break;
            }

            return;
        }

        var (outer, size, inner) = Around(indexed);
        var count = plan.Count;
        fixed (byte* from = ordered.Bytes(), to = indexed.Bytes())
        fixed (int* at = plan.AsSpan<int>())
        {
            switch (indexed.DType)
            {
                case DType.Float32: IndexedRows.Add((float*)from, (float*)to, at, outer, size, count, inner); break;
                case DType.Float64: IndexedRows.Add((double*)from, (double*)to, at, outer, size, count, inner); break;
                case DType.Int32: IndexedRows.Add((int*)from, (int*)to, at, outer, size, count, inner); break;
                default: IndexedRows.Add((long*)from, (long*)to, at, outer, size, count, inner); break;
            }
        }
    }

    /// <summary>The axes that are not addressed.</summary>
    public int[] Free(int rank)
    {
        var axes = Axes;
        return [.. Enumerable.Range(0, rank).Where(axis => Array.IndexOf(axes, axis) < 0)];
    }

    /// <summary>Whether both sides are contiguous and the addressed axes are neighbours that the plan's axes take the place of.</summary>
    private bool AreRows(Tensor indexed, Tensor ordered)
    {
        var adjacent = Axes.Length > 0 && At == Axes[0] && indexed.Layout.IsContiguous && ordered.Layout.IsContiguous;
        for (var i = 1; adjacent && i < Axes.Length; i++)
        {
            adjacent = Axes[i] == Axes[i - 1] + 1;
        }

        return adjacent;
    }

    private (int Outer, int Size, int Inner) Around(Tensor tensor)
    {
        int outer = 1, size = 1, inner = 1;
        for (var axis = 0; axis < tensor.Rank; axis++)
        {
            outer *= axis < Axes[0] ? tensor.Shape[axis] : 1;
            inner *= axis > Axes[^1] ? tensor.Shape[axis] : 1;
            size *= axis >= Axes[0] && axis <= Axes[^1] ? tensor.Shape[axis] : 1;
        }

        return (outer, size, inner);
    }

    private unsafe void Move<T>(Tensor indexed, Tensor ordered, Tensor plan, bool write)
        where T : unmanaged
    {
        using var offsets = new OffsetPair(this, indexed, ordered, plan);
        fixed (int* from = offsets.Indexed, to = offsets.Ordered)
        fixed (byte* x = &indexed.Storage.First(), y = &ordered.Storage.First())
        {
            var blocks = Blocks(indexed, ordered, plan, from, to);
            if (write)
            {
                blocks.Write((T*)x, (T*)y);
            }
            else
            {
                blocks.Read((T*)x, (T*)y);
            }
        }
    }

    private unsafe void Add<T>(Tensor indexed, Tensor ordered, Tensor plan)
        where T : unmanaged, INumberBase<T>
    {
        using var offsets = new OffsetPair(this, indexed, ordered, plan);
        fixed (int* from = offsets.Indexed, to = offsets.Ordered)
        fixed (byte* x = &indexed.Storage.First(), y = &ordered.Storage.First())
        {
            Blocks(indexed, ordered, plan, from, to).Accumulate((T*)x, (T*)y);
        }
    }

    private unsafe IndexedBlocks Blocks(Tensor indexed, Tensor ordered, Tensor plan, int* indexedOffsets, int* orderedOffsets)
    {
        var blocks = new IndexedBlocks(indexedOffsets, orderedOffsets, plan.Count);
        for (int axis = 0, i = 0; axis < indexed.Rank; axis++)
        {
            if (Array.IndexOf(Axes, axis) < 0)
            {
                var stride = ordered.Strides[i < At ? i : i + plan.Rank];
                blocks.Add(indexed.Shape[axis], indexed.Strides[axis], stride, isBefore: i < At);
                i++;
            }
        }

        return blocks;
    }

    /// <summary>Where the elements of each entry of a plan begin, on either side. Rented: dispose it.</summary>
    private readonly ref struct OffsetPair : IDisposable
    {
        private readonly int[] rented;

        public OffsetPair(IndexWalk walk, Tensor indexed, Tensor ordered, Tensor plan)
        {
            var count = plan.Count;
            rented = ArrayPool<int>.Shared.Rent(2 * count);
            Indexed = rented.AsSpan(0, count);
            Ordered = rented.AsSpan(count, count);
            var entries = plan.AsSpan<int>();
            Indexed.Fill(indexed.Layout.Offset);
            var left = 1;
            for (var k = walk.Axes.Length - 1; k >= 0; k--)
            {
                // What is left of the product of the sizes: the first axis needs no remainder.
                var (size, stride) = (indexed.Shape[walk.Axes[k]], indexed.Strides[walk.Axes[k]]);
                for (var j = 0; j < entries.Length; j++)
                {
                    Indexed[j] += (k == 0 ? entries[j] / left : entries[j] / left % size) * stride;
                }

                left *= Math.Max(size, 1);
            }

            Span<int> counter = stackalloc int[Layout.MaxRank];
            counter.Clear();
            for (var j = 0; j < Ordered.Length; j++)
            {
                var offset = ordered.Layout.Offset;
                for (var a = 0; a < plan.Rank; a++)
                {
                    offset += counter[a] * ordered.Strides[walk.At + a];
                }

                Ordered[j] = offset;
                for (var a = plan.Rank - 1; a >= 0 && ++counter[a] == plan.Shape[a]; a--)
                {
                    counter[a] = 0;
                }
            }
        }

        public Span<int> Indexed { get; }

        public Span<int> Ordered { get; }

        public void Dispose() => ArrayPool<int>.Shared.Return(rented);
    }
}
