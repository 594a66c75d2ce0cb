using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// target[n, g, r, position] = Σ over channels and taps of weights[g, r, channel, tap] · source[n, g, channel, position · step + shift of tap] +
/// bias[g, r].
/// The convolution is one of these; the gradient of its input is one for each remainder of positions by the stride.
/// </summary>
/// <remarks>
/// Weights are [groups, rows, inner]. A block copies the part of the source it needs into a <see cref="Field"/>, then multiplies the weights with the
/// field's shifted rows, panel by panel, as a matrix product does; the matrix of all shifted rows never exists as a whole.
/// </remarks>
internal sealed class Correlation<T>(int batch, int groups, int rows, Field copied, AxisTaps z, AxisTaps y, AxisTaps x) : ICorrelation
    where T : unmanaged
{
    public int Batch => batch;

    public int Groups => groups;

    /// <summary>Channels of the target in a group.</summary>
    public int Rows => rows;

    public Field Field => copied;

    public AxisTaps Z => z;

    public AxisTaps Y => y;

    public AxisTaps X => x;

    /// <summary>Terms of a sum.</summary>
    public int Inner { get; } = copied.Offsets.Length;

    public nint SourcePlane { get; } = (nint)z.Size * y.Size * x.Size;

    public nint TargetPlane { get; } = (nint)z.TargetSize * y.TargetSize * x.TargetSize;

    /// <summary>Pieces that are each computed from one field.</summary>
    public long Pieces { get; } = (long)batch * groups * z.Count * copied.RowBands * copied.ColumnBands;
}

/// <summary>Runs the blocks of a <see cref="Correlation{T}"/>.</summary>
internal static unsafe class Correlator<V, T, I>
    where V : struct
    where T : unmanaged, INumber<T>
    where I : IRegister<V, T>
{
    /// <summary>Terms summed on their own: see the matrix product.</summary>
    private const int LongestStretch = 128;

    /// <summary>Nanoseconds of a block, roughly: below this, taking the next one costs too much.</summary>
    private const double LeastBlock = 20_000;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(Correlation<T> plan, in CorrelationArrays<T> arrays)
    {
        var multiplications = (double)plan.Batch * plan.Groups * plan.Rows * plan.Inner * plan.Z.Count * plan.Y.Count * plan.X.Count;
        var nanoseconds = (multiplications / (4 * I.Lanes)) + (plan.Pieces * (100 + (0.1 * plan.Field.Count)));
        var blocks = (int)Math.Clamp(nanoseconds / LeastBlock, 1, Math.Min(plan.Pieces, 4096));
        Workers.Run(new Body(plan, arrays, blocks), blocks, nanoseconds);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunBlock(Correlation<T> plan, in CorrelationArrays<T> arrays, int block, int blocks)
    {
        var field = plan.Field;
        var positions = ((nint)(field.BandRows - 1) * field.Pitch) + field.BandColumns;
        var stretch = plan.Rows == 1 ? 0 : Math.Min(plan.Inner, LongestStretch);
        nint panelSize = 3 * I.Lanes * stretch;
        nint resultSize = plan.Rows == 1 ? positions + (8 * I.Lanes) : 3 * I.Lanes * (nint)plan.Rows;
        nint biasSize = plan.Rows == 1 || arrays.Bias == null ? 0 : 3 * I.Lanes * (nint)plan.Rows;
        var memory = (T*)Scratch.Own((field.Count + panelSize + resultSize + biasSize) * sizeof(T));
        var work = new Work { Copy = memory + panelSize + resultSize + biasSize, Panel = memory, Result = memory + panelSize };
        work.Bias = biasSize == 0 ? null : work.Result + resultSize;

        var end = plan.Pieces * (block + 1) / blocks;
        var lastGroup = -1;
        for (var piece = plan.Pieces * block / blocks; piece < end; piece++)
        {
            var (rest, columnBand) = Math.DivRem(piece, field.ColumnBands);
            (rest, var rowBand) = Math.DivRem(rest, field.RowBands);
            (rest, var depth) = Math.DivRem(rest, plan.Z.Count);
            (work.Depth, work.Row, work.Column) = ((int)depth, (int)rowBand * field.BandRows, (int)columnBand * field.BandColumns);
            var group = (int)(rest % plan.Groups);
            work.Rows = Math.Min(field.BandRows, plan.Y.Count - work.Row);
            work.Columns = Math.Min(field.BandColumns, plan.X.Count - work.Column);
            work.Weights = arrays.Weights + ((nint)group * plan.Rows * plan.Inner);
            work.Target = arrays.Target.Start + ((nint)rest * plan.Rows * plan.TargetPlane)
                + ((((plan.Z.First + (depth * plan.Z.TargetStep)) * plan.Y.TargetSize) + plan.Y.First + (work.Row * (nint)plan.Y.TargetStep))
                    * plan.X.TargetSize) + plan.X.First + (work.Column * (nint)plan.X.TargetStep);
            field.Fill<V, T, I>(
                arrays.Source.Start + ((nint)rest * field.Channels * plan.SourcePlane), plan.SourcePlane, work.Depth, work.Row, work.Column, work.Copy);
            if (plan.Rows == 1)
            {
                RunSingle(plan, work, arrays.Bias == null ? default : arrays.Bias[group]);
                continue;
            }

            if (work.Bias != null && group != lastGroup)
            {
                for (var row = 0; row < plan.Rows; row++)
                {
                    var value = I.Broadcast(arrays.Bias[(group * plan.Rows) + row]);
                    for (var register = 0; register < 3; register++)
                    {
                        I.Store(work.Bias + (((3 * row) + register) * I.Lanes), value);
                    }
                }

                lastGroup = group;
            }

            RunPanels(plan, work);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPanels(Correlation<T> plan, in Work work)
    {
        // Either every row of positions by itself, or all of them, with the gaps between, as one: what takes fewer registers.
        var pitch = plan.Field.Pitch;
        var all = ((work.Rows - 1) * pitch) + work.Columns;
        var (dense, single) = (plan.X.TargetStep == 1, work.Columns == pitch && (work.Rows == 1 || plan.Y.TargetStep == 1));
        var direct = dense && single && (work.Rows == 1 || work.Columns == plan.X.TargetSize);
        if (!direct && dense && work.Rows * Blocks<V, T, I>.Registers(work.Columns) <= Blocks<V, T, I>.Registers(all) * 17 / 16)
        {
            for (var row = 0; row < work.Rows; row++)
            {
                var target = work.Target + (row * (nint)plan.Y.TargetStep * plan.X.TargetSize);
                RunColumns(plan, work, row * (nint)pitch, work.Columns, target);
            }

            return;
        }

        RunColumns(plan, work, 0, all, direct ? work.Target : null);
    }

    /// <summary>Computes positions <paramref name="first"/> … of all rows, straight into the target where it is given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunColumns(Correlation<T> plan, in Work work, nint first, int columns, T* target)
    {
        var inner = plan.Inner;
        var stretches = Math.Max(1, (inner + LongestStretch - 1) / LongestStretch);
        var stretch = Math.Max(1, (inner + stretches - 1) / stretches);
        Tile<T> tile = default;
        Strips<T> strips = default;
        strips.Rows = plan.Rows;
        var high = Blocks<V, T, I>.Registers(columns) == 1 ? I.Rows1 : I.Rows2;
        strips.Count = (plan.Rows + high - 1) / high;
        for (var panel = 0; panel < Blocks<V, T, I>.PanelCount(columns); panel++)
        {
            var column = panel * 2 * I.Lanes;
            var width = Blocks<V, T, I>.Width(columns, panel);
            tile.B = work.Panel;
            tile.BStep = width * I.Lanes;
            tile.ARow = inner;
            tile.AStep = 1;
            tile.Last = (width - 1) * I.Lanes;
            tile.LastTo = target == null ? I.Lanes : Math.Min(width * I.Lanes, columns - column) - (int)tile.Last;
            tile.C = target == null ? work.Result : target + column;
            tile.CRow = target == null ? 3 * I.Lanes : plan.TargetPlane;
            tile.Start = work.Bias;
            tile.StartRow = 3 * I.Lanes;
            for (var p = 0; p == 0 || p < inner; p += stretch)
            {
                tile.Inner = Math.Min(stretch, inner - p);
                Gather(work.Copy + first + column, plan.Field.Offsets.AsSpan(p, (int)tile.Inner), width, work.Panel);
                strips.A = work.Weights + p;
                Blocks<V, T, I>.Run(tile, strips, width);
                tile.Start = tile.C;
                tile.StartRow = tile.CRow;
            }

            if (target == null)
            {
                for (var row = 0; row < plan.Rows; row++)
                {
                    Spread(plan, work, work.Result + (row * 3 * I.Lanes), first + column, Math.Min(width * I.Lanes, columns - column),
                        work.Target + (row * plan.TargetPlane));
                }
            }
        }
    }

    /// <summary>One channel of the target: its weights one by one against many registers of positions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunSingle(Correlation<T> plan, in Work work, T bias)
    {
        var all = ((work.Rows - 1) * plan.Field.Pitch) + work.Columns;
        var weights = work.Weights;
        var inner = plan.Inner;
        fixed (nint* offsets = plan.Field.Offsets)
        {
            for (var at = 0; at < all; at += 8 * I.Lanes)
            {
                var start = I.Broadcast(bias);
                V c0 = start, c1 = start, c2 = start, c3 = start, c4 = start, c5 = start, c6 = start, c7 = start;
                var copy = work.Copy + at;
                for (var p = 0; p < inner; p++)
                {
                    var w = I.Broadcast(weights[p]);
                    var b = copy + offsets[p];
                    c0 = I.MultiplyAdd(w, I.Load(b), c0);
                    c1 = I.MultiplyAdd(w, I.Load(b + I.Lanes), c1);
                    c2 = I.MultiplyAdd(w, I.Load(b + (2 * I.Lanes)), c2);
                    c3 = I.MultiplyAdd(w, I.Load(b + (3 * I.Lanes)), c3);
                    c4 = I.MultiplyAdd(w, I.Load(b + (4 * I.Lanes)), c4);
                    c5 = I.MultiplyAdd(w, I.Load(b + (5 * I.Lanes)), c5);
                    c6 = I.MultiplyAdd(w, I.Load(b + (6 * I.Lanes)), c6);
                    c7 = I.MultiplyAdd(w, I.Load(b + (7 * I.Lanes)), c7);
                }

                var to = work.Result + at;
                I.Store(to, c0);
                I.Store(to + I.Lanes, c1);
                I.Store(to + (2 * I.Lanes), c2);
                I.Store(to + (3 * I.Lanes), c3);
                I.Store(to + (4 * I.Lanes), c4);
                I.Store(to + (5 * I.Lanes), c5);
                I.Store(to + (6 * I.Lanes), c6);
                I.Store(to + (7 * I.Lanes), c7);
            }
        }

        Spread(plan, work, work.Result, 0, all, work.Target);
    }

    /// <summary>panel[p, j] = copy[offsets[p] + j] for whole registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(T* copy, ReadOnlySpan<nint> offsets, int width, T* panel)
    {
        switch (width)
        {
            case 1:
                foreach (var offset in offsets)
                {
                    I.Store(panel, I.Load(copy + offset));
                    panel += I.Lanes;
                }

                break;
            case 2:
                foreach (var offset in offsets)
                {
                    I.Store(panel, I.Load(copy + offset));
                    I.Store(panel + I.Lanes, I.Load(copy + offset + I.Lanes));
                    panel += 2 * I.Lanes;
                }

                break;
            default:
                foreach (var offset in offsets)
                {
                    I.Store(panel, I.Load(copy + offset));
                    I.Store(panel + I.Lanes, I.Load(copy + offset + I.Lanes));
                    I.Store(panel + (2 * I.Lanes), I.Load(copy + offset + (2 * I.Lanes)));
                    panel += 3 * I.Lanes;
                }

                break;
        }
    }

    /// <summary>Writes a stretch of positions, gaps between their rows included, to where they belong.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(Correlation<T> plan, in Work work, T* values, nint first, int count, T* target)
    {
        var (row, column) = Math.DivRem((int)first, plan.Field.Pitch);
        var step = plan.X.TargetStep;
        for (var at = 0; at < count;)
        {
            var length = Math.Min(work.Columns - column, count - at);
            var to = target + (row * (nint)plan.Y.TargetStep * plan.X.TargetSize) + (column * (nint)step);
            var i = 0;
            if (step == 1)
            {
                for (; i <= length - I.Lanes; i += I.Lanes)
                {
                    I.Store(to + i, I.Load(values + at + i));
                }

                if (i < length)
                {
                    var mask = I.Mask(0, length - i);
                    I.Store(to + i, I.Load(values + at + i, mask), mask);
                }
            }
            else
            {
                for (; i < length; i++)
                {
                    to[i * (nint)step] = values[at + i];
                }
            }

            // A stretch may begin within a gap: then nothing was written, and the next row begins a little later.
            at += plan.Field.Pitch - column;
            (row, column) = (row + 1, 0);
        }
    }

    private struct Work
    {
        public T* Copy;
        public T* Panel;
        public T* Result;
        public T* Bias;
        public T* Weights;
        public T* Target;
        public int Depth;
        public int Row;
        public int Column;
        public int Rows;
        public int Columns;
    }

    private readonly struct Body(Correlation<T> plan, CorrelationArrays<T> arrays, int blocks) : IBlockBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int block) => RunBlock(plan, arrays, block, blocks);
    }
}
