using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Moves elements between an array that is addressed by positions and one that is walked in order, both with any strides: [before…, position,
/// after…] on either side. Where everything is contiguous, <see cref="IndexedRows"/> is faster.
/// </summary>
internal unsafe struct IndexedBlocks
{
    public const int MaxRank = 16;

    // Elements of one unit of work.
    private const int Unit = 16 * 1024;

    private fixed int sizes[MaxRank];
    private fixed int indexedStrides[MaxRank];
    private fixed int orderedStrides[MaxRank];
    private readonly int* indexedOffsets;
    private readonly int* orderedOffsets;
    private readonly int positions;
    private int rank;
    private int before;

    /// <summary>A walk over no axes but the positions'.</summary>
    /// <param name="indexedOffsets">Where each position's elements begin on the indexed side, in elements.</param>
    /// <param name="orderedOffsets">The same on the other side.</param>
    /// <param name="positions">How many positions there are.</param>
    public IndexedBlocks(int* indexedOffsets, int* orderedOffsets, int positions)
    {
        this.indexedOffsets = indexedOffsets;
        this.orderedOffsets = orderedOffsets;
        this.positions = positions;
    }

    /// <summary>Adds an axis, from the outermost to the innermost.</summary>
    public void Add(int size, int indexedStride, int orderedStride, bool isBefore)
    {
        if (size == 1)
        {
            return;
        }

        var last = rank - 1;
        if (rank > (isBefore ? 0 : before) && indexedStrides[last] == size * indexedStride && orderedStrides[last] == size * orderedStride)
        {
            sizes[last] *= size;
        }
        else
        {
            sizes[++last] = size;
            rank++;
            before += isBefore ? 1 : 0;
        }

        indexedStrides[last] = indexedStride;
        orderedStrides[last] = orderedStride;
    }

    /// <summary>ordered ← indexed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Read<T>(T* indexed, T* ordered)
        where T : unmanaged => Run<T, ReadRow<T>>(indexed, ordered, sequential: false);

    /// <summary>indexed ← ordered; of a position that comes twice, the last one stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Write<T>(T* indexed, T* ordered)
        where T : unmanaged => Run<T, WriteRow<T>>(indexed, ordered, sequential: true);

    /// <summary>indexed ← indexed + ordered, each element in the order of the positions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Accumulate<T>(T* indexed, T* ordered)
        where T : unmanaged, INumberBase<T> => Run<T, AddRow<T>>(indexed, ordered, sequential: true);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run<T, TRow>(T* indexed, T* ordered, bool sequential)
        where T : unmanaged
        where TRow : struct, IRow<T>
    {
        var walk = this;
        nint rows = 1;
        var hasRow = rank > before;
        for (var axis = 0; axis < (hasRow ? rank - 1 : rank); axis++)
        {
            rows *= walk.sizes[axis];
        }

        var width = hasRow ? walk.sizes[rank - 1] : 1;
        if (rows == 0 || width == 0 || positions == 0)
        {
            return;
        }

        // Reads may be cut anywhere; what is written must meet the positions in their order, so there only rows and their columns are shared out.
        var stretch = (int)Math.Min(sequential ? Math.Max(Unit / positions, 64) : Math.Max(Unit, 64), width);
        var stretches = (width + stretch - 1) / stretch;
        var perRow = sequential ? 1 : positions;
        var tasks = rows * stretches * perRow;
        var perUnit = Math.Max(1, Unit / ((nint)stretch * (sequential ? positions : 1)));
        var body = new Body<T, TRow>(indexed, ordered, walk, hasRow, stretch, stretches, sequential, tasks, perUnit);
        Workers.Run(body, checked((int)((tasks + perUnit - 1) / perUnit)), (double)rows * positions * (2 + (0.3 * width)));
    }

    private interface IRow<T>
        where T : unmanaged
    {
        static abstract void Move(T* indexed, nint indexedStride, T* ordered, nint orderedStride, int count);
    }

    private readonly struct Body<T, TRow>(
        T* indexed, T* ordered, IndexedBlocks walk, bool hasRow, int stretch, int stretches, bool sequential, nint tasks, nint perUnit) : IBlockBody
        where T : unmanaged
        where TRow : struct, IRow<T>
    {
        private readonly IndexedBlocks walk = walk;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var plan = walk;
            var axes = hasRow ? plan.rank - 1 : plan.rank;
            var width = hasRow ? plan.sizes[axes] : 1;
            var indexedStep = hasRow ? plan.indexedStrides[axes] : 1;
            var orderedStep = hasRow ? plan.orderedStrides[axes] : 1;
            nint perRow = sequential ? 1 : plan.positions;
            var task = block * perUnit;
            var end = Math.Min(tasks, task + perUnit);
            while (task < end)
            {
                // A task is one position of one stretch of a row; where order matters, all positions of it.
                var (row, position) = (task / (perRow * stretches), (int)(task % perRow));
                var column = (int)(task / perRow % stretches) * stretch;
                var count = Math.Min(stretch, width - column);
                var from = indexed + ((nint)column * indexedStep);
                var to = ordered + ((nint)column * orderedStep);
                for (var axis = axes - 1; axis >= 0; axis--)
                {
                    var index = row % plan.sizes[axis];
                    row /= plan.sizes[axis];
                    from += index * plan.indexedStrides[axis];
                    to += index * plan.orderedStrides[axis];
                }

                var last = sequential ? plan.positions : (int)Math.Min(plan.positions, position + (end - task));
                task += sequential ? 1 : last - position;
                for (; position < last; position++)
                {
                    TRow.Move(from + plan.indexedOffsets[position], indexedStep, to + plan.orderedOffsets[position], orderedStep, count);
                }
            }
        }
    }

    private readonly struct ReadRow<T> : IRow<T>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move(T* indexed, nint indexedStride, T* ordered, nint orderedStride, int count) =>
            Copy(indexed, indexedStride, ordered, orderedStride, count);
    }

    private readonly struct WriteRow<T> : IRow<T>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move(T* indexed, nint indexedStride, T* ordered, nint orderedStride, int count) =>
            Copy(ordered, orderedStride, indexed, indexedStride, count);
    }

    private readonly struct AddRow<T> : IRow<T>
        where T : unmanaged, INumberBase<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Move(T* indexed, nint indexedStride, T* ordered, nint orderedStride, int count)
        {
            if (indexedStride == 1 && orderedStride == 1 && count >= 8)
            {
                var sums = new Span<T>(indexed, count);
                TensorPrimitives.Add(sums, new ReadOnlySpan<T>(ordered, count), sums);
                return;
            }

            for (nint i = 0; i < count; i++)
            {
                indexed[i * indexedStride] += ordered[i * orderedStride];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy<T>(T* from, nint fromStride, T* to, nint toStride, int count)
        where T : unmanaged
    {
        if (count == 1)
        {
            *to = *from;
        }
        else if (fromStride == 1 && toStride == 1)
        {
            new ReadOnlySpan<T>(from, count).CopyTo(new Span<T>(to, count));
        }
        else
        {
            for (nint i = 0; i < count; i++)
            {
                to[i * toStride] = from[i * fromStride];
            }
        }
    }
}
