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
