using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>What layer norm (centered) and RMS norm work on: rows of x, and a weight and a bias per column that may be missing.</summary>
internal readonly unsafe struct RowNormOperands(nint rows, nint columns, double epsilon, bool centered)
{
    public nint Rows => rows;

    public nint Columns => columns;

    public double Epsilon => epsilon;

    /// <summary>Whether the mean is taken away first.</summary>
    public bool Centered => centered;

    public void* X { get; init; }

    public void* Weight { get; init; }

    public void* Bias { get; init; }

    public void* Y { get; init; }

    public void* G { get; init; }

    public void* Dx { get; init; }

    public void* DWeight { get; init; }

    public void* DBias { get; init; }

    /// <summary>Whether dx is added to.</summary>
    public bool Accumulate { get; init; }

    /// <summary>Whether the weight's gradient is added to.</summary>
    public bool AccumulateWeight { get; init; }

    /// <summary>Whether the bias's gradient is added to.</summary>
    public bool AccumulateBias { get; init; }

    /// <summary>Rows of one unit of work, a matter of the shape alone.</summary>
    public nint RowsPerUnit => Math.Max(Math.Max(1, 16384 / (columns + 16)), (rows + 63) / 64);

    public int Units => (int)((rows + RowsPerUnit - 1) / RowsPerUnit);
}

/// <summary>y = (x − mean) / √(variance + ε) · weight + bias for each row, or x / √(mean of x² + ε) · weight.</summary>
internal readonly unsafe struct RowNormForward(RowNormOperands operands) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Workers.Run(new Body<N, T>(operands), operands.Units, operands.Rows * (20 + (0.3 * operands.Columns)));

    private readonly struct Body<N, T>(RowNormOperands operands) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var columns = operands.Columns;
            var end = Math.Min(operands.Rows, (block + 1) * operands.RowsPerUnit);
            for (var row = block * operands.RowsPerUnit; row < end; row++)
            {
                var (mean, scale) = RowNormStatistics<N, T>.Of((T*)operands.X + (row * columns), operands);
                Write((T*)operands.X + (row * columns), (T*)operands.Y + (row * columns), columns, mean, scale);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Write(T* x, T* y, nint columns, N mean, N scale)
        {
            var (weight, bias) = ((nint)operands.Weight, (nint)operands.Bias);
            nint i = 0;
            for (; i + N.Count <= columns; i += N.Count)
            {
                var value = (N.Load(ref x[i]) - mean) * scale;
                if (weight != 0)
                {
                    value = bias == 0 ? value * N.Load(ref ((T*)weight)[i]) : N.MultiplyAdd(value, N.Load(ref ((T*)weight)[i]), N.Load(ref ((T*)bias)[i]));
                }
                else if (bias != 0)
                {
                    value += N.Load(ref ((T*)bias)[i]);
                }

                N.Store(value, ref y[i]);
            }

            if (i < columns)
            {
                var rest = (int)(columns - i);
                var value = (N.LoadFirst(x + i, rest, 0) - mean) * scale;
                value = weight == 0 ? value : value * N.LoadFirst((T*)weight + i, rest, 0);
                value = bias == 0 ? value : value + N.LoadFirst((T*)bias + i, rest, 0);
                N.StoreFirst(value, y + i, rest);
            }
        }
    }
}

/// <summary>
/// With x̂ the normalised row and h = g · weight: dx = (h − mean of h − x̂ · mean of h x̂) / √(variance + ε), without the first mean where rows were
/// not centered; the gradients of weight and bias are the column sums of g x̂ and g.
/// </summary>
internal readonly unsafe struct RowNormGradient(RowNormOperands operands) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Every unit sums for itself; the sums of the units are then added up in their order.
        var units = operands.Units;
        var sums = ArrayPool<T>.Shared.Rent(checked((int)(2 * units * operands.Columns)));
        fixed (T* partial = sums)
        {
            var weights = partial;
            var biases = partial + (units * operands.Columns);
            new Span<T>(partial, (int)(2 * units * operands.Columns)).Clear();
            Workers.Run(new Body<N, T>(operands, weights, biases), units, operands.Rows * (30 + (0.6 * operands.Columns)));
            if (operands.DWeight is not null)
            {
                Reductions.Fold<SumFold, N, T>(weights, (T*)operands.DWeight, 1, units, operands.Columns, operands.AccumulateWeight);
            }

            if (operands.DBias is not null)
            {
                Reductions.Fold<SumFold, N, T>(biases, (T*)operands.DBias, 1, units, operands.Columns, operands.AccumulateBias);
            }
        }

        ArrayPool<T>.Shared.Return(sums);
    }

    private readonly struct Body<N, T>(RowNormOperands operands, T* weights, T* biases) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var columns = operands.Columns;
            var end = Math.Min(operands.Rows, (block + 1) * operands.RowsPerUnit);
            for (var row = block * operands.RowsPerUnit; row < end; row++)
            {
                var (x, g) = ((nint)((T*)operands.X + (row * columns)), (nint)((T*)operands.G + (row * columns)));
                var (mean, scale) = RowNormStatistics<N, T>.Of((T*)x, operands);
                var (sum, product) = Means((T*)x, (T*)g, mean, scale, weights + (block * columns), biases + (block * columns));
                if (operands.Dx is not null)
                {
                    Write((T*)x, (T*)g, (T*)operands.Dx + (row * columns), mean, scale, operands.Centered ? sum : 0, product);
                }
            }
        }

        /// <summary>The means of h and h x̂ over the row, while the column sums grow.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private (N Sum, N Product) Means(T* x, T* g, N mean, N scale, T* weightSums, T* biasSums)
        {
            var weight = (T*)operands.Weight;
            var columns = operands.Columns;
            N a = 0, b = 0;
            for (nint i = 0; i < columns; i += N.Count)
            {
                var rest = (int)Math.Min(columns - i, N.Count);
                N slope, value, factor;
                if (rest == N.Count)
                {
                    slope = N.Load(ref g[i]);
                    value = (N.Load(ref x[i]) - mean) * scale;
                    factor = weight is null ? slope : slope * N.Load(ref weight[i]);
                    N.Store(N.MultiplyAdd(slope, value, N.Load(ref weightSums[i])), ref weightSums[i]);
                    N.Store(N.Load(ref biasSums[i]) + slope, ref biasSums[i]);
                }
                else
                {
                    slope = N.LoadFirst(g + i, rest, 0);
                    value = (N.LoadFirst(x + i, rest, 0) - mean) * scale;
                    factor = weight is null ? slope : slope * N.LoadFirst(weight + i, rest, 0);
                    N.StoreFirst(N.MultiplyAdd(slope, value, N.LoadFirst(weightSums + i, rest, 0)), weightSums + i, rest);
                    N.StoreFirst(N.LoadFirst(biasSums + i, rest, 0) + slope, biasSums + i, rest);
                }

                a += factor;
                b = N.MultiplyAdd(factor, value, b);
            }

            N count = columns;
            return (N.Broadcast(N.Fold<SumFold>(a)) / count, N.Broadcast(N.Fold<SumFold>(b)) / count);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Write(T* x, T* g, T* dx, N mean, N scale, N sum, N product)
        {
            var weight = (T*)operands.Weight;
            var columns = operands.Columns;
            for (nint i = 0; i < columns; i += N.Count)
            {
                var rest = (int)Math.Min(columns - i, N.Count);
                if (rest == N.Count)
                {
                    var factor = weight is null ? N.Load(ref g[i]) : N.Load(ref g[i]) * N.Load(ref weight[i]);
                    var value = scale * (factor - sum - ((N.Load(ref x[i]) - mean) * scale * product));
                    N.Store(operands.Accumulate ? N.Load(ref dx[i]) + value : value, ref dx[i]);
                }
                else
                {
                    var factor = N.LoadFirst(g + i, rest, 0);
                    factor = weight is null ? factor : factor * N.LoadFirst(weight + i, rest, 0);
                    var value = scale * (factor - sum - ((N.LoadFirst(x + i, rest, 0) - mean) * scale * product));
                    N.StoreFirst(operands.Accumulate ? N.LoadFirst(dx + i, rest, 0) + value : value, dx + i, rest);
                }
            }
        }
    }
}

/// <summary>Mean and 1 / √(variance + ε) of a row; 0 and 1 / √(mean of x² + ε) where it isn't centered.</summary>
internal static unsafe class RowNormStatistics<N, T>
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static (N Mean, N Scale) Of(T* x, in RowNormOperands operands)
    {
        if (!operands.Centered)
        {
            return (0, 1 / Math.Sqrt((Moments<N, T>.SumOfSquares(x, operands.Columns) / operands.Columns) + operands.Epsilon));
        }

        var moments = Moments<N, T>.Of(x, operands.Columns);
        return (moments.Mean, 1 / Math.Sqrt(moments.Variance + operands.Epsilon));
    }
}
