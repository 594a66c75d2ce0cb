using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>Two to four rows times a matrix: so many registers of each row at a time that no sum waits for the one before.</summary>
internal static unsafe class FewRows<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    /// <summary>The most rows.</summary>
    private const int MostRows = 4;

    /// <summary>Columns of a tile.</summary>
    private static int Columns(int rows) => (rows > 2 ? 4 : 8) * I.Lanes;

    /// <summary>Whether a plan is of this kind, on a processor with registers for it.</summary>
    public static bool Takes(in Plan<T> plan)
        => plan.Rows is > 1 and <= MostRows && plan.Panels == Panels.Direct && plan.Columns >= Columns(plan.Rows) && plan.Inner > 0
            && I.Rows1 >= 16 && !plan.Accumulate;

    /// <summary>Chooses the blocks.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="blocks">Blocks that are worth sharing out.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cut(ref Plan<T> plan, int blocks)
    {
        plan.Stretch = Plan<T>.StretchOf(plan.Inner);
        plan.RowBlocks = 1;
        plan.ColumnBlocks = Math.Clamp(blocks, 1, Tiles(plan));
    }

    /// <summary>Computes one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Plan<T> plan, int block)
    {
        var matrix = block / plan.ColumnBlocks;
        block -= matrix * plan.ColumnBlocks;
        var (tiles, width) = (Tiles(plan), Columns(plan.Rows));
        var tile = (int)((long)tiles * block / plan.ColumnBlocks);
        var end = (int)((long)tiles * (block + 1) / plan.ColumnBlocks);
        var a = plan.A + matrix * plan.AMatrix;
        var b = plan.B + matrix * plan.BMatrix;
        var c = plan.C + matrix * plan.CMatrix;
        var sums = (T*)Scratch.Own((nint)(MostRows * width) * sizeof(T));
        for (; tile < end; tile++)
        {
            // The last tile begins where the matrix has enough columns left: what it computes again is the same.
            var column = Math.Min(tile * width, plan.Columns - width);
            for (var p = 0; p < plan.Inner; p += plan.Stretch)
            {
                var inner = Math.Min(plan.Stretch, plan.Inner - p);
                if (plan.Rows > 2)
                {
                    Four(inner, plan.Rows, a + p * plan.AStep, plan.ARow, plan.AStep, b + p * plan.BRow + column, plan.BRow, sums, width, p > 0);
                }
                else
                {
                    Two(inner, a + p * plan.AStep, plan.ARow, plan.AStep, b + p * plan.BRow + column, plan.BRow, sums, width, p > 0);
                }
            }

            if (plan.Flipped)
            {
                Packing<V, T, I>.TransposeOut(sums, width, plan.Rows, width, c + column * plan.CRow, plan.CRow, false, plan.Bias, plan.Relu);
                continue;
            }

            for (var row = 0; row < plan.Rows; row++)
            {
                for (var j = 0; j < width; j += I.Lanes)
                {
                    var value = I.Load(sums + row * width + j);
                    value = plan.Bias == null ? value : I.Add(value, I.Load(plan.Bias + column + j));
                    I.Store(c + row * plan.CRow + column + j, plan.Relu ? I.Relu(value) : value);
                }
            }
        }
    }

    private static int Tiles(in Plan<T> plan) => (plan.Columns + Columns(plan.Rows) - 1) / Columns(plan.Rows);

    /// <summary>Up to four rows of four registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(int inner, int rows, T* a, nint aRow, nint aStep, T* b, nint bRow, T* c, nint cRow, bool add)
    {
        V c0a = I.Zero, c0b = I.Zero, c0c = I.Zero, c0d = I.Zero;
        V c1a = I.Zero, c1b = I.Zero, c1c = I.Zero, c1d = I.Zero;
        V c2a = I.Zero, c2b = I.Zero, c2c = I.Zero, c2d = I.Zero;
        V c3a = I.Zero, c3b = I.Zero, c3c = I.Zero, c3d = I.Zero;
        T* a0 = a, a1 = a + aRow, a2 = rows > 2 ? a + 2 * aRow : a, a3 = rows > 3 ? a + 3 * aRow : a;
        for (; inner > 0; inner--)
        {
            V b0 = I.Load(b), b1 = I.Load(b + I.Lanes), b2 = I.Load(b + 2 * I.Lanes), b3 = I.Load(b + 3 * I.Lanes);
            var x = I.Broadcast(*a0);
            c0a = I.MultiplyAdd(x, b0, c0a); c0b = I.MultiplyAdd(x, b1, c0b); c0c = I.MultiplyAdd(x, b2, c0c); c0d = I.MultiplyAdd(x, b3, c0d);
            x = I.Broadcast(*a1);
            c1a = I.MultiplyAdd(x, b0, c1a); c1b = I.MultiplyAdd(x, b1, c1b); c1c = I.MultiplyAdd(x, b2, c1c); c1d = I.MultiplyAdd(x, b3, c1d);
            x = I.Broadcast(*a2);
            c2a = I.MultiplyAdd(x, b0, c2a); c2b = I.MultiplyAdd(x, b1, c2b); c2c = I.MultiplyAdd(x, b2, c2c); c2d = I.MultiplyAdd(x, b3, c2d);
            x = I.Broadcast(*a3);
            c3a = I.MultiplyAdd(x, b0, c3a); c3b = I.MultiplyAdd(x, b1, c3b); c3c = I.MultiplyAdd(x, b2, c3c); c3d = I.MultiplyAdd(x, b3, c3d);
            a0 += aStep; a1 += aStep; a2 += aStep; a3 += aStep;
            b += bRow;
        }

        if (add)
        {
            c0a = I.Add(c0a, I.Load(c)); c0b = I.Add(c0b, I.Load(c + I.Lanes)); c0c = I.Add(c0c, I.Load(c + 2 * I.Lanes));
            c0d = I.Add(c0d, I.Load(c + 3 * I.Lanes));
            c1a = I.Add(c1a, I.Load(c + cRow)); c1b = I.Add(c1b, I.Load(c + cRow + I.Lanes));
            c1c = I.Add(c1c, I.Load(c + cRow + 2 * I.Lanes)); c1d = I.Add(c1d, I.Load(c + cRow + 3 * I.Lanes));
            if (rows > 2)
            {
                c2a = I.Add(c2a, I.Load(c + 2 * cRow)); c2b = I.Add(c2b, I.Load(c + 2 * cRow + I.Lanes));
                c2c = I.Add(c2c, I.Load(c + 2 * cRow + 2 * I.Lanes)); c2d = I.Add(c2d, I.Load(c + 2 * cRow + 3 * I.Lanes));
            }

            if (rows > 3)
            {
                c3a = I.Add(c3a, I.Load(c + 3 * cRow)); c3b = I.Add(c3b, I.Load(c + 3 * cRow + I.Lanes));
                c3c = I.Add(c3c, I.Load(c + 3 * cRow + 2 * I.Lanes)); c3d = I.Add(c3d, I.Load(c + 3 * cRow + 3 * I.Lanes));
            }
        }

        I.Store(c, c0a); I.Store(c + I.Lanes, c0b); I.Store(c + 2 * I.Lanes, c0c); I.Store(c + 3 * I.Lanes, c0d);
        I.Store(c + cRow, c1a); I.Store(c + cRow + I.Lanes, c1b); I.Store(c + cRow + 2 * I.Lanes, c1c);
        I.Store(c + cRow + 3 * I.Lanes, c1d);
        if (rows > 2)
        {
            I.Store(c + 2 * cRow, c2a); I.Store(c + 2 * cRow + I.Lanes, c2b); I.Store(c + 2 * cRow + 2 * I.Lanes, c2c);
            I.Store(c + 2 * cRow + 3 * I.Lanes, c2d);
        }

        if (rows > 3)
        {
            I.Store(c + 3 * cRow, c3a); I.Store(c + 3 * cRow + I.Lanes, c3b); I.Store(c + 3 * cRow + 2 * I.Lanes, c3c);
            I.Store(c + 3 * cRow + 3 * I.Lanes, c3d);
        }
    }

    /// <summary>Two rows of eight registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(int inner, T* a, nint aRow, nint aStep, T* b, nint bRow, T* c, nint cRow, bool add)
    {
        V c0a = I.Zero, c0b = I.Zero, c0c = I.Zero, c0d = I.Zero, c0e = I.Zero, c0f = I.Zero, c0g = I.Zero, c0h = I.Zero;
        V c1a = I.Zero, c1b = I.Zero, c1c = I.Zero, c1d = I.Zero, c1e = I.Zero, c1f = I.Zero, c1g = I.Zero, c1h = I.Zero;
        T* a0 = a, a1 = a + aRow;
        for (; inner > 0; inner--)
        {
            V x = I.Broadcast(*a0), y = I.Broadcast(*a1), z;
            z = I.Load(b); c0a = I.MultiplyAdd(x, z, c0a); c1a = I.MultiplyAdd(y, z, c1a);
            z = I.Load(b + I.Lanes); c0b = I.MultiplyAdd(x, z, c0b); c1b = I.MultiplyAdd(y, z, c1b);
            z = I.Load(b + 2 * I.Lanes); c0c = I.MultiplyAdd(x, z, c0c); c1c = I.MultiplyAdd(y, z, c1c);
            z = I.Load(b + 3 * I.Lanes); c0d = I.MultiplyAdd(x, z, c0d); c1d = I.MultiplyAdd(y, z, c1d);
            z = I.Load(b + 4 * I.Lanes); c0e = I.MultiplyAdd(x, z, c0e); c1e = I.MultiplyAdd(y, z, c1e);
            z = I.Load(b + 5 * I.Lanes); c0f = I.MultiplyAdd(x, z, c0f); c1f = I.MultiplyAdd(y, z, c1f);
            z = I.Load(b + 6 * I.Lanes); c0g = I.MultiplyAdd(x, z, c0g); c1g = I.MultiplyAdd(y, z, c1g);
            z = I.Load(b + 7 * I.Lanes); c0h = I.MultiplyAdd(x, z, c0h); c1h = I.MultiplyAdd(y, z, c1h);
            a0 += aStep; a1 += aStep;
            b += bRow;
        }

        if (add)
        {
            c0a = I.Add(c0a, I.Load(c)); c0b = I.Add(c0b, I.Load(c + I.Lanes)); c0c = I.Add(c0c, I.Load(c + 2 * I.Lanes));
            c0d = I.Add(c0d, I.Load(c + 3 * I.Lanes)); c0e = I.Add(c0e, I.Load(c + 4 * I.Lanes));
            c0f = I.Add(c0f, I.Load(c + 5 * I.Lanes)); c0g = I.Add(c0g, I.Load(c + 6 * I.Lanes));
            c0h = I.Add(c0h, I.Load(c + 7 * I.Lanes));
            c1a = I.Add(c1a, I.Load(c + cRow)); c1b = I.Add(c1b, I.Load(c + cRow + I.Lanes));
            c1c = I.Add(c1c, I.Load(c + cRow + 2 * I.Lanes)); c1d = I.Add(c1d, I.Load(c + cRow + 3 * I.Lanes));
            c1e = I.Add(c1e, I.Load(c + cRow + 4 * I.Lanes)); c1f = I.Add(c1f, I.Load(c + cRow + 5 * I.Lanes));
            c1g = I.Add(c1g, I.Load(c + cRow + 6 * I.Lanes)); c1h = I.Add(c1h, I.Load(c + cRow + 7 * I.Lanes));
        }

        I.Store(c, c0a); I.Store(c + I.Lanes, c0b); I.Store(c + 2 * I.Lanes, c0c); I.Store(c + 3 * I.Lanes, c0d);
        I.Store(c + 4 * I.Lanes, c0e); I.Store(c + 5 * I.Lanes, c0f); I.Store(c + 6 * I.Lanes, c0g);
        I.Store(c + 7 * I.Lanes, c0h);
        I.Store(c + cRow, c1a); I.Store(c + cRow + I.Lanes, c1b); I.Store(c + cRow + 2 * I.Lanes, c1c);
        I.Store(c + cRow + 3 * I.Lanes, c1d); I.Store(c + cRow + 4 * I.Lanes, c1e); I.Store(c + cRow + 5 * I.Lanes, c1f);
        I.Store(c + cRow + 6 * I.Lanes, c1g); I.Store(c + cRow + 7 * I.Lanes, c1h);
    }
}
