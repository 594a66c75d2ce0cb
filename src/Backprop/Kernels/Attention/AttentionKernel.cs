using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Attention;

/// <summary>
/// Attention in blocks of queries. A block's weights are computed, used and forgotten, in the gradient as well: memory grows with the number of keys
/// times a block, not with queries times keys.
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
            Workers.Run(new BackwardBody<N, T>(plan), plan.Heads, 3 * work);
        }
        else
        {
            var blocks = (plan.Rows + plan.BlockRows - 1) / plan.BlockRows;
            Workers.Run(new ForwardBody<N, T>(plan, blocks), checked(plan.Heads * blocks), work);
        }
    }

    private readonly struct ForwardBody<N, T>(AttentionPlan<T> plan, int blocksPerHead) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var head = block / blocksPerHead;
            var begin = (block % blocksPerHead) * plan.BlockRows;
            var end = Math.Min(plan.Rows, begin + plan.BlockRows);
            var columns = plan.ColumnsBefore(end);
            var drops = plan.Keep < 1;
            var size = (nint)(end - begin) * columns;
            var weights = (T*)Scratch.Outer((size * sizeof(T)) + (drops ? (nint)columns * sizeof(float) : 0));
            WeightRows<N, T>.Compute(plan, head, begin, end, weights, columns);
            if (drops)
            {
                WeightRows<N, T>.Drop(plan, head, begin, end, weights, weights, columns, new Span<float>(weights + size, columns));
            }

            MatrixProduct.Multiply(
                end - begin, plan.Width, columns, weights, columns, false, plan.Value.Of(head, 0), plan.Value.Row, false,
                plan.Output + ((((nint)head * plan.Rows) + begin) * plan.Width), plan.Width);
        }
    }

    private readonly struct BackwardBody<N, T>(AttentionPlan<T> plan) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int head)
        {
            for (var begin = 0; begin < plan.Rows; begin += plan.BlockRows)
            {
                Block(head, begin, Math.Min(plan.Rows, begin + plan.BlockRows));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Block(int head, int begin, int end)
        {
            var columns = plan.ColumnsBefore(end);
            var rows = end - begin;
            var drops = plan.Keep < 1;
            var size = (nint)rows * columns;
            var weights = (T*)Scratch.Outer(((drops ? 3 : 2) * size * sizeof(T)) + (drops ? (nint)columns * sizeof(float) : 0));
            var change = weights + size;
            WeightRows<N, T>.Compute(plan, head, begin, end, weights, columns);

            var g = plan.Gradient + ((((nint)head * plan.Rows) + begin) * plan.Width);
            MatrixProduct.Multiply(
                rows, columns, plan.Width, g, plan.Width, false, plan.Value.Of(head, 0), plan.Value.Row, true, change, columns);
            var used = weights;
            if (drops)
            {
                used = change + size;
                var kept = new Span<float>(used + size, columns);
                WeightRows<N, T>.Drop(plan, head, begin, end, weights, used, columns, kept);
                WeightRows<N, T>.Drop(plan, head, begin, end, change, change, columns, kept);
            }

            if (plan.ValueGradient != null)
            {
                var target = plan.ValueGradient + ((nint)head * plan.Columns * plan.Width);
                MatrixProduct.Multiply(columns, plan.Width, rows, used, columns, true, g, plan.Width, false, target, plan.Width, accumulate: true);
            }

            // From the gradient of the weights to that of the scores.
            for (var row = 0; row < rows; row++)
            {
                var at = (nint)row * columns;
                SoftmaxRow<N, T>.SoftmaxGradient(weights + at, change + at, change + at, columns, accumulate: false);
                if (plan.MaskGradient != null)
                {
                    WeightRows<N, T>.Add(change + at, plan.MaskGradient + ((((nint)head * plan.Rows) + begin + row) * plan.Columns), columns);
                }
            }

            WeightRows<N, T>.Scale(change, plan.Scale, size);
            if (plan.QueryGradient != null)
            {
                var target = plan.QueryGradient + ((((nint)head * plan.Rows) + begin) * plan.Inner);
                MatrixProduct.Multiply(
                    rows, plan.Inner, columns, change, columns, false, plan.Key.Of(head, 0), plan.Key.Row, false, target, plan.Inner, accumulate: true);
            }

            if (plan.KeyGradient != null)
            {
                var target = plan.KeyGradient + ((nint)head * plan.Columns * plan.Inner);
                MatrixProduct.Multiply(
                    columns, plan.Inner, rows, change, columns, true, plan.Query.Of(head, begin), plan.Query.Row, false, target, plan.Inner,
                    accumulate: true);
            }
        }
    }
}
