using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// The walk of one elementwise loop over up to six operands of the same (broadcast) shape: operand 0 is written, the others are read.
/// Axes that every operand passes through in one stride are merged, axes of size 1 dropped.
/// </summary>
internal unsafe struct StridedPlan
{
    public const int MaxOperands = 6;
    public const int MaxRank = 16;

    public fixed int Sizes[MaxRank];
    public fixed long Strides[MaxRank * MaxOperands];
    public fixed int ElementSizes[MaxOperands];
    public fixed long Pointers[MaxOperands];

    /// <summary>Bit i is set where operand i lies contiguously in the order of the walk.</summary>
    public int ContiguousMask;

    public int Operands;
    public int Rank;
    public long Count;

    public StridedPlan(ReadOnlySpan<int> shape)
    {
        if (shape.Length > MaxRank)
        {
            throw new ArgumentException($"An elementwise loop has at most {MaxRank} axes, not {shape.Length}.", nameof(shape));
        }

        Rank = shape.Length;
        Count = 1;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            Sizes[axis] = shape[axis];
            Count *= shape[axis];
        }
    }

    /// <summary>Adds an operand whose strides (in elements) are aligned from the right; missing axes and axes of size 1 repeat.</summary>
    public void Add(byte* pointer, int elementSize, ReadOnlySpan<int> sizes, ReadOnlySpan<int> strides)
    {
        var lead = Rank - sizes.Length;
        for (var axis = 0; axis < Rank; axis++)
        {
            var stride = axis < lead || (sizes[axis - lead] == 1 && Sizes[axis] != 1) ? 0 : strides[axis - lead];
            Strides[(Operands * MaxRank) + axis] = (long)stride * elementSize;
        }

        ElementSizes[Operands] = elementSize;
        Pointers[Operands] = (long)pointer;
        Operands++;
    }

    /// <summary>Merges axes. Call once, after all operands were added.</summary>
    /// <param name="keepsOrder">Whether axes stay in their order; else they follow the one in which the first operand lies.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Coalesce(bool keepsOrder = false)
    {
        if (!keepsOrder)
        {
            Sort();
        }

        var rank = 0;
        for (var axis = 0; axis < Rank; axis++)
        {
            if (Sizes[axis] == 1)
            {
                continue;
            }

            if (rank > 0 && Continues(rank - 1, axis))
            {
                Sizes[rank - 1] *= Sizes[axis];
                Copy(axis, rank - 1);
            }
            else
            {
                Sizes[rank] = Sizes[axis];
                Copy(axis, rank);
                rank++;
            }
        }

        if (rank == 0)
        {
            Sizes[0] = 1;
            for (var operand = 0; operand < Operands; operand++)
            {
                Strides[operand * MaxRank] = ElementSizes[operand];
            }

            rank = 1;
        }

        Rank = rank;
        ContiguousMask = 0;
        for (var operand = 0; operand < Operands; operand++)
        {
            long expected = ElementSizes[operand];
            var contiguous = true;
            for (var axis = Rank - 1; axis >= 0; axis--)
            {
                contiguous &= Strides[(operand * MaxRank) + axis] == expected;
                expected *= Sizes[axis];
            }

            ContiguousMask |= contiguous ? 1 << operand : 0;
        }
    }

    /// <summary>The walk passes through what is written from one end to the other, as far as it can. A stable sort by insertion: axes are few.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sort()
    {
        for (var axis = 1; axis < Rank; axis++)
        {
            for (var at = axis; at > 0 && Sizes[at] > 1 && (Sizes[at - 1] == 1 || Math.Abs(Strides[at - 1]) < Math.Abs(Strides[at])); at--)
            {
                (Sizes[at - 1], Sizes[at]) = (Sizes[at], Sizes[at - 1]);
                for (var operand = 0; operand < Operands; operand++)
                {
                    var strides = operand * MaxRank;
                    (Strides[strides + at - 1], Strides[strides + at]) = (Strides[strides + at], Strides[strides + at - 1]);
                }
            }
        }
    }

    private readonly bool Continues(int outer, int inner)
    {
        for (var operand = 0; operand < Operands; operand++)
        {
            if (Strides[(operand * MaxRank) + outer] != Strides[(operand * MaxRank) + inner] * Sizes[inner])
            {
                return false;
            }
        }

        return true;
    }

    private void Copy(int from, int to)
    {
        for (var operand = 0; operand < Operands; operand++)
        {
            Strides[(operand * MaxRank) + to] = Strides[(operand * MaxRank) + from];
        }
    }
}
