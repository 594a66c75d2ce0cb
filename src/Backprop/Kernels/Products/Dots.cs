using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>
/// C = A · Bᵀ where A has few rows: dot products of rows, with nothing packed. A row of C lies <see cref="CRow"/> elements from
/// the next and its columns <see cref="CStep"/>.
/// </summary>
internal unsafe struct Dots<T>
    where T : unmanaged
{
    public int Rows;
    public int Columns;
    public int Inner;

    public T* A;
    public nint ARow;

    public T* B;
    public nint BRow;

    public T* C;
    public nint CRow;
    public nint CStep;

    public T* Bias;
    public nint BiasStep;
    public bool Accumulate;
    public bool Relu;

    public int Batch;
    public nint AMatrix;
    public nint BMatrix;
    public nint CMatrix;

    /// <summary>Blocks of columns, the same in every matrix.</summary>
    public int ColumnBlocks;
}

/// <summary>Runs the blocks of a <see cref="Dots{T}"/>.</summary>
internal static unsafe class DotBlocks<V, T, I>
    where V : struct
    where T : unmanaged, INumber<T>
    where I : IRegister<V, T>
{
    /// <summary>Columns of a tile.</summary>
    private const int Width = 4;

    /// <summary>Computes one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Dots<T> dots, int block)
    {
        var matrix = block / dots.ColumnBlocks;
        block -= matrix * dots.ColumnBlocks;
        var a = dots.A + matrix * dots.AMatrix;
        var b = dots.B + matrix * dots.BMatrix;
        var c = dots.C + matrix * dots.CMatrix;
        var groups = (dots.Columns + Width - 1) / Width;
        var end = Math.Min(dots.Columns, (int)((long)groups * (block + 1) / dots.ColumnBlocks) * Width);
        var sums = stackalloc T[4 * Width + I.Lanes];
        for (var j = (int)((long)groups * block / dots.ColumnBlocks) * Width; j < end; j += Width)
        {
            var columns = Math.Min(Width, end - j);
            var column = b + j * dots.BRow;
            for (int i = 0, rows; i < dots.Rows; i += rows)
            {
                var row = a + i * dots.ARow;
                var pitch = Width;
                rows = dots.Rows - i;
                if (rows > 2 && I.Rows2 > 6)
                {
                    rows = Math.Min(4, rows);
                    if (columns > 2)
                    {
                        Tile<Rows4, Rows4>(dots.Inner, row, dots.ARow, rows, column, dots.BRow, columns, sums);
                    }
                    else
                    {
                        pitch = 2;
                        Tile<Rows4, Rows2>(dots.Inner, row, dots.ARow, rows, column, dots.BRow, columns, sums);
                    }
                }
                else if (rows > 1)
                {
                    rows = 2;
                    Tile<Rows2, Rows4>(dots.Inner, row, dots.ARow, rows, column, dots.BRow, columns, sums);
                }
                else
                {
                    One(dots.Inner, row, column, dots.BRow, columns, sums);
                }

                Finish(dots, sums, pitch, rows, columns, c + i * dots.CRow + j * dots.CStep, dots.Bias + j * dots.BiasStep);
            }
        }
    }

    /// <summary>Four dot products of one row of A, two steps at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(int inner, T* a, T* b, nint bRow, int columns, T* sums)
    {
        T* b0 = b, b1 = columns > 1 ? b0 + bRow : b0, b2 = columns > 2 ? b1 + bRow : b0, b3 = columns > 3 ? b2 + bRow : b0;
        V s0 = I.Zero, s1 = I.Zero, s2 = I.Zero, s3 = I.Zero, t0 = I.Zero, t1 = I.Zero, t2 = I.Zero, t3 = I.Zero;
        V x;
        nint p = 0, whole = inner - inner % I.Lanes;
        for (; p < whole - I.Lanes; p += 2 * I.Lanes)
        {
            x = I.Load(a + p);
            s0 = I.MultiplyAdd(x, I.Load(b0 + p), s0);
            s1 = I.MultiplyAdd(x, I.Load(b1 + p), s1);
            s2 = I.MultiplyAdd(x, I.Load(b2 + p), s2);
            s3 = I.MultiplyAdd(x, I.Load(b3 + p), s3);
            x = I.Load(a + p + I.Lanes);
            t0 = I.MultiplyAdd(x, I.Load(b0 + p + I.Lanes), t0);
            t1 = I.MultiplyAdd(x, I.Load(b1 + p + I.Lanes), t1);
            t2 = I.MultiplyAdd(x, I.Load(b2 + p + I.Lanes), t2);
            t3 = I.MultiplyAdd(x, I.Load(b3 + p + I.Lanes), t3);
        }

        if (p < whole)
        {
            x = I.Load(a + p);
            s0 = I.MultiplyAdd(x, I.Load(b0 + p), s0);
            s1 = I.MultiplyAdd(x, I.Load(b1 + p), s1);
            s2 = I.MultiplyAdd(x, I.Load(b2 + p), s2);
            s3 = I.MultiplyAdd(x, I.Load(b3 + p), s3);
        }

        if (whole < inner)
        {
            var mask = I.Mask(0, inner - (int)whole);
            x = I.Load(a + whole, mask);
            t0 = I.MultiplyAdd(x, I.Load(b0 + whole, mask), t0);
            t1 = I.MultiplyAdd(x, I.Load(b1 + whole, mask), t1);
            t2 = I.MultiplyAdd(x, I.Load(b2 + whole, mask), t2);
            t3 = I.MultiplyAdd(x, I.Load(b3 + whole, mask), t3);
        }

        I.Sum(I.Add(s0, t0), I.Add(s1, t1), I.Add(s2, t2), I.Add(s3, t3), sums);
    }

    /// <summary>Two or four dot products each of two or four rows of A; a spare row repeats the last one, spare columns the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<R, W>(int inner, T* a, nint aRow, int rows, T* b, nint bRow, int columns, T* sums)
        where R : IRows
        where W : IRows
    {
        T* a0 = a, a1 = a + aRow, a2 = a + 2 * aRow, a3 = a + (rows - 1) * aRow;
        T* b0 = b, b1 = columns > 1 ? b0 + bRow : b0, b2 = columns > 2 ? b1 + bRow : b0, b3 = columns > 3 ? b2 + bRow : b0;
        V c00 = I.Zero, c01 = I.Zero, c02 = I.Zero, c03 = I.Zero;
        V c10 = I.Zero, c11 = I.Zero, c12 = I.Zero, c13 = I.Zero;
        V c20 = I.Zero, c21 = I.Zero, c22 = I.Zero, c23 = I.Zero;
        V c30 = I.Zero, c31 = I.Zero, c32 = I.Zero, c33 = I.Zero;
        V x, y0, y1, y2, y3;
        nint p = 0, whole = inner - inner % I.Lanes;
        for (; p < whole; p += I.Lanes)
        {
            y0 = I.Load(b0 + p); y1 = I.Load(b1 + p);
            y2 = W.Count == 4 ? I.Load(b2 + p) : I.Zero; y3 = W.Count == 4 ? I.Load(b3 + p) : I.Zero;
            x = I.Load(a0 + p);
            c00 = I.MultiplyAdd(x, y0, c00); c01 = I.MultiplyAdd(x, y1, c01);
            if (W.Count == 4) { c02 = I.MultiplyAdd(x, y2, c02); c03 = I.MultiplyAdd(x, y3, c03); }
            x = I.Load(a1 + p);
            c10 = I.MultiplyAdd(x, y0, c10); c11 = I.MultiplyAdd(x, y1, c11);
            if (W.Count == 4) { c12 = I.MultiplyAdd(x, y2, c12); c13 = I.MultiplyAdd(x, y3, c13); }
            if (R.Count == 4)
            {
                x = I.Load(a2 + p);
                c20 = I.MultiplyAdd(x, y0, c20); c21 = I.MultiplyAdd(x, y1, c21);
                if (W.Count == 4) { c22 = I.MultiplyAdd(x, y2, c22); c23 = I.MultiplyAdd(x, y3, c23); }
                x = I.Load(a3 + p);
                c30 = I.MultiplyAdd(x, y0, c30); c31 = I.MultiplyAdd(x, y1, c31);
                if (W.Count == 4) { c32 = I.MultiplyAdd(x, y2, c32); c33 = I.MultiplyAdd(x, y3, c33); }
            }
        }

        if (p < inner)
        {
            var mask = I.Mask(0, inner - (int)whole);
            y0 = I.Load(b0 + p, mask); y1 = I.Load(b1 + p, mask);
            y2 = W.Count == 4 ? I.Load(b2 + p, mask) : I.Zero; y3 = W.Count == 4 ? I.Load(b3 + p, mask) : I.Zero;
            x = I.Load(a0 + p, mask);
            c00 = I.MultiplyAdd(x, y0, c00); c01 = I.MultiplyAdd(x, y1, c01);
            if (W.Count == 4) { c02 = I.MultiplyAdd(x, y2, c02); c03 = I.MultiplyAdd(x, y3, c03); }
            x = I.Load(a1 + p, mask);
            c10 = I.MultiplyAdd(x, y0, c10); c11 = I.MultiplyAdd(x, y1, c11);
            if (W.Count == 4) { c12 = I.MultiplyAdd(x, y2, c12); c13 = I.MultiplyAdd(x, y3, c13); }
            if (R.Count == 4)
            {
                x = I.Load(a2 + p, mask);
                c20 = I.MultiplyAdd(x, y0, c20); c21 = I.MultiplyAdd(x, y1, c21);
                if (W.Count == 4) { c22 = I.MultiplyAdd(x, y2, c22); c23 = I.MultiplyAdd(x, y3, c23); }
                x = I.Load(a3 + p, mask);
                c30 = I.MultiplyAdd(x, y0, c30); c31 = I.MultiplyAdd(x, y1, c31);
                if (W.Count == 4) { c32 = I.MultiplyAdd(x, y2, c32); c33 = I.MultiplyAdd(x, y3, c33); }
            }
        }

        if (W.Count == 2)
        {
            I.Sum(c00, c01, c10, c11, sums);
            if (R.Count == 4) { I.Sum(c20, c21, c30, c31, sums + 4); }
            return;
        }

        I.Sum(c00, c01, c02, c03, sums);
        I.Sum(c10, c11, c12, c13, sums + Width);
        if (R.Count == 4)
        {
            I.Sum(c20, c21, c22, c23, sums + 2 * Width);
            I.Sum(c30, c31, c32, c33, sums + 3 * Width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish(in Dots<T> dots, T* sums, int sumsRow, int rows, int columns, T* c, T* bias)
    {
        if (dots.CStep == 1 && I.Lanes >= Width && (dots.Bias == null || dots.BiasStep == 1))
        {
            var mask = I.Mask(0, columns);
            var shift = dots.Bias != null ? I.Load(bias, mask) : I.Zero;
            for (; rows > 0; rows--)
            {
                var value = I.Load(sums);
                value = dots.Accumulate ? I.Add(value, I.Load(c, mask)) : value;
                value = dots.Bias != null ? I.Add(value, shift) : value;
                I.Store(c, dots.Relu ? I.Relu(value) : value, mask);
                sums += sumsRow;
                c += dots.CRow;
            }

            return;
        }

        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                var to = c + i * dots.CRow + j * dots.CStep;
                var value = sums[i * sumsRow + j];
                value = dots.Accumulate ? value + *to : value;
                value = dots.Bias != null ? value + bias[j * dots.BiasStep] : value;
                *to = dots.Relu && value < T.Zero ? T.Zero : value;
            }
        }
    }
}
