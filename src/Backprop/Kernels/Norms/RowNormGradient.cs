using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

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
            var weightSums = weights + (block * columns);
            var biasSums = biases + (block * columns);
            var row = block * operands.RowsPerUnit;
            for (; row + 4 <= end; row += 4)
            {
                FourRows(row * columns, weightSums, biasSums);
            }

            for (; row < end; row++)
            {
                OneRow(row * columns, weightSums, biasSums);
            }
        }

        /// <summary>The same columns of four rows meet the column sums and the weight at once, and four chains of additions overlap.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void FourRows(nint at, T* weightSums, T* biasSums)
        {
            var columns = operands.Columns;
            var x0 = (T*)operands.X + at;
            var g0 = (T*)operands.G + at;
            var weight = (T*)operands.Weight;
            var x1 = x0 + columns;
            var x2 = x0 + (2 * columns);
            var x3 = x0 + (3 * columns);
            var g1 = g0 + columns;
            var g2 = g0 + (2 * columns);
            var g3 = g0 + (3 * columns);
            var (mean0, scale0) = RowNormStatistics<N, T>.Of(x0, operands);
            var (mean1, scale1) = RowNormStatistics<N, T>.Of(x1, operands);
            var (mean2, scale2) = RowNormStatistics<N, T>.Of(x2, operands);
            var (mean3, scale3) = RowNormStatistics<N, T>.Of(x3, operands);
            N sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0, product0 = 0, product1 = 0, product2 = 0, product3 = 0;
            nint i = 0;
            for (; i + N.Count <= columns; i += N.Count)
            {
                N factor = weight is null ? 1 : N.Load(ref weight[i]);
                var (ofWeight, ofBias) = (N.Load(ref weightSums[i]), N.Load(ref biasSums[i]));
                Step(N.Load(ref x0[i]), N.Load(ref g0[i]), mean0, scale0, factor, ref ofWeight, ref ofBias, ref sum0, ref product0);
                Step(N.Load(ref x1[i]), N.Load(ref g1[i]), mean1, scale1, factor, ref ofWeight, ref ofBias, ref sum1, ref product1);
                Step(N.Load(ref x2[i]), N.Load(ref g2[i]), mean2, scale2, factor, ref ofWeight, ref ofBias, ref sum2, ref product2);
                Step(N.Load(ref x3[i]), N.Load(ref g3[i]), mean3, scale3, factor, ref ofWeight, ref ofBias, ref sum3, ref product3);
                N.Store(ofWeight, ref weightSums[i]);
                N.Store(ofBias, ref biasSums[i]);
            }

            if (i < columns)
            {
                var rest = (int)(columns - i);
                N factor = weight is null ? 1 : N.LoadFirst(weight + i, rest, 0);
                var (ofWeight, ofBias) = (N.LoadFirst(weightSums + i, rest, 0), N.LoadFirst(biasSums + i, rest, 0));
                Step(First(x0 + i, rest), First(g0 + i, rest), mean0, scale0, factor, ref ofWeight, ref ofBias, ref sum0, ref product0);
                Step(First(x1 + i, rest), First(g1 + i, rest), mean1, scale1, factor, ref ofWeight, ref ofBias, ref sum1, ref product1);
                Step(First(x2 + i, rest), First(g2 + i, rest), mean2, scale2, factor, ref ofWeight, ref ofBias, ref sum2, ref product2);
                Step(First(x3 + i, rest), First(g3 + i, rest), mean3, scale3, factor, ref ofWeight, ref ofBias, ref sum3, ref product3);
                N.StoreFirst(ofWeight, weightSums + i, rest);
                N.StoreFirst(ofBias, biasSums + i, rest);
            }

            if (operands.Dx is not null)
            {
                Write(at, mean0, scale0, sum0, product0);
                Write(at + columns, mean1, scale1, sum1, product1);
                Write(at + (2 * columns), mean2, scale2, sum2, product2);
                Write(at + (3 * columns), mean3, scale3, sum3, product3);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void OneRow(nint at, T* weightSums, T* biasSums)
        {
            var columns = operands.Columns;
            var x = (T*)operands.X + at;
            var g = (T*)operands.G + at;
            var weight = (T*)operands.Weight;
            var (mean, scale) = RowNormStatistics<N, T>.Of(x, operands);
            N sum = 0, product = 0;
            nint i = 0;
            for (; i + N.Count <= columns; i += N.Count)
            {
                N factor = weight is null ? 1 : N.Load(ref weight[i]);
                var (ofWeight, ofBias) = (N.Load(ref weightSums[i]), N.Load(ref biasSums[i]));
                Step(N.Load(ref x[i]), N.Load(ref g[i]), mean, scale, factor, ref ofWeight, ref ofBias, ref sum, ref product);
                N.Store(ofWeight, ref weightSums[i]);
                N.Store(ofBias, ref biasSums[i]);
            }

            if (i < columns)
            {
                var rest = (int)(columns - i);
                N factor = weight is null ? 1 : N.LoadFirst(weight + i, rest, 0);
                var (ofWeight, ofBias) = (N.LoadFirst(weightSums + i, rest, 0), N.LoadFirst(biasSums + i, rest, 0));
                Step(First(x + i, rest), First(g + i, rest), mean, scale, factor, ref ofWeight, ref ofBias, ref sum, ref product);
                N.StoreFirst(ofWeight, weightSums + i, rest);
                N.StoreFirst(ofBias, biasSums + i, rest);
            }

            if (operands.Dx is not null)
            {
                Write(at, mean, scale, sum, product);
            }
        }

        /// <summary>What one register of a row adds to the column sums, and to the row's sums of h and h x̂.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Step(N x, N g, N mean, N scale, N weight, ref N ofWeight, ref N ofBias, ref N sum, ref N product)
        {
            var value = (x - mean) * scale;
            var factor = g * weight;
            ofWeight = N.MultiplyAdd(g, value, ofWeight);
            ofBias += g;
            sum += factor;
            product = N.MultiplyAdd(factor, value, product);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static N First(T* source, int count) => N.LoadFirst(source, count, 0);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Write(nint at, N mean, N scale, N sums, N products)
        {
            var x = (T*)operands.X + at;
            var g = (T*)operands.G + at;
            var dx = (T*)operands.Dx + at;
            var weight = (T*)operands.Weight;
            var columns = operands.Columns;
            var share = N.Broadcast(T.One / T.CreateTruncating(columns));
            N shift = operands.Centered ? -(scale * share * N.Broadcast(N.Fold<SumFold>(sums))) : 0;
            var curve = -(scale * scale * share * N.Broadcast(N.Fold<SumFold>(products)));
            nint i = 0;
            for (; i + N.Count <= columns; i += N.Count)
            {
                var factor = weight is null ? N.Load(ref g[i]) : N.Load(ref g[i]) * N.Load(ref weight[i]);
                var value = N.MultiplyAdd(N.Load(ref x[i]) - mean, curve, N.MultiplyAdd(factor, scale, shift));
                N.Store(operands.Accumulate ? N.Load(ref dx[i]) + value : value, ref dx[i]);
            }

            if (i < columns)
            {
                var rest = (int)(columns - i);
                var factor = weight is null ? First(g + i, rest) : First(g + i, rest) * First(weight + i, rest);
                var value = N.MultiplyAdd(First(x + i, rest) - mean, curve, N.MultiplyAdd(factor, scale, shift));
                N.StoreFirst(operands.Accumulate ? First(dx + i, rest) + value : value, dx + i, rest);
            }
        }
    }
}
