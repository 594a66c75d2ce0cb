using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>The rows of one unit of work of the softmax family: one loop for each function.</summary>
internal readonly unsafe struct SoftmaxBody<N, T>(Softmax.Operands<T> operands, nint rows, nint rowsPerUnit) : IBlockBody
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    // Bytes of rows of which a few stay in the first-level cache.
    private const int ShortRow = 8 * 1024;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int block)
    {
        var begin = block * rowsPerUnit;
        var end = Math.Min(rows, begin + rowsPerUnit);
        switch (operands.Kind)
        {
            case Softmax.Kind.Softmax when operands.Columns < N.Count:
                ForwardFew(begin, end);
                break;
            case Softmax.Kind.Softmax when operands.Columns * sizeof(T) > ShortRow:
                ForwardLong(begin, end);
                break;
            case Softmax.Kind.Softmax:
                Forward(begin, end);
                break;
            case Softmax.Kind.SoftmaxGradient:
                Gradient(begin, end);
                break;
            case Softmax.Kind.LogSoftmax:
                LogForward(begin, end);
                break;
            case Softmax.Kind.LogSoftmaxGradient:
                LogGradient(begin, end);
                break;
            case Softmax.Kind.LogSumExp:
                LogSumExp(begin, end);
                break;
            case Softmax.Kind.LogSumExpGradient:
                LogSumExpGradient(begin, end);
                break;
            case Softmax.Kind.CrossEntropy:
                CrossEntropy(begin, end);
                break;
            case Softmax.Kind.CrossEntropyGradient:
                CrossEntropyGradient(begin, end);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void ForwardFew(nint begin, nint end)
    {
        var columns = operands.Columns;
        for (var row = begin; row < end; row++)
        {
            SoftmaxRow<N, T>.Few(operands.X + row * columns, operands.Y + row * columns, columns);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void ForwardLong(nint begin, nint end)
    {
        var columns = operands.Columns;
        for (var row = begin; row < end; row++)
        {
            SoftmaxRow<N, T>.Many(operands.X + row * columns, operands.Y + row * columns, columns);
        }
    }

    // Nothing waits for what was only just begun: a maximum is found a row ahead, and a row is scaled after the next one's powers. Each part
    // stands here once, lest the compiler tire of inlining.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Forward(nint begin, nint end)
    {
        var x = operands.X;
        var y = operands.Y;
        var columns = operands.Columns;
        N max = 0, factor = 0;
        for (var row = begin - 1; row <= end; row++)
        {
            var shift = max;
            if (row < end - 1)
            {
                max = SoftmaxRow<N, T>.Max(x + (row + 1) * columns, columns);
            }
            var before = factor;
            if (row >= begin && row < end)
            {
                factor = SoftmaxRow<N, T>.Powers(x + row * columns, y + row * columns, columns, shift);
            }
            if (row > begin)
            {
                SoftmaxRow<N, T>.Scale(y + (row - 1) * columns, columns, before);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Gradient(nint begin, nint end)
    {
        var y = operands.X;
        var g = operands.G;
        var dx = operands.Y;
        var columns = operands.Columns;
        var accumulate = operands.Accumulate;
        for (var row = begin; row < end; row++)
        {
            var at = row * columns;
            SoftmaxRow<N, T>.SoftmaxGradient(y + at, g + at, dx + at, columns, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void LogForward(nint begin, nint end)
    {
        var x = operands.X;
        var y = operands.Y;
        var columns = operands.Columns;
        for (var row = begin; row < end; row++)
        {
            var at = row * columns;
            SoftmaxRow<N, T>.Subtract(x + at, SoftmaxRow<N, T>.LogSumExp(x + at, columns), y + at, columns);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void LogGradient(nint begin, nint end)
    {
        var y = operands.X;
        var g = operands.G;
        var dx = operands.Y;
        var columns = operands.Columns;
        var accumulate = operands.Accumulate;
        for (var row = begin; row < end; row++)
        {
            var at = row * columns;
            SoftmaxRow<N, T>.LogSoftmaxGradient(y + at, g + at, dx + at, columns, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void LogSumExp(nint begin, nint end)
    {
        var x = operands.X;
        var columns = operands.Columns;
        for (var row = begin; row < end; row++)
        {
            operands.LogSumExp[row] = SoftmaxRow<N, T>.LogSumExp(x + row * columns, columns);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void LogSumExpGradient(nint begin, nint end)
    {
        var x = operands.X;
        var dx = operands.Y;
        var columns = operands.Columns;
        var accumulate = operands.Accumulate;
        for (var row = begin; row < end; row++)
        {
            var at = row * columns;
            var scale = operands.G[row * operands.Stride];
            SoftmaxRow<N, T>.LogSumExpGradient(x + at, SoftmaxRow<N, T>.Shift(operands.LogSumExp[row]), scale, dx + at, columns, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void CrossEntropy(nint begin, nint end)
    {
        var x = operands.X;
        var loss = operands.Y;
        var columns = operands.Columns;
        for (var row = begin; row < end; row++)
        {
            var logSumExp = SoftmaxRow<N, T>.LogSumExp(x + row * columns, columns);
            var label = operands.Labels[row];
            operands.LogSumExp[row] = logSumExp;
            loss[row] = label == operands.Ignore
                ? default
                : SoftmaxRow<N, T>.Subtract(logSumExp, x[row * columns + (nint)label]);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void CrossEntropyGradient(nint begin, nint end)
    {
        var x = operands.X;
        var dx = operands.Y;
        var columns = operands.Columns;
        var accumulate = operands.Accumulate;
        for (var row = begin; row < end; row++)
        {
            var at = row * columns;
            var label = operands.Labels[row];
            if (label == operands.Ignore)
            {
                if (!accumulate)
                {
                    new Span<T>(dx + at, checked((int)columns)).Clear();
                }
                continue;
            }
            var scale = operands.G[row * operands.Stride];
            SoftmaxRow<N, T>.LogSumExpGradient(x + at, operands.LogSumExp[row], scale, dx + at, columns, accumulate);
            dx[at + (nint)label] = SoftmaxRow<N, T>.Subtract(dx[at + (nint)label], scale);
        }
    }
}
