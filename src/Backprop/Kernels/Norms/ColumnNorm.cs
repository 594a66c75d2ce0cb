using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// For each column of contiguous [rows, columns]: Σ g and Σ g (x − center), which go to sums [2, columns]. Where there is no g, x − center takes its
/// place.
/// </summary>
internal readonly unsafe struct ColumnProducts(void* g, void* x, double* centers, double* sums, nint rows, nint columns) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var perUnit = Math.Max(Math.Max(1, 32768 / (columns + 16)), (rows + 63) / 64);
        var units = (int)((rows + perUnit - 1) / perUnit);
        var rented = ArrayPool<T>.Shared.Rent(checked((int)((2L * units * columns) + columns)));
        fixed (T* partial = rented)
        {
            var rounded = partial + (2 * units * columns);
            for (nint i = 0; i < columns; i++)
            {
                rounded[i] = T.CreateTruncating(centers[i]);
            }

            Workers.Run(new Body<N, T>((T*)g, (T*)x, rounded, partial, rows, columns, perUnit), units, rows * columns * 0.2);
            new Span<double>(sums, checked((int)(2 * columns))).Clear();
            for (nint i = 0; i < units; i++)
            {
                for (nint j = 0; j < 2 * columns; j++)
                {
                    sums[j] += double.CreateTruncating(partial[(2 * i * columns) + j]);
                }
            }
        }

        ArrayPool<T>.Shared.Return(rented);
    }

    private readonly struct Body<N, T>(T* g, T* x, T* centers, T* partial, nint rows, nint columns, nint perUnit) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var first = block * perUnit;
            var count = Math.Min(rows - first, perUnit);
            var sums = partial + (2 * block * columns);
            nint i = 0;
            for (; i + N.Count <= columns; i += N.Count)
            {
                var center = N.Load(ref centers[i]);
                N sum = 0, product = 0, otherSum = 0, otherProduct = 0;
                var at = (first * columns) + i;
                nint row = 0;
                for (; row + 2 <= count; row += 2, at += 2 * columns)
                {
                    var (value, other) = (N.Load(ref x[at]) - center, N.Load(ref x[at + columns]) - center);
                    var (slope, otherSlope) = g is null ? (value, other) : (N.Load(ref g[at]), N.Load(ref g[at + columns]));
                    sum += slope;
                    otherSum += otherSlope;
                    product = N.MultiplyAdd(slope, value, product);
                    otherProduct = N.MultiplyAdd(otherSlope, other, otherProduct);
                }

                if (row < count)
                {
                    var value = N.Load(ref x[at]) - center;
                    var slope = g is null ? value : N.Load(ref g[at]);
                    sum += slope;
                    product = N.MultiplyAdd(slope, value, product);
                }

                N.Store(sum + otherSum, ref sums[i]);
                N.Store(product + otherProduct, ref sums[columns + i]);
            }

            if (i < columns)
            {
                var rest = (int)(columns - i);
                var center = N.LoadFirst(centers + i, rest, 0);
                N sum = 0, product = 0;
                for (var row = first; row < first + count; row++)
                {
                    var value = N.LoadFirst(x + (row * columns) + i, rest, 0) - center;
                    var slope = g is null ? value : N.LoadFirst(g + (row * columns) + i, rest, 0);
                    sum += slope;
                    product = N.MultiplyAdd(slope, value, product);
                }

                N.StoreFirst(sum, sums + i, rest);
                N.StoreFirst(product, sums + columns + i, rest);
            }
        }
    }
}

/// <summary>
/// For each column of contiguous [rows, columns]: y (+)= (x − center) · curve + g · slope + shift, without the product with g where there is none.
/// </summary>
internal readonly unsafe struct ColumnAffine(
    void* g, void* x, void* y, SegmentGradient.Numbers* numbers, nint rows, nint columns, bool accumulate) : IWidthTask
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var rented = ArrayPool<T>.Shared.Rent(checked((int)(4L * columns)));
        fixed (T* rounded = rented)
        {
            for (nint i = 0; i < columns; i++)
            {
                rounded[i] = T.CreateTruncating(numbers[i].Center);
                rounded[columns + i] = T.CreateTruncating(numbers[i].Curve);
                rounded[(2 * columns) + i] = T.CreateTruncating(numbers[i].Slope);
                rounded[(3 * columns) + i] = T.CreateTruncating(numbers[i].Shift);
            }

            var perUnit = Math.Max(1, 16384 / (columns + 16));
            Workers.Run(
                new Body<N, T>((T*)g, (T*)x, (T*)y, rounded, rows, columns, perUnit, accumulate), (int)((rows + perUnit - 1) / perUnit), rows * columns * 0.2);
        }

        ArrayPool<T>.Shared.Return(rented);
    }

    private readonly struct Body<N, T>(T* g, T* x, T* y, T* numbers, nint rows, nint columns, nint perUnit, bool accumulate) : IBlockBody
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min(rows, (block + 1) * perUnit);
            for (var row = block * perUnit; row < end; row++)
            {
                var at = row * columns;
                nint i = 0;
                for (; i + N.Count <= columns; i += N.Count)
                {
                    var value = N.MultiplyAdd(
                        N.Load(ref x[at + i]) - N.Load(ref numbers[i]), N.Load(ref numbers[columns + i]), N.Load(ref numbers[(3 * columns) + i]));
                    value = g is null ? value : N.MultiplyAdd(N.Load(ref g[at + i]), N.Load(ref numbers[(2 * columns) + i]), value);
                    N.Store(accumulate ? N.Load(ref y[at + i]) + value : value, ref y[at + i]);
                }

                if (i < columns)
                {
                    var rest = (int)(columns - i);
                    var value = N.MultiplyAdd(
                        N.LoadFirst(x + at + i, rest, 0) - N.LoadFirst(numbers + i, rest, 0),
                        N.LoadFirst(numbers + columns + i, rest, 0),
                        N.LoadFirst(numbers + (3 * columns) + i, rest, 0));
                    value = g is null ? value : N.MultiplyAdd(
                        N.LoadFirst(g + at + i, rest, 0), N.LoadFirst(numbers + (2 * columns) + i, rest, 0), value);
                    N.StoreFirst(accumulate ? N.LoadFirst(y + at + i, rest, 0) + value : value, y + at + i, rest);
                }
            }
        }
    }
}
