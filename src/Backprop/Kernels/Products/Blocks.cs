using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>Runs the blocks of a <see cref="Plan{T}"/>: panels of columns, tiles of rows, the inner dimension in a few stretches.</summary>
internal static unsafe class Blocks<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    /// <summary>Panels that a packed strip of A is taken through: with their part of B, they stay in the second-level cache.</summary>
    private const int MostPanels = 16;

    /// <summary>A result that stays in the second-level cache.</summary>
    private const int NearBytes = 1024 * 1024;

    /// <summary>Rows of it that, far apart as they are, do not share their places there.</summary>
    private const int MostNearRows = 512;

    /// <summary>Registers in a row of C.</summary>
    public static int Registers(int columns) => (columns + I.Lanes - 1) / I.Lanes;

    /// <summary>Panels are two registers wide; the last takes a third if their number is odd.</summary>
    public static int PanelCount(int columns) => Math.Max(1, Registers(columns) / 2);

    /// <summary>The most rows of a tile in panels of this width.</summary>
    public static int MostRows(int width) => width switch { 1 => I.Rows1, 2 => I.Rows2, _ => I.Rows3 };

    /// <summary>Elements from one step to the next in a packed strip of A.</summary>
    private static int StripWidth => (I.Rows2 + I.Lanes - 1) / I.Lanes * I.Lanes;

    /// <summary>Rows of a strip: those of the tiles of most panels.</summary>
    private static int StripRows(int columns) => Registers(columns) == 1 ? I.Rows1 : I.Rows2;

    /// <summary>Elements of all prepared panels.</summary>
    public static nint PreparedSize(int columns, int inner) => (nint)Registers(columns) * I.Lanes * inner;

    /// <summary>Fills one prepared panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Prepare(in Plan<T> plan, T* source, int panel, T* panels)
    {
        var first = panel * 2 * I.Lanes;
        Packing<V, T, I>.Transpose(
            source + first * plan.BRow, plan.BRow, plan.Inner, plan.Columns - first, Width(plan.Columns, panel),
            panels + (nint)first * plan.Inner);
    }

    /// <summary>Computes one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Plan<T> plan, int block)
    {
        int matrix = 0, rowBlock = 0, columnBlock = 0;
        if (plan.Blocks > 1)
        {
            (matrix, block) = Math.DivRem(block, plan.RowBlocks * plan.ColumnBlocks);
            (rowBlock, columnBlock) = Math.DivRem(block, plan.ColumnBlocks);
        }

        var firstRow = Part(plan.Rows, rowBlock, plan.RowBlocks);
        var rows = Part(plan.Rows, rowBlock + 1, plan.RowBlocks) - firstRow;
        var panels = PanelCount(plan.Columns);
        var (firstPanel, endPanel) = (0, panels);
        if (plan.ColumnBlocks > 1)
        {
            firstPanel = (int)((long)panels * columnBlock / plan.ColumnBlocks);
            endPanel = (int)((long)panels * (columnBlock + 1) / plan.ColumnBlocks);
        }

        var a = plan.A + matrix * plan.AMatrix + firstRow * plan.ARow;
        var b = plan.B + matrix * plan.BMatrix;
        var c = plan.C + matrix * plan.CMatrix + (plan.Flipped ? firstRow : firstRow * plan.CRow);
        var stretch = plan.Flipped ? Math.Max(1, plan.Inner) : plan.Stretch;

        Strips<T> strips = default;
        strips.Count = (rows + StripRows(plan.Columns) - 1) / StripRows(plan.Columns);
        strips.Rows = rows;
        nint panelSize = plan.Panels is Panels.Copied or Panels.Transposed ? 3 * I.Lanes * stretch : 0;
        nint flippedSize = plan.Flipped ? 3 * I.Lanes * (rows + I.Lanes) : 0;
        var scratchSize = plan.PackA ? MostPanels * panelSize + StripWidth * stretch : panelSize + flippedSize;
        var scratch = scratchSize == 0 ? null : (T*)Scratch.Own(scratchSize * sizeof(T));
        var flipped = scratch + panelSize;

        Tile<T> tile = default;
        for (var p = 0; p < Math.Max(1, plan.Inner); p += stretch)
        {
            tile.Inner = Math.Min(stretch, plan.Inner - p);
            strips.A = a + p * plan.AStep;
            (tile.ARow, tile.AStep) = (plan.ARow, plan.AStep);
            if (plan.PackA)
            {
                var packed = plan.Strips == null ? null : plan.Strips + StripsBefore(plan, p / stretch * plan.RowBlocks + rowBlock) * StripSize(plan);
                RunPacked(plan, tile, strips, packed, b, c, p, stretch, firstPanel, endPanel, scratch);
                continue;
            }

            for (var panel = firstPanel; panel < endPanel; panel++)
            {
                var column = panel * 2 * I.Lanes;
                var width = Width(plan.Columns, panel);
                var columns = SetPanel(plan, ref tile, b, p, panel, scratch);
                if (plan.Flipped)
                {
                    RunFlipped(tile, strips, width, flipped, plan.Stretch);
                    Packing<V, T, I>.TransposeOut(
                        flipped, width * I.Lanes, rows, columns, c + column * plan.CRow, plan.CRow,
                        plan.Accumulate, plan.Bias == null ? null : plan.Bias + firstRow, plan.Relu);
                    continue;
                }

                SetResult(plan, ref tile, c, column, p, stretch);
                Run(tile, strips, width);
            }
        }
    }

    /// <summary>Computes one panel of the transposed result, stretch by stretch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunFlipped(Tile<T> tile, Strips<T> strips, int width, T* flipped, int stretch)
    {
        var inner = tile.Inner;
        tile.C = flipped;
        tile.CRow = tile.StartRow = width * I.Lanes;
        for (nint p = 0; p == 0 || p < inner; p += stretch)
        {
            tile.Inner = Math.Min(stretch, inner - p);
            Run(tile, strips, width);
            tile.Start = flipped;
            tile.B += stretch * tile.BStep;
            strips.A += stretch * tile.AStep;
        }
    }

    /// <summary>
    /// Copies a transposed A strip by strip, so that its steps lie close together whatever its leading dimension, and takes each strip through the
    /// panels while it is in the first-level cache.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPacked(
        in Plan<T> plan, Tile<T> tile, in Strips<T> strips, T* packed, T* b, T* c, int p, int stretch, int firstPanel, int endPanel, T* scratch)
    {
        var packs = plan.Panels is Panels.Copied or Panels.Transposed;
        nint panelSize = packs ? 3 * I.Lanes * stretch : 0;
        var strip = scratch + MostPanels * panelSize;
        if (packed != null && plan.Rows <= MostNearRows && (nint)plan.Rows * plan.Columns * sizeof(T) <= NearBytes)
        {
            // Panel by panel, each in the first-level cache for all strips; a result farther away wants its rows written side by side.
            tile.ARow = 1;
            tile.AStep = StripWidth;
            for (; firstPanel < endPanel; firstPanel++)
            {
                SetPanel(plan, ref tile, b, p, firstPanel, scratch);
                SetResult(plan, ref tile, c, firstPanel * 2 * I.Lanes, p, stretch);
                for (var index = 0; index < strips.Count; index++)
                {
                    tile.A = packed + index * StripSize(plan);
                    RunStrip(ref tile, Part(strips.Rows, index + 1, strips.Count) - Part(strips.Rows, index, strips.Count), Width(plan.Columns, firstPanel));
                }
            }

            return;
        }

        var tiles = stackalloc Tile<T>[MostPanels];
        for (; firstPanel < endPanel; firstPanel += MostPanels)
        {
            var count = Math.Min(MostPanels, endPanel - firstPanel);
            if (plan.Panels == Panels.Copied)
            {
                var column = firstPanel * 2 * I.Lanes;
                Packing<V, T, I>.CopyPanels(
                    b + p * plan.BRow + column, plan.BRow, (int)tile.Inner, count, Width(plan.Columns, firstPanel + count - 1),
                    plan.Columns - column, scratch, panelSize);
            }

            for (var i = 0; i < count; i++)
            {
                SetPanel(plan, ref tile, b, p, firstPanel + i, scratch + i * panelSize, isCopied: true);
                SetResult(plan, ref tile, c, (firstPanel + i) * 2 * I.Lanes, p, stretch);
                tile.ARow = 1;
                tile.AStep = StripWidth;
                tiles[i] = tile;
            }

            for (var index = 0; index < strips.Count; index++)
            {
                var first = Part(strips.Rows, index, strips.Count);
                var rows = Part(strips.Rows, index + 1, strips.Count) - first;
                if (packed == null)
                {
                    PackStrip(plan, strips.A + first * plan.ARow, rows, strips.Rows - first, (int)tile.Inner, strip);
                }
                else
                {
                    strip = packed + index * StripSize(plan);
                }

                for (var i = 0; i < count; i++)
                {
                    tiles[i].A = strip;
                    RunStrip(ref tiles[i], rows, Width(plan.Columns, firstPanel + i));
                }
            }
        }
    }

    /// <summary>Elements of all strips of a plan.</summary>
    public static nint StripsSize(in Plan<T> plan)
        => StripsBefore(plan, (plan.Inner + plan.Stretch - 1) / plan.Stretch * plan.RowBlocks) * StripSize(plan);

    /// <summary>How many strips there are to <see cref="PrepareStrip"/>.</summary>
    public static int StripCount(in Plan<T> plan) => (int)StripsBefore(plan, (plan.Inner + plan.Stretch - 1) / plan.Stretch * plan.RowBlocks);

    /// <summary>Copies one of the strips of all blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PrepareStrip(in Plan<T> plan, int index)
    {
        var (part, strip) = Math.DivRem(index, (int)StripsBefore(plan, 1));
        var (stretch, block) = Math.DivRem(part, plan.RowBlocks);
        var start = Part(plan.Rows, block, plan.RowBlocks);
        var all = Part(plan.Rows, block + 1, plan.RowBlocks) - start;
        var count = (all + StripRows(plan.Columns) - 1) / StripRows(plan.Columns);
        if (strip >= count)
        {
            return;
        }

        var p = stretch * plan.Stretch;
        var first = Part(all, strip, count);
        PackStrip(
            plan, plan.A + (start + first) * plan.ARow + p * plan.AStep, Part(all, strip + 1, count) - first, all - first,
            Math.Min(plan.Stretch, plan.Inner - p), plan.Strips + index * StripSize(plan));
    }

    /// <summary>Elements of a strip.</summary>
    private static nint StripSize(in Plan<T> plan) => (nint)StripWidth * plan.Stretch;

    /// <summary>Strips of so many blocks of rows and one stretch each; some have one less than there is room for.</summary>
    private static nint StripsBefore(in Plan<T> plan, int blocks)
    {
        var most = ((plan.Rows + 1) / 2 + plan.RowBlocks - 1) / plan.RowBlocks * 2;
        return (nint)blocks * ((most + StripRows(plan.Columns) - 1) / StripRows(plan.Columns));
    }

    /// <summary>Copies rows of A.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackStrip(in Plan<T> plan, T* a, int rows, int rowsLeft, int inner, T* strip)
    {
        if (plan.ARow == 1)
        {
            Packing<V, T, I>.Copy(a, plan.AStep, inner, rows, strip, StripWidth);
        }
        else
        {
            // Rows of the next strip come along where there are any: whole squares are transposed faster.
            Packing<V, T, I>.Transpose(a, plan.ARow, inner, Math.Min(StripWidth, rowsLeft), StripWidth / I.Lanes, strip);
        }
    }

    /// <summary>Points a tile to its part of B, which is packed where the plan says so.</summary>
    /// <returns>How many columns the panel has.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int SetPanel(in Plan<T> plan, ref Tile<T> tile, T* b, int p, int panel, T* scratch, bool isCopied = false)
    {
        var column = panel * 2 * I.Lanes;
        var width = Width(plan.Columns, panel);
        var columns = Math.Min(width * I.Lanes, plan.Columns - column);

        tile.B = scratch;
        tile.BStep = width * I.Lanes;
        tile.Last = (width - 1) * I.Lanes;
        tile.LastFrom = 0;
        tile.LastTo = columns - (width - 1) * I.Lanes;
        switch (plan.Panels)
        {
            case Panels.Direct:
                tile.B = b + p * plan.BRow + column;
                tile.BStep = plan.BRow;
                tile.Last -= I.Lanes - tile.LastTo;
                tile.LastFrom = I.Lanes - tile.LastTo;
                tile.LastTo = I.Lanes;
                break;
            case Panels.Copied when isCopied:
                break;
            case Panels.Copied:
                Packing<V, T, I>.Copy(b + p * plan.BRow + column, plan.BRow, (int)tile.Inner, columns, scratch, tile.BStep);
                break;
            case Panels.Transposed:
                Packing<V, T, I>.Transpose(
                    b + column * plan.BRow + p, plan.BRow, (int)tile.Inner, columns, width, scratch);
                break;
            default:
                tile.B = b + column * (nint)plan.Inner + p * tile.BStep;
                break;
        }

        return columns;
    }

    /// <summary>Points a tile to where its result goes, and to what is added to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SetResult(in Plan<T> plan, ref Tile<T> tile, T* c, int column, int p, int stretch)
    {
        tile.C = c + column;
        tile.CRow = plan.CRow;
        tile.Start = null;
        tile.Relu = plan.Relu && p + stretch >= plan.Inner;
        if (p > 0 || plan.Accumulate)
        {
            tile.Start = tile.C;
            tile.StartRow = plan.CRow;
        }
        else if (plan.Bias != null)
        {
            tile.Start = plan.Bias + column;
            tile.StartRow = 0;
        }
    }

    /// <summary>Runs all tiles of one panel, whose C and Start are those of the first row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(Tile<T> tile, in Strips<T> strips, int width)
    {
        if (strips.Rows <= 0)
        {
            return;
        }

        // Tiles of two heights at most: the higher ones first.
        var most = MostRows(width);
        var count = most < MostRows(2) ? (strips.Rows + most - 1) / most : strips.Count;
        var (pairs, higher) = Math.DivRem((strips.Rows + 1) / 2, count);
        tile.A = strips.A;
        if (higher > 0)
        {
            tile.Count = higher;
            tile.Rows = higher == count ? strips.Rows - (count - 1) * 2 * (pairs + 1) : 2 * (pairs + 1);
            RunTiles(ref tile, pairs + 1, width);
        }

        tile.Count = count - higher;
        if (tile.Count > 0)
        {
            tile.Rows = strips.Rows - 2 * (higher * (pairs + 1) + (tile.Count - 1) * pairs);
            RunTiles(ref tile, pairs, width);
        }
    }

    /// <summary>Runs the tiles of one strip, and moves on to the next rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunStrip(ref Tile<T> tile, int rows, int width)
    {
        var most = MostRows(width);
        for (; rows > 0; rows -= tile.Rows)
        {
            // A third register leaves room for fewer rows than a strip has: two tiles.
            tile.Rows = rows <= most ? rows : (rows + 3) / 4 * 2;
            tile.Count = 1;
            RunTiles(ref tile, (tile.Rows + 1) / 2, width);
        }
    }

    /// <summary>Runs tiles one below another, each of so many pairs of rows, and moves on to the next rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunTiles(ref Tile<T> tile, int pairs, int width)
    {
        if (tile.ARow == 1)
        {
            Run<Together>(width, pairs, tile);
        }
        else
        {
            Run<Apart>(width, pairs, tile);
        }

        var rows = (tile.Count - 1) * 2 * pairs + tile.Rows;
        tile.A += rows * tile.ARow;
        tile.C += rows * tile.CRow;
        if (tile.Start != null)
        {
            tile.Start += rows * tile.StartRow;
        }
    }

    /// <summary>Chooses the kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<L>(int width, int pairs, in Tile<T> tile)
        where L : ILie
    {
        switch (width, pairs)
        {
            case (1, 1): Tile1<V, T, I>.Run<Rows2, L>(tile); break;
            case (1, 2): Tile1<V, T, I>.Run<Rows4, L>(tile); break;
            case (1, 3): Tile1<V, T, I>.Run<Rows6, L>(tile); break;
            case (1, 4): Tile1<V, T, I>.Run<Rows8, L>(tile); break;
            case (1, 5): Tile1<V, T, I>.Run<Rows10, L>(tile); break;
            case (1, 6) when I.Rows1 > 10: Tile1<V, T, I>.Run<Rows12, L>(tile); break;
            case (1, 7) when I.Rows1 > 12: Tile1<V, T, I>.Run<Rows14, L>(tile); break;
            case (1, 8) when I.Rows1 > 14: Tile1<V, T, I>.Run<Rows16, L>(tile); break;
            case (2, 1): Tile2<V, T, I>.Run<Rows2, L>(tile); break;
            case (2, 2): Tile2<V, T, I>.Run<Rows4, L>(tile); break;
            case (2, 3): Tile2<V, T, I>.Run<Rows6, L>(tile); break;
            case (2, 4) when I.Rows2 > 6: Tile2<V, T, I>.Run<Rows8, L>(tile); break;
            case (2, 5) when I.Rows2 > 8: Tile2<V, T, I>.Run<Rows10, L>(tile); break;
            case (2, 6) when I.Rows2 > 10: Tile2<V, T, I>.Run<Rows12, L>(tile); break;
            case (2, 7) when I.Rows2 > 12: Tile2<V, T, I>.Run<Rows14, L>(tile); break;
            case (3, 1): Tile3<V, T, I>.Run<Rows2, L>(tile); break;
            case (3, 2): Tile3<V, T, I>.Run<Rows4, L>(tile); break;
            case (3, 3) when I.Rows3 > 4: Tile3<V, T, I>.Run<Rows6, L>(tile); break;
            default: Tile3<V, T, I>.Run<Rows8, L>(tile); break;
        }
    }

    /// <summary>Registers in a panel.</summary>
    public static int Width(int columns, int panel)
    {
        var registers = Registers(columns);
        return registers - 2 * panel < 4 ? registers - 2 * panel : 2;
    }

    /// <summary>Where part number <paramref name="index"/> of an even split begins, in pairs.</summary>
    private static int Part(int rows, int index, int parts)
        => index == 0 ? 0 : index == parts ? rows : (int)((rows + 1L) / 2 * index / parts) * 2;
}

/// <summary>The rows of A that a block works on, cut evenly into strips as high as a tile.</summary>
internal unsafe struct Strips<T>
    where T : unmanaged
{
    public T* A;

    public int Rows;
    public int Count;
}
