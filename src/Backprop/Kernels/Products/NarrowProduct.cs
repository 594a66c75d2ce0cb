using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>C = A · B (+ C) (+ bias) (then ReLU) where B has fewer columns than a register lanes, and the rows of A lie as they are read.</summary>
internal static unsafe class NarrowProduct<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    /// <summary>Rows of a block at least: each brings B into its own registers.</summary>
    private const int LeastBlockRows = 128;

    /// <summary>Floating point operations of a block, roughly.</summary>
    private const double BlockWork = 1e6;

    private const int MostBlocks = 64;

    /// <summary>Steps taken at once at most. A sum of a lane is of half of them or fewer.</summary>
    private const int MostSteps = 256;

    /// <summary>
    /// Whether it pays, compared with tiles whose lanes are partly without work: in cycles of two multiply-adds each, with what is spent on B,
    /// and on the sums of each row.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Pays(int m, int n, int k, bool transposeB)
    {
        if (n >= I.Lanes || m < 8 || k < 2 * I.Lanes)
        {
            return false;
        }

        double row = 0, pack = 0;
        for (int first = 0, count; first < n; first += count)
        {
            count = Group(n - first, out var steps);
            row += 0.55 * k / steps + 5;
            pack += (double)k * count * (count > 2 ? 0.5 : 1);
        }

        return row * m + pack < 0.52 * k * m + (transposeB ? 6 : 1) * k;
    }

    /// <summary>Chooses the blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cut(ref Plan<T> plan)
    {
        var wanted = (int)Math.Clamp(2.0 * plan.Rows * plan.Columns * plan.Inner / BlockWork, 1, MostBlocks);
        plan.ColumnBlocks = 1;
        plan.RowBlocks = Math.Clamp(wanted, 1, Math.Max(1, plan.Rows / LeastBlockRows));
    }

    /// <summary>Computes one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Plan<T> plan, int block)
    {
        var matrix = block / plan.RowBlocks;
        block -= matrix * plan.RowBlocks;
        var firstRow = (int)((long)plan.Rows * block / plan.RowBlocks);
        var rows = (int)((long)plan.Rows * (block + 1) / plan.RowBlocks) - firstRow;
        var a = plan.A + matrix * plan.AMatrix + firstRow * plan.ARow;
        var b = plan.B + matrix * plan.BMatrix;
        var c = plan.C + matrix * plan.CMatrix + firstRow * plan.CRow;
        var transposed = plan.Panels == Panels.Transposed;
        var groups = 0;
        for (var first = 0; first < plan.Columns; first += Group(plan.Columns - first, out _))
        {
            groups++;
        }

        var sums = (T*)Scratch.Own((nint)(I.Lanes * (32 + groups * (MostSteps / 2 + I.Lanes))) * sizeof(T));
        var ends = sums + I.Lanes * 16;
        var packed = ends + I.Lanes * 16;
        var parts = (plan.Inner + MostSteps - 1) / MostSteps;
        var part = (plan.Inner + parts * I.Lanes - 1) / (parts * I.Lanes) * I.Lanes;

        // Rows so far apart share their places in the first-level cache.
        var most = plan.ARow * sizeof(T) % 4096 == 0 ? 8 : NarrowTile<V, T, I>.MostRows;
        for (var p = 0; p < plan.Inner; p += part)
        {
            var inner = Math.Min(part, plan.Inner - p);
            var whole = inner - inner % I.Lanes;
            var end = I.Mask(0, inner - whole);
            var (accumulate, relu) = (plan.Accumulate || p > 0, plan.Relu && p + part >= plan.Inner);
            var to = packed;
            for (int first = 0, count; first < plan.Columns; first += count)
            {
                count = Group(plan.Columns - first, out var steps);
                NarrowTile<V, T, I>.Pack(transposed ? b + first * plan.BRow + p : b + p * plan.BRow + first, plan.BRow, transposed, inner, count, steps, to);
                to += (inner + I.Lanes - 1) / I.Lanes * I.Lanes / steps * I.Lanes;
            }

            for (int row = 0, high; row < rows; row += high)
            {
                high = rows - row >= most ? most : rows - row >= 8 ? 8 : 4;

                // The last rows may be fewer: then the tile begins with rows that are done.
                var skip = Math.Max(0, row + high - rows);
                var tile = a + p + (row - skip) * plan.ARow;
                for (var i = 0; i < high && whole < inner; i++)
                {
                    I.Store(ends + i * I.Lanes, I.Load(tile + i * plan.ARow + whole, end));
                }

                to = packed;
                for (int first = 0, count; first < plan.Columns; first += count)
                {
                    count = Group(plan.Columns - first, out var steps);
                    NarrowTile<V, T, I>.Run(high, tile, plan.ARow, whole, whole < inner ? ends : null, to, steps, sums);
                    to += (inner + I.Lanes - 1) / I.Lanes * I.Lanes / steps * I.Lanes;
                    Write(
                        sums, I.Lanes / steps, skip, high, count, c + (row - skip) * plan.CRow + first, plan.CRow,
                        plan.Bias == null || p > 0 ? null : plan.Bias + first, accumulate, relu);
                }
            }
        }
    }

    /// <summary>Columns that are taken together, and how many steps of each fill a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Group(int columns, out int steps)
    {
        // 5 and 6 columns are 4 and the others; 3 and 7 leave one out.
        var most = I.Lanes / 2;
        while (most > 1 && columns <= most / 2 + most / 8 * 2)
        {
            most /= 2;
        }

        steps = I.Lanes / most;
        return Math.Min(most, columns);
    }

    /// <summary>Writes the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write(T* sums, int sumsRow, int row, int rows, int columns, T* c, nint cRow, T* bias, bool accumulate, bool relu)
    {
        if (row == 0 && columns == sumsRow && cRow == sumsRow && bias == null)
        {
            // Rows side by side.
            for (var i = 0; i < rows * sumsRow; i += I.Lanes)
            {
                var mask = I.Mask(0, rows * sumsRow - i);
                var value = I.Load(sums + i);
                value = accumulate ? I.Add(value, I.Load(c + i, mask)) : value;
                I.Store(c + i, relu ? I.Relu(value) : value, mask);
            }

            return;
        }

        var own = I.Mask(0, columns);
        var shift = bias == null ? I.Zero : I.Load(bias, own);
        c += row * cRow;
        for (sums += row * sumsRow; row < rows; row++)
        {
            var value = I.Add(I.Load(sums), shift);
            value = accumulate ? I.Add(value, I.Load(c, own)) : value;
            I.Store(c, relu ? I.Relu(value) : value, own);
            sums += sumsRow;
            c += cRow;
        }
    }
}
