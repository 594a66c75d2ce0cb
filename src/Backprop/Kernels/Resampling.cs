using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// A sparse matrix applied along one axis: row r is the sum of weight[e] times element index[e] for e from start[r] to start[r + 1].
/// </summary>
internal sealed class SparseRows
{
    /// <summary>The rows of a matrix with <paramref name="size"/> columns.</summary>
    public SparseRows(int size, int[] start, int[] index, double[] weight)
    {
        (Size, Start, Index, Weight) = (size, start, index, weight);
        Single = Array.ConvertAll(weight, w => (float)w);
    }

    /// <summary>Elements of the axis it is applied to.</summary>
    public int Size { get; }

    /// <summary>Elements of the axis it gives.</summary>
    public int Count => Start.Length - 1;

    public int[] Start { get; }

    public int[] Index { get; }

    public double[] Weight { get; }

    /// <summary>The weights in single precision.</summary>
    public float[] Single { get; }

    /// <summary>The transposed matrix.</summary>
    public SparseRows Transpose()
    {
        var start = new int[Size + 1];
        foreach (var column in Index)
        {
            start[column + 1]++;
        }

        for (var column = 0; column < Size; column++)
        {
            start[column + 1] += start[column];
        }

        var (next, index, weight) = ((int[])start.Clone(), new int[Index.Length], new double[Index.Length]);
        for (var row = 0; row < Count; row++)
        {
            for (var e = Start[row]; e < Start[row + 1]; e++)
            {
                var to = next[Index[e]]++;
                (index[to], weight[to]) = (row, Weight[e]);
            }
        }

        return new SparseRows(Count, start, index, weight);
    }
}

/// <summary>Weighted sums along the middle axis of contiguous [outer, size, inner] arrays.</summary>
internal static unsafe class Resampling
{
    private const int Unit = 16 * 1024;

    /// <summary>destination[o, r, i] = Σ weight[e] · source[o, index[e], i] over the entries e of row r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply<T>(SparseRows rows, T* source, T* destination, nint outer, nint inner)
        where T : unmanaged, INumber<T>
    {
        var weights = typeof(T) == typeof(float) ? (T[])(object)rows.Single : (T[])(object)rows.Weight;
        var total = outer * rows.Count;
        var terms = Math.Max(1, rows.Index.Length / Math.Max(rows.Count, 1));
        var perUnit = Math.Max(1, Unit / (inner * terms));
        Workers.Run(
            new Body<T>(rows, weights, source, destination, inner, total, perUnit), (int)((total + perUnit - 1) / perUnit), 0.5 * total * inner * terms);
    }

    private readonly struct Body<T>(SparseRows rows, T[] weights, T* source, T* destination, nint inner, nint total, nint perUnit) : IBlockBody
        where T : unmanaged, INumber<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min(total, (block + 1) * perUnit);
            for (var at = block * perUnit; at < end; at++)
            {
                var (o, row) = (at / rows.Count, (int)(at % rows.Count));
                var from = source + (o * rows.Size * inner);
                var to = destination + (at * inner);
                var (first, last) = (rows.Start[row], rows.Start[row + 1]);
                if (inner == 1)
                {
                    var sum = T.Zero;
                    for (var e = first; e < last; e++)
                    {
                        sum += weights[e] * from[rows.Index[e]];
                    }

                    *to = sum;
                    continue;
                }

                nint i = 0;
                for (; i <= inner - Vector<T>.Count; i += Vector<T>.Count)
                {
                    var sum = Vector<T>.Zero;
                    for (var e = first; e < last; e++)
                    {
                        sum += Unsafe.ReadUnaligned<Vector<T>>(from + (rows.Index[e] * inner) + i) * weights[e];
                    }

                    Unsafe.WriteUnaligned(to + i, sum);
                }

                for (; i < inner; i++)
                {
                    var sum = T.Zero;
                    for (var e = first; e < last; e++)
                    {
                        sum += from[(rows.Index[e] * inner) + i] * weights[e];
                    }

                    to[i] = sum;
                }
            }
        }
    }
}
