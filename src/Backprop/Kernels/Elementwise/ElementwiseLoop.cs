using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>What an elementwise loop does to a contiguous run of elements. Operand 0 is written.</summary>
internal unsafe interface IRun
{
    /// <summary>Whether operand 0 is read too (accumulation).</summary>
    bool ReadsOutput { get; }

    /// <summary>A rough cost on one thread, to decide whether to share the work out.</summary>
    double NanosecondsPerElement { get; }

    /// <summary>Computes <paramref name="count"/> elements.</summary>
    void Run(byte** operands, int count);
}

/// <summary>A run that writes operands beside the first: these are contiguous, and the walk must go through them in their order.</summary>
internal interface IWritesStates : IRun;

/// <summary>
/// The one elementwise loop. Contiguous operands are handed to the run as they are; strided and repeated ones pass through small
/// buffers, so that a rule has a single vector kernel.
/// </summary>
internal static unsafe class ElementwiseLoop
{
    private const int Chunk = 512;
    private const int ShortRow = 48;
    private const int LeastDirectRow = 8;

    /// <summary>Up to this many elements are never shared out.</summary>
    public const int BlockElements = 16 * 1024;

    /// <summary>All operands contiguous and of the same count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Contiguous<TRun>(TRun run, ref StridedPlan plan, int count)
        where TRun : struct, IRun
    {
        fixed (StridedPlan* fixedPlan = &plan)
        {
            if (count <= BlockElements)
            {
                RunContiguous(run, fixedPlan, 0, count);
                return;
            }

            var blocks = (int)(((long)count + BlockElements - 1) / BlockElements);
            Workers.Run(new ContiguousBody<TRun>(run, fixedPlan, count), blocks, run.NanosecondsPerElement * count);
        }
    }

    /// <summary>Runs over operands of any strides. The plan must have been coalesced.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strided<TRun>(TRun run, ref StridedPlan plan)
        where TRun : struct, IRun
    {
        if (plan.Count == 0)
        {
            return;
        }

        if (plan.ContiguousMask == (1 << plan.Operands) - 1)
        {
            Contiguous(run, ref plan, (int)plan.Count);
            return;
        }

        fixed (StridedPlan* fixedPlan = &plan)
        {
            if (TiledLoop.TryRun(run, fixedPlan))
            {
                return;
            }

            var blocks = (int)((plan.Count + BlockElements - 1) / BlockElements);
            if (blocks == 1)
            {
                RunRange(run, fixedPlan, 0, plan.Count);
                return;
            }

            Workers.Run(new StridedBody<TRun>(run, fixedPlan), blocks, (run.NanosecondsPerElement + 0.5) * plan.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunContiguous<TRun>(TRun run, StridedPlan* plan, long start, int count)
        where TRun : struct, IRun
    {
        var operands = stackalloc byte*[StridedPlan.MaxOperands];
        for (var i = 0; i < plan->Operands; i++)
        {
            operands[i] = (byte*)plan->Pointers[i] + (start * plan->ElementSizes[i]);
        }

        run.Run(operands, count);
    }

    /// <summary>Elements start … start + count − 1 in row-major order of the coalesced shape.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunRange<TRun>(TRun run, StridedPlan* plan, long start, long count)
        where TRun : struct, IRun
    {
        if (plan->Rank > 1 && plan->Sizes[plan->Rank - 1] >= LeastDirectRow && !NeedsStaging(plan))
        {
            RunRows(run, plan, start, count);
            return;
        }

        var buffers = stackalloc byte[Chunk * sizeof(double) * StridedPlan.MaxOperands];
        var operands = stackalloc byte*[StridedPlan.MaxOperands];
        var index = stackalloc int[StridedPlan.MaxRank];
        var rank = plan->Rank;
        var inner = plan->Sizes[rank - 1];
        var byRow = rank == 1 || inner >= ShortRow;
        var rest = start;
        for (var axis = rank - 1; axis >= 0; axis--)
        {
            index[axis] = (int)(rest % plan->Sizes[axis]);
            rest /= plan->Sizes[axis];
        }

        while (count > 0)
        {
            var length = (int)Math.Min(count, byRow ? inner - index[rank - 1] : Chunk);
            if (byRow && length > Chunk && NeedsStaging(plan))
            {
                length = Chunk;
            }

            for (var i = 0; i < plan->Operands; i++)
            {
                var pointer = Address(plan, i, index);
                var size = plan->ElementSizes[i];
                var direct = byRow ? plan->Strides[(i * StridedPlan.MaxRank) + rank - 1] == size : (plan->ContiguousMask & (1 << i)) != 0;
                operands[i] = direct ? pointer : buffers + (i * Chunk * sizeof(double));
                if (!direct && (i > 0 || run.ReadsOutput))
                {
                    Stage(plan, i, index, operands[i], length, byRow, toBuffer: true);
                }
            }

            run.Run(operands, length);
            if (operands[0] == buffers)
            {
                Stage(plan, 0, index, buffers, length, byRow, toBuffer: false);
            }

            count -= length;
            Advance(plan, index, length);
        }
    }

    /// <summary>What <see cref="RunRange"/> does, where every operand lies side by side along the last axis.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunRows<TRun>(TRun run, StridedPlan* plan, long start, long count)
        where TRun : struct, IRun
    {
        var operands = stackalloc byte*[StridedPlan.MaxOperands];
        var rows = stackalloc byte*[StridedPlan.MaxOperands];
        var index = stackalloc int[StridedPlan.MaxRank];
        var (last, rest) = (plan->Rank - 1, start);
        for (var axis = last; axis >= 0; axis--)
        {
            index[axis] = (int)(rest % plan->Sizes[axis]);
            rest /= plan->Sizes[axis];
        }

        var column = index[last];
        index[last] = 0;
        for (var i = 0; i < plan->Operands; i++)
        {
            rows[i] = Address(plan, i, index);
        }

        while (true)
        {
            var length = (int)Math.Min(count, plan->Sizes[last] - column);
            for (var i = 0; i < plan->Operands; i++)
            {
                operands[i] = rows[i] + ((nint)column * plan->ElementSizes[i]);
            }

            run.Run(operands, length);
            count -= length;
            if (count == 0)
            {
                return;
            }

            column = 0;
            for (var axis = last - 1; axis >= 0; axis--)
            {
                var wraps = ++index[axis] == plan->Sizes[axis];
                for (var i = 0; i < plan->Operands; i++)
                {
                    var stride = plan->Strides[(i * StridedPlan.MaxRank) + axis];
                    rows[i] += wraps ? -(stride * (plan->Sizes[axis] - 1)) : stride;
                }

                if (!wraps)
                {
                    break;
                }

                index[axis] = 0;
            }
        }
    }

    private static bool NeedsStaging(StridedPlan* plan)
    {
        for (var i = 0; i < plan->Operands; i++)
        {
            if (plan->Strides[(i * StridedPlan.MaxRank) + plan->Rank - 1] != plan->ElementSizes[i])
            {
                return true;
            }
        }

        return false;
    }

    private static byte* Address(StridedPlan* plan, int operand, int* index)
    {
        var pointer = (byte*)plan->Pointers[operand];
        for (var axis = 0; axis < plan->Rank; axis++)
        {
            pointer += plan->Strides[(operand * StridedPlan.MaxRank) + axis] * index[axis];
        }

        return pointer;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Advance(StridedPlan* plan, int* index, int by)
    {
        long carry = by;
        for (var axis = plan->Rank - 1; axis >= 0 && carry > 0; axis--)
        {
            var sum = index[axis] + carry;
            var size = plan->Sizes[axis];
            if (sum < size)
            {
                index[axis] = (int)sum;
                return;
            }

            index[axis] = (int)(sum % size);
            carry = sum / size;
        }
    }

    /// <summary>Copies a stretch of a strided operand to its buffer or back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Stage(StridedPlan* plan, int operand, int* start, byte* buffer, int length, bool byRow, bool toBuffer)
    {
        var index = stackalloc int[StridedPlan.MaxRank];
        var last = plan->Rank - 1;
        for (var axis = 0; axis <= last; axis++)
        {
            index[axis] = start[axis];
        }

        var size = plan->ElementSizes[operand];
        var strides = plan->Strides + (operand * StridedPlan.MaxRank);
        var stride = strides[last];
        var pointer = Address(plan, operand, index);
        var segment = byRow ? length : Math.Min(length, plan->Sizes[last] - index[last]);
        var row = pointer - (index[last] * stride);
        while (true)
        {
            if (toBuffer)
            {
                Move(buffer, size, pointer, stride, segment, size);
            }
            else
            {
                Move(pointer, stride, buffer, size, segment, size);
            }

            buffer += segment * size;
            length -= segment;
            if (length == 0)
            {
                return;
            }

            // The next row, step by step: dividing for it would cost more than a short row.
            var axis = last - 1;
            while (++index[axis] == plan->Sizes[axis])
            {
                row -= (plan->Sizes[axis] - 1) * strides[axis];
                index[axis--] = 0;
            }

            row += strides[axis];
            pointer = row;
            segment = Math.Min(length, plan->Sizes[last]);
        }
    }

    /// <summary>Copies elements at any distances, in bytes; 0 repeats one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Move(byte* to, long toStride, byte* from, long fromStride, int count, int size)
    {
        if (toStride == size && fromStride == size)
        {
            Unsafe.CopyBlockUnaligned(to, from, (uint)(count * size));
            return;
        }

        switch (size)
        {
            case 4 when toStride == size && fromStride == 0: new Span<int>(to, count).Fill(*(int*)from); break;
            case 8 when toStride == size && fromStride == 0: new Span<long>(to, count).Fill(*(long*)from); break;
            case 4:
                for (; count > 0; count--, to += toStride, from += fromStride)
                {
                    *(int*)to = *(int*)from;
                }

                break;
            case 2:
                for (; count > 0; count--, to += toStride, from += fromStride)
                {
                    *(short*)to = *(short*)from;
                }

                break;
            case 8:
                for (; count > 0; count--, to += toStride, from += fromStride)
                {
                    *(long*)to = *(long*)from;
                }

                break;
            default:
                for (; count > 0; count--, to += toStride, from += fromStride)
                {
                    *to = *from;
                }

                break;
        }
    }

    private readonly struct ContiguousBody<TRun>(TRun run, StridedPlan* plan, int count) : IBlockBody
        where TRun : struct, IRun
    {
        public void Run(int block)
        {
            var start = (long)block * BlockElements;
            RunContiguous(run, plan, start, (int)Math.Min(BlockElements, count - start));
        }
    }

    private readonly struct StridedBody<TRun>(TRun run, StridedPlan* plan) : IBlockBody
        where TRun : struct, IRun
    {
        public void Run(int block)
        {
            var start = (long)block * BlockElements;
            RunRange(run, plan, start, Math.Min(BlockElements, plan->Count - start));
        }
    }
}
