using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>
/// Products of a few dozen numbers, where choosing blocks and tiles would take longer than the work: four rows at a time, one register wide.
/// </summary>
internal static unsafe class TinyProduct<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    /// <summary>Elements of the largest B that is transposed on the way; fewer where A is transposed too, so that the result could be instead.</summary>
    private const int MostTransposed = 144;

    private const int MostBothTransposed = 64;

    /// <summary>Rows, columns and steps of the largest product of this kind.</summary>
    private const int MostWork = 4096;

    /// <summary>The longest inner dimension: one stretch.</summary>
    private const int MostInner = 64;

    /// <summary>Whether a product is of this kind; masked loads pay from 256 bits on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Takes(int m, int n, int k, bool transposeA, bool transposeB)
        => I.Lanes * sizeof(T) >= 32 && k <= MostInner && (long)m * n <= MostWork && m * n * k <= MostWork
            && (!transposeB || n * k <= (transposeA ? MostBothTransposed : MostTransposed));

    /// <summary>C = A · B (+ C) (+ bias) (then ReLU), with A[i, p] at <c>a[i · aRow + p · aStep]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        int m, int n, int k, T* a, nint aRow, nint aStep, T* b, nint bRow, bool transposeB, T* c, nint cRow, bool accumulate, T* bias, bool relu)
    {
        var turned = stackalloc T[MostTransposed];
        if (transposeB)
        {
            for (var p = 0; p < k; p++)
            {
                for (var j = 0; j < n; j++)
                {
                    turned[p * n + j] = b[j * bRow + p];
                }
            }

            b = turned;
            bRow = n;
        }

        for (var column = 0; column < n; column += I.Lanes)
        {
            var mask = I.Mask(0, n - column);
            var shift = bias != null ? I.Load(bias + column, mask) : I.Zero;
            T* x = a, y = c + column;
            for (var row = 0; row < m; row += 4)
            {
                // Rows that are not there repeat the first.
                T* a0 = x, a1 = row + 1 < m ? x + aRow : x, a2 = row + 2 < m ? x + 2 * aRow : x, a3 = row + 3 < m ? x + 3 * aRow : x;
                V c0 = I.Zero, c1 = I.Zero, c2 = I.Zero, c3 = I.Zero;
                var q = b + column;
                for (var p = k; p > 0; p--)
                {
                    var z = I.Load(q, mask);
                    c0 = I.MultiplyAdd(I.Broadcast(*a0), z, c0);
                    c1 = I.MultiplyAdd(I.Broadcast(*a1), z, c1);
                    c2 = I.MultiplyAdd(I.Broadcast(*a2), z, c2);
                    c3 = I.MultiplyAdd(I.Broadcast(*a3), z, c3);
                    a0 += aStep; a1 += aStep; a2 += aStep; a3 += aStep;
                    q += bRow;
                }

                Write(c0, y, mask, shift, accumulate, relu);
                if (row + 1 < m)
                {
                    Write(c1, y + cRow, mask, shift, accumulate, relu);
                }

                if (row + 2 < m)
                {
                    Write(c2, y + 2 * cRow, mask, shift, accumulate, relu);
                }

                if (row + 3 < m)
                {
                    Write(c3, y + 3 * cRow, mask, shift, accumulate, relu);
                }

                x += 4 * aRow;
                y += 4 * cRow;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(V value, T* c, V mask, V shift, bool accumulate, bool relu)
    {
        value = accumulate ? I.Add(value, I.Load(c, mask)) : value;
        value = I.Add(value, shift);
        I.Store(c, relu ? I.Relu(value) : value, mask);
    }
}
