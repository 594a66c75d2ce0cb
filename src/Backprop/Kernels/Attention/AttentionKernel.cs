using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Attention;

/// <summary>
/// Attention in blocks of queries. A block's weights are computed, used and forgotten, in the gradient as well: memory grows with the number of keys
/// times a block, not with queries times keys. What a causal mask hides is left out, but for a rest of a few rows and columns.
/// </summary>
/// <remarks>
/// The value is shared out by head and block; the gradient by head alone, for the blocks of a head add to the same keys and values, in order.
/// </remarks>
internal static unsafe class AttentionKernel
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<T>(in AttentionPlan<T> plan)
        where T : unmanaged => Dispatch(plan, backward: false);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<T>(in AttentionPlan<T> plan)
        where T : unmanaged => Dispatch(plan, backward: true);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dispatch<T>(in AttentionPlan<T> plan, bool backward)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            ref readonly var singles = ref Unsafe.As<AttentionPlan<T>, AttentionPlan<float>>(ref Unsafe.AsRef(in plan));
            if (Vector512.IsHardwareAccelerated)
            {
                Run<Lanes512<float>, float>(singles, backward);
            }
            else
            {
                Run<Lanes256<float>, float>(singles, backward);
            }
        }
        else if (typeof(T) == typeof(double))
        {
            ref readonly var doubles = ref Unsafe.As<AttentionPlan<T>, AttentionPlan<double>>(ref Unsafe.AsRef(in plan));
            if (Vector512.IsHardwareAccelerated)
            {
                Run<Lanes512<double>, double>(doubles, backward);
            }
            else
            {
                Run<Lanes256<double>, double>(doubles, backward);
            }
        }
        else
        {
            throw new NotSupportedException($"Attention of {typeof(T)}.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<N, T>(in AttentionPlan<T> plan, bool backward)
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged
    {
        if (plan.Heads == 0 || plan.Rows == 0 || plan.Width == 0)
        {
            return;
        }

        var work = (double)plan.Heads * plan.Rows * plan.Columns * ((0.05 * (plan.Inner + plan.Width)) + 0.5);
        if (backward)
        {
            Workers.Run(new AttentionGradient<N, T>(plan), plan.Heads, 3 * work);
        }
        else
        {
            var blocks = (plan.Rows + plan.BlockRows - 1) / plan.BlockRows;
            Workers.Run(new AttentionForward<N, T>(plan, blocks), checked(plan.Heads * blocks), work);
        }
    }
}

/// <summary>The value of one block of queries.</summary>
internal readonly unsafe struct AttentionForward<N, T>(AttentionPlan<T> plan, int blocksPerHead) : IBlockBody
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int block)
    {
        var head = block / blocksPerHead;
        var begin = (block % blocksPerHead) * plan.BlockRows;
        var end = Math.Min(plan.Rows, begin + plan.BlockRows);
        var step = plan.StepRows;
        var drops = plan.Keep < 1;
        var columns = plan.ColumnsBefore(end);
        nint pitch = SmallProduct.Padded<T>(columns);
        var weightsSize = Math.Min(step, end - begin) * pitch;
        var turns = AttentionRows<N, T>.Turns(plan.Inner, pitch);
        var size = AttentionRows<N, T>.EdgeSize + weightsSize + (turns ? plan.Inner * pitch : 0) + step + (drops ? pitch : 0);
        var edge = (T*)Scratch.Outer(size * sizeof(T));
        AttentionRows<N, T>.FillEdge(edge);
        var weights = edge + AttentionRows<N, T>.EdgeSize;
        var sums = weights + weightsSize;
        var kept = sums + step;
        var keys = turns ? kept + (drops ? pitch : 0) : null;
        if (turns)
        {
            SmallProduct.Transpose(plan.Key.Of(head, 0), plan.Key.Row, plan.Inner, columns, keys);
        }

        for (var first = begin; first < end; first += step)
        {
            var last = Math.Min(end, first + step);
            var rows = last - first;
            var count = plan.ColumnsBefore(last);
            AttentionRows<N, T>.Powers(plan, head, first, last, keys, edge, weights, pitch, sums);
            for (var row = first; drops && row < last; row++)
            {
                var at = weights + ((row - first) * pitch);
                AttentionRows<N, T>.Drop(plan, head, row, at, at, count, (float*)kept);
            }

            var output = plan.Output.Of(head, first);
            SmallProduct.Run(rows, plan.Width, count, weights, pitch, 1, plan.Value.Of(head, 0), plan.Value.Row, output, plan.Output.Row, false);
            for (var row = 0; row < rows; row++)
            {
                AttentionRows<N, T>.Scale(output + ((nint)row * plan.Output.Row), sums + row, plan.Width);
            }
        }
    }
}

/// <summary>The gradients of one head.</summary>
internal readonly unsafe struct AttentionGradient<N, T>(AttentionPlan<T> plan) : IBlockBody
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int head)
    {
        var held = Math.Min(plan.HeldRows, plan.Rows);
        var drops = plan.Keep < 1;
        nint pitch = SmallProduct.Padded<T>(plan.ColumnsBefore(plan.Rows));
        var weightsSize = held * pitch;
        var (turnsKeys, turnsValues) = (AttentionRows<N, T>.Turns(plan.Inner, pitch), AttentionRows<N, T>.Turns(plan.Width, pitch));
        var size = AttentionRows<N, T>.EdgeSize + ((drops ? 3 : 2) * weightsSize) + held + (drops ? pitch : 0)
            + (turnsKeys ? plan.Inner * pitch : 0) + (turnsValues ? plan.Width * pitch : 0);
        Block work = default;
        work.Edge = (T*)Scratch.Outer(size * sizeof(T));
        AttentionRows<N, T>.FillEdge(work.Edge);
        work.Pitch = pitch;
        work.Weights = work.Edge + AttentionRows<N, T>.EdgeSize;
        work.Change = work.Weights + weightsSize;
        work.Used = drops ? work.Change + weightsSize : work.Weights;
        work.Sums = work.Change + (drops ? 2 : 1) * weightsSize;
        work.Kept = work.Sums + held;
        var keys = work.Kept + (drops ? pitch : 0);
        var columns = plan.ColumnsBefore(plan.Rows);
        if (turnsKeys)
        {
            work.Keys = keys;
            SmallProduct.Transpose(plan.Key.Of(head, 0), plan.Key.Row, plan.Inner, columns, work.Keys);
        }

        if (turnsValues)
        {
            work.Values = keys + (turnsKeys ? plan.Inner * pitch : 0);
            SmallProduct.Transpose(plan.Value.Of(head, 0), plan.Value.Row, plan.Width, columns, work.Values);
        }

        for (var begin = 0; begin < plan.Rows; begin += held)
        {
            var end = Math.Min(plan.Rows, begin + held);
            for (var first = begin; first < end; first += plan.StepRows)
            {
                Scores(work, head, begin, first, Math.Min(end, first + plan.StepRows));
            }

            Keys(work, head, begin, end);
        }
    }

    /// <summary>Weights and gradients of scores of a few queries, and the queries' own gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scores(in Block work, int head, int begin, int first, int last)
    {
        var pitch = work.Pitch;
        var count = plan.ColumnsBefore(last);
        var padded = SmallProduct.Padded<T>(count);
        var weights = work.Weights + ((first - begin) * pitch);
        var change = work.Change + ((first - begin) * pitch);
        var sums = work.Sums;
        AttentionRows<N, T>.Powers(plan, head, first, last, work.Keys, work.Edge, weights, pitch, sums);
        AttentionRows<N, T>.Products(
            last - first, plan.Width, plan.Gradient.Of(head, first), plan.Gradient.Row, plan.Value, head, work.Values, count, change, pitch);
        for (var row = first; row < last; row++)
        {
            var at = (row - first) * pitch;
            AttentionRows<N, T>.Scale(weights + at, sums + row - first, padded);
            if (plan.Keep < 1)
            {
                AttentionRows<N, T>.Drop(plan, head, row, weights + at, work.Used + ((row - begin) * pitch), count, (float*)work.Kept);
                AttentionRows<N, T>.Drop(plan, head, row, change + at, change + at, count, (float*)work.Kept);
            }

            AttentionRows<N, T>.ScoreGradient(weights + at, change + at, count, plan.MaskGradient != null ? 1 : plan.Scale);
            if (plan.MaskGradient != null)
            {
                AttentionRows<N, T>.Add(change + at, plan.MaskGradient + ((((nint)head * plan.Rows) + row) * plan.Columns), count);
                AttentionRows<N, T>.Scale(change + at, plan.Scale, count);
            }
        }

        if (plan.QueryGradient.Start != null)
        {
            SmallProduct.Run(
                last - first, plan.Inner, count, change, pitch, 1, plan.Key.Of(head, 0), plan.Key.Row,
                plan.QueryGradient.Of(head, first), plan.QueryGradient.Row, true);
        }
    }

    /// <summary>What the queries of a block give to the gradients of keys and values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Keys(in Block work, int head, int begin, int end)
    {
        var columns = plan.ColumnsBefore(end);
        var step = plan.Causal ? plan.StepRows : columns;
        for (var column = 0; column < columns; column += step)
        {
            // Queries before a column don't see it; steps of queries and of columns begin at the same places.
            var count = Math.Min(step, columns - column);
            var first = plan.Causal ? Math.Max(begin, column) : begin;
            var at = ((first - begin) * work.Pitch) + column;
            if (plan.ValueGradient.Start != null)
            {
                SmallProduct.Run(
                    count, plan.Width, end - first, work.Used + at, 1, work.Pitch, plan.Gradient.Of(head, first), plan.Gradient.Row,
                    plan.ValueGradient.Of(head, column), plan.ValueGradient.Row, true);
            }

            if (plan.KeyGradient.Start != null)
            {
                SmallProduct.Run(
                    count, plan.Inner, end - first, work.Change + at, 1, work.Pitch, plan.Query.Of(head, first), plan.Query.Row,
                    plan.KeyGradient.Of(head, column), plan.KeyGradient.Row, true);
            }
        }
    }

    /// <summary>Working memory: rows of weights and of what becomes the gradient of the scores, and the transposed keys and values.</summary>
    private struct Block
    {
        public T* Edge;
        public T* Weights;
        public T* Change;

        /// <summary>The weights that were used: those that dropout left.</summary>
        public T* Used;
        public T* Sums;
        public T* Kept;
        public T* Keys;
        public T* Values;
        public nint Pitch;
    }
}
