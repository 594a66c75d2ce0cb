using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>Brings a part of B into a panel: consecutive rows of as many columns as a tile is wide, padded with zeros.</summary>
internal static unsafe class Packing<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    /// <summary>panel[p, j] = source[p, j] for j &lt; columns, and zero up to the end of a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(T* source, nint sourceRow, int inner, int columns, T* panel, nint panelRow)
    {
        nint last = (columns - 1) / I.Lanes * I.Lanes;
        var mask = I.Mask(0, columns - (int)last);
        for (var p = 0; p < inner; p++)
        {
            for (nint j = 0; j < last; j += I.Lanes)
            {
                I.Store(panel + j, I.Load(source + j));
            }

            I.Store(panel + last, I.Load(source + last, mask));
            source += sourceRow;
            panel += panelRow;
        }
    }

    /// <summary>
    /// The same for some panels at once, each two registers wide, the last <paramref name="lastWidth"/>: rows are read from end to end, which is
    /// what memory likes best.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CopyPanels(
        T* source, nint sourceRow, int inner, int count, int lastWidth, int columns, T* panels, nint panelSize)
    {
        nint row = 2 * I.Lanes, lastRow = lastWidth * I.Lanes, start = (count - 1) * row;
        columns = Math.Min(columns - (int)start, (int)lastRow);
        nint lastRegister = (columns - 1) / I.Lanes * I.Lanes;
        var mask = I.Mask(0, columns - (int)lastRegister);
        var last = panels + (count - 1) * panelSize;
        for (var p = 0; p < inner; p++)
        {
            T* from = source, to = panels;
            for (var panel = count; panel > 1; panel--)
            {
                I.Store(to, I.Load(from));
                I.Store(to + I.Lanes, I.Load(from + I.Lanes));
                from += row;
                to += panelSize;
            }

            for (nint j = 0; j < lastRegister; j += I.Lanes)
            {
                I.Store(last + j, I.Load(from + j));
            }

            I.Store(last + lastRegister, I.Load(from + lastRegister, mask));
            source += sourceRow;
            panels += row;
            last += lastRow;
        }
    }

    /// <summary>panel[p, j] = source[j, p] for j &lt; columns; the panel is <paramref name="width"/> registers wide.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(T* source, nint sourceRow, int inner, int columns, int width, T* panel)
    {
        nint row = width * I.Lanes;
        var square = stackalloc T[I.Lanes * I.Lanes];
        for (var register = 0; register < width; register++)
        {
            var lanes = Math.Min(I.Lanes, columns - register * I.Lanes);
            var from = source + register * I.Lanes * sourceRow;
            var to = panel + register * I.Lanes;
            var p = 0;
            if (lanes == I.Lanes)
            {
                for (; p <= inner - I.Lanes; p += I.Lanes)
                {
                    I.Transpose(from + p, sourceRow, to + p * row, row);
                }
            }

            for (; p < inner; p += I.Lanes)
            {
                // An edge: through a small square, whose unused part is zero.
                var steps = Math.Min(I.Lanes, inner - p);
                var mask = I.Mask(0, steps);
                for (var j = 0; j < I.Lanes; j++)
                {
                    I.Store(square + j * I.Lanes, j < lanes ? I.Load(from + j * sourceRow + p, mask) : I.Zero);
                }

                if (steps == I.Lanes)
                {
                    I.Transpose(square, I.Lanes, to + p * row, row);
                    continue;
                }

                for (var step = 0; step < steps; step++)
                {
                    for (var j = 0; j < I.Lanes; j++)
                    {
                        to[(p + step) * row + j] = square[j * I.Lanes + step];
                    }
                }
            }
        }
    }

    /// <summary>
    /// target[j, i] = source[i, j], plus what is there, plus the bias of i, then ReLU. Source rows and their width are padded
    /// to whole registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposeOut(
        T* source, nint sourceRow, int rows, int columns, T* target, nint targetRow, bool accumulate, T* bias, bool relu)
    {
        var square = stackalloc T[I.Lanes * I.Lanes];
        if (!accumulate && rows <= I.Lanes / 2)
        {
            for (var i = 0; i < rows; i += 4)
            {
                TransposeFewOut(source + i * sourceRow, sourceRow, Math.Min(4, rows - i), columns, target + i, targetRow, bias == null ? null : bias + i, relu);
            }

            return;
        }

        for (var i = 0; i < rows; i += I.Lanes)
        {
            var mask = I.Mask(0, Math.Min(I.Lanes, rows - i));
            var shift = bias != null ? I.Load(bias + i, mask) : I.Zero;
            for (var j = 0; j < columns; j += I.Lanes)
            {
                I.Transpose(source + i * sourceRow + j, sourceRow, square, I.Lanes);
                var count = Math.Min(I.Lanes, columns - j);
                for (var lane = 0; lane < count; lane++)
                {
                    var to = target + (j + lane) * targetRow + i;
                    var value = I.Add(I.Load(square + lane * I.Lanes), shift);
                    value = accumulate ? I.Add(value, I.Load(to, mask)) : value;
                    I.Store(to, relu ? I.Relu(value) : value, mask);
                }
            }
        }
    }

    /// <summary>The same for up to four rows, which are changed, and nothing to add to; there is room for four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeFewOut(T* source, nint sourceRow, int rows, int columns, T* target, nint targetRow, T* bias, bool relu)
    {
        if (bias != null || relu)
        {
            for (var row = 0; row < rows; row++)
            {
                var shift = bias != null ? I.Broadcast(bias[row]) : I.Zero;
                for (var j = 0; j < columns; j += I.Lanes)
                {
                    var value = I.Add(I.Load(source + row * sourceRow + j), shift);
                    I.Store(source + row * sourceRow + j, relu ? I.Relu(value) : value);
                }
            }
        }

        nint column = 0;
        var four = stackalloc T[4 * I.Lanes];
        for (; column <= columns - I.Lanes; column += I.Lanes)
        {
            var to = target + column * targetRow;
            if (rows == 4)
            {
                I.TransposeFour(source + column, sourceRow, to, targetRow);
                continue;
            }

            I.TransposeFour(source + column, sourceRow, four, 4);
            for (var lane = 0; lane < I.Lanes; lane++)
            {
                (to[0], to[rows / 2]) = (four[4 * lane], four[4 * lane + rows / 2]);
                if (rows == 3)
                {
                    to[2] = four[4 * lane + 2];
                }

                to += targetRow;
            }
        }

        target += column * targetRow;
        for (source += column; column < columns; column++)
        {
            for (var row = 0; row < rows; row++)
            {
                target[row] = source[row * sourceRow];
            }

            source++;
            target += targetRow;
        }
    }
}
