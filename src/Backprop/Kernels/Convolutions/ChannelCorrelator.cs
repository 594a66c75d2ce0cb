using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>Runs the blocks of a <see cref="ChannelCorrelation{T}"/>.</summary>
internal static unsafe class ChannelCorrelator<V, T, I>
    where V : struct
    where T : unmanaged, INumber<T>
    where I : IRegister<V, T>
{
    /// <summary>Terms summed on their own: long enough for speed, short enough to keep rounding errors small.</summary>
    private const int LongestStretch = 192;

    /// <summary>Rows of positions that make a tile of their own, at least.</summary>
    private const int LeastBorder = 6;

    /// <summary>Nanoseconds of a block, roughly: below this, taking the next one costs too much.</summary>
    private const double LeastBlock = 20_000;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ChannelCorrelation<T> plan, in CorrelationArrays<T> arrays)
    {
        nint size = plan.Groups * ChannelPanels<V, T, I>.Size(plan), square = I.Lanes * I.Lanes;
        var registers = (plan.Rows + I.Lanes - 1) / I.Lanes;
        nint biases = arrays.Bias == null ? 0 : (nint)plan.Groups * registers * I.Lanes;
        var packed = (T*)Scratch.Shared((size + (2 * square) + biases) * sizeof(T));
        ChannelPanels<V, T, I>.Pack(plan, arrays.Weights, packed, packed + size);
        var bias = biases == 0 ? null : packed + size + (2 * square);
        for (var group = 0; group < plan.Groups && bias != null; group++)
        {
            for (var row = 0; row < registers * I.Lanes; row++)
            {
                bias[(group * registers * I.Lanes) + row] = row < plan.Rows ? arrays.Bias[(group * plan.Rows) + row] : default;
            }
        }

        var positions = (double)plan.Z.Count * plan.Y.Count * plan.X.Count;
        var nanoseconds = (double)plan.Batch * plan.Groups * registers * plan.Channels * plan.Taps * positions / 4;
        var blocks = (int)Math.Clamp(nanoseconds / LeastBlock, 1, Math.Min(plan.Pieces, 4096));
        Workers.Run(new Body(plan, arrays, packed, bias, GroupRows(plan), blocks), blocks, nanoseconds);
    }

    /// <summary>
    /// Rows of positions whose results are kept together: a few whole registers of positions, which is what leaves the least to be done with parts of them.
    /// </summary>
    private static int GroupRows(ChannelCorrelation<T> plan)
    {
        var width = Math.Min(plan.Width, plan.BandColumns * plan.ColumnStep) * plan.RowStep;
        var (best, least) = (1, double.MaxValue);
        for (var rows = 1; rows <= plan.BandRows; rows++)
        {
            if (rows > 1 && rows * width > 192)
            {
                break;
            }

            var registers = (double)((plan.BandRows / rows * ((rows * width) + I.Lanes - 1) / I.Lanes)
                + (((plan.BandRows % rows * width) + I.Lanes - 1) / I.Lanes)) + (2 * ((plan.BandRows + rows - 1) / rows));
            if (registers <= least)
            {
                (best, least) = (rows, registers);
            }
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunBlock(
        ChannelCorrelation<T> plan, in CorrelationArrays<T> arrays, T* packed, T* bias, int groupRows, int block, int blocks)
    {
        var copy = plan.Copy;
        nint square = I.Lanes * I.Lanes;
        nint copySize = (copy.Count + I.Lanes) / I.Lanes * I.Lanes;
        nint resultSize = (((nint)groupRows * plan.RowStep * plan.BandColumns * plan.ColumnStep) + I.Lanes) * 2 * I.Lanes;
        var memory = (T*)Scratch.Own((copySize + resultSize + (2 * square)) * sizeof(T));
        var work = new Work { Square = memory, Room = memory + (2 * square), GroupRows = groupRows };
        var isSpared = plan.IsSparable && (arrays.Source.AreChannelsLast || plan.Channels == 1);
        nint sourcePlane = (nint)plan.Z.Size * plan.Y.Size * plan.X.Size, targetPlane = (nint)plan.Depth * plan.Height * plan.Width;
        var sourcePixel = arrays.Source.AreChannelsLast ? (nint)plan.Groups * plan.Channels : 0;
        work.Pixel = arrays.Target.AreChannelsLast ? (nint)plan.Groups * plan.Rows : 0;
        work.IsSpared = isSpared;
        work.RowPitch = isSpared ? copy.SourceGrid.RowPitch : copy.RowPitch;
        var end = plan.Pieces * (block + 1) / blocks;
        (long Depth, long Row, long Column) filled = (-1, -1, -1);
        for (var piece = plan.Pieces * block / blocks; piece < end; piece++)
        {
            var (rest, columnBand) = Math.DivRem(piece, plan.ColumnBands);
            (rest, var rowBand) = Math.DivRem(rest, plan.RowBands);
            (rest, var depth) = Math.DivRem(rest, plan.Depths);
            var group = (int)(rest % plan.Groups);
            (work.Row, work.Column) = ((int)rowBand * plan.BandRows, (int)columnBand * plan.BandColumns);
            work.Rows = Math.Min(plan.BandRows, ((plan.Height + plan.RowStep - 1) / plan.RowStep) - work.Row);
            work.Columns = Math.Min(plan.BandColumns, ((plan.Width + plan.ColumnStep - 1) / plan.ColumnStep) - work.Column);
            var source = arrays.Source.At((nint)(rest / plan.Groups), group, plan.Groups, plan.Channels, sourcePlane);
            if (isSpared)
            {
                work.Copy = source + copy.Place((int)depth, work.Row, work.Column);
            }
            else
            {
                work.Copy = memory + (2 * square) + resultSize;
                var positions = (depth, rowBand, columnBand);
                copy.Fill<V, T, I>(
                    source, sourcePixel, (int)depth, work.Row, work.Rows, work.Column, work.Columns, work.Copy, work.Square, positions == filled);
                filled = positions;
            }

            work.Weights = packed + (group * ChannelPanels<V, T, I>.Size(plan));
            work.Bias = bias == null ? null : bias + ((nint)group * ((plan.Rows + I.Lanes - 1) / I.Lanes) * I.Lanes);
            work.Target = arrays.Target.At((nint)(rest / plan.Groups), group, plan.Groups, plan.Rows, targetPlane);
            for (var inside = (int)depth * plan.DepthStep; inside < Math.Min(plan.Depth, ((int)depth + 1) * plan.DepthStep); inside++)
            {
                RunDepth(plan, work, inside);
            }
        }
    }

    /// <summary>Computes one depth of a piece: panel by panel, a few rows at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunDepth(ChannelCorrelation<T> plan, Work work, int depth)
    {
        var firstColumn = work.Column * plan.ColumnStep;
        work.ResultColumns = Math.Min(plan.Width, (work.Column + work.Columns) * plan.ColumnStep) - firstColumn;
        var plane = (nint)plan.Depth * plan.Height * plan.Width;
        for (var panel = 0; panel < ChannelPanels<V, T, I>.Count(plan.Rows); panel++)
        {
            work.Width = ChannelPanels<V, T, I>.Width(plan.Rows, panel);
            var channel = panel * 2 * I.Lanes;
            work.Panel = work.Weights + (channel * (nint)plan.Taps * plan.Channels);
            work.PanelBias = work.Bias == null ? null : work.Bias + channel;
            var channels = Math.Min(work.Width * I.Lanes, plan.Rows - channel);
            var isDirect = work.Pixel != 0 && channels == work.Width * I.Lanes;
            work.ResultPitch = isDirect ? work.Pixel : work.Width * I.Lanes;
            work.ResultRow = (isDirect ? plan.Width : work.ResultColumns) * work.ResultPitch;
            for (var row = work.Row; row < work.Row + work.Rows; row += work.GroupRows)
            {
                var first = row * plan.RowStep;
                var end = Math.Min(row + work.GroupRows, work.Row + work.Rows);
                var rows = Math.Min(plan.Height, end * plan.RowStep) - first;
                var at = ((((nint)depth * plan.Height) + first) * plan.Width) + firstColumn;
                work.Result = isDirect ? work.Target + (at * work.Pixel) + channel : work.Room;
                if (!plan.Complete)
                {
                    FillBias(work, rows);
                }

                foreach (var phase in plan.Phases)
                {
                    if (phase.Z.First == depth % plan.DepthStep)
                    {
                        RunPhase(plan, work, phase, row, end);
                    }
                }

                if (isDirect)
                {
                    continue;
                }

                var isWhole = work.ResultColumns == plan.Width;
                var (runs, length) = isWhole ? (1, rows * plan.Width) : (rows, work.ResultColumns);
                for (var run = 0; run < runs; run++, at += plan.Width)
                {
                    var from = work.Room + (run * length * work.ResultPitch);
                    if (work.Pixel != 0)
                    {
                        MoveOut(from, work.ResultPitch, length, channels, work.Target + (at * work.Pixel) + channel, work.Pixel);
                    }
                    else
                    {
                        TurnOut(from, work.ResultPitch, length, channels, work.Target + (channel * plane) + at, plane, work.Square);
                    }
                }
            }
        }
    }

    /// <summary>Computes the results of one phase in a few rows of positions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPhase(ChannelCorrelation<T> plan, in Work work, ChannelCorrelation<T>.Phase phase, int row, int end)
    {
        end = Math.Min(end, phase.Y.Count);
        var columns = Math.Min(work.Columns, phase.X.Count - work.Column);
        if (row >= end || columns <= 0)
        {
            return;
        }

        nint step = work.Width * I.Lanes;
        RunTile<T> tile = default;
        var inner = phase.Inner;
        var together = Math.Min(Math.Max(1, LongestStretch / inner), phase.Runs.Length);
        var parts = (inner + LongestStretch - 1) / LongestStretch;
        var steps = stackalloc nint[LongestStretch];
        for (var run = 0; run < together; run++)
        {
            steps[run] = run * inner * step;
        }

        tile.BRuns = steps;
        tile.BStep = step;
        tile.ARow = phase.X.Step * (nint)plan.Copy.Pitch;
        tile.AStep = 1;
        tile.CRow = phase.X.TargetStep * work.ResultPitch;
        var areNeighbours = phase.AreNeighbours && work.Width == 1 && phase.X.Shifts.Length == NeighbourTile<V, T, I>.Taps && parts == 1;
        tile.BTap = plan.Channels * step;
        var (left, right) = columns == phase.X.Count && end - row >= LeastBorder ? phase.InsideColumns : (0, columns);
        var panel = work.Panel + (phase.FirstTap * (nint)plan.Channels * step);
        fixed (nint* runs = work.IsSpared ? phase.Places : phase.Runs)
        {
            for (var run = 0; run < phase.Runs.Length; run += together)
            {
                for (var part = 0; part < parts; part++)
                {
                    var first = (int)((long)inner * part / parts);
                    tile.Inner = areNeighbours ? plan.Channels : (int)((long)inner * (part + 1) / parts) - first;
                    for (var at = row; at < end; at++)
                    {
                        var (lowest, beyond) = phase.Inside[at];
                        var (from, to) = (Math.Max(run, lowest), Math.Min(run + together, beyond));
                        if (from >= to)
                        {
                            continue;
                        }

                        tile.Runs = to - from;
                        tile.ARuns = runs + from;
                        tile.A = work.Copy + ((at - work.Row) * (nint)phase.Y.Step * work.RowPitch) + (left * tile.ARow) + first;
                        tile.B = panel + (((from * (nint)inner) + first) * step);
                        tile.C = work.Result + ((((nint)(at - row) * phase.Y.TargetStep) + phase.Y.First) * work.ResultRow)
                            + (phase.X.First * work.ResultPitch) + (left * tile.CRow);
                        var isFirst = from == lowest && part == 0;
                        tile.Bias = isFirst ? work.PanelBias : null;
                        tile.Accumulates = !isFirst;
                        RunTiles<V, T, I>.Run(ref tile, right - left, work.Width, areNeighbours);
                    }

                    if (right - left < columns)
                    {
                        var length = (int)((long)inner * (part + 1) / parts) - first;
                        var border = tile;
                        border.ARuns = runs + run;
                        border.Runs = Math.Min(together, phase.Runs.Length - run);
                        border.B = panel + (run * (nint)inner * step);
                        RunBorders(plan, work, phase, border, (row, end), (left, right), (first, first + length), run == 0);
                    }
                }
            }
        }
    }

    /// <summary>
    /// Computes the columns of positions that have taps in the padding, without these taps: a tile is a column, so that all its positions have the same.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="work">The piece.</param>
    /// <param name="phase">The phase.</param>
    /// <param name="tile">A tile whose runs are set.</param>
    /// <param name="rows">Rows of positions.</param>
    /// <param name="inside">The columns between the borders.</param>
    /// <param name="terms">Terms of each run that are summed now.</param>
    /// <param name="isFirst">Whether these are the first runs.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunBorders(
        ChannelCorrelation<T> plan, in Work work, ChannelCorrelation<T>.Phase phase, RunTile<T> tile, (int First, int End) rows,
        (int First, int End) inside, (int First, int End) terms, bool isFirst)
    {
        var b = tile.B;
        tile.ARow = phase.Y.Step * work.RowPitch;
        tile.CRow = phase.Y.TargetStep * work.ResultRow;
        for (var column = 0; column < phase.X.Count; column++)
        {
            column = column == inside.First ? inside.End : column;
            if (column == phase.X.Count)
            {
                break;
            }

            var (firstTap, endTap) = phase.TapsInside(column);
            var (from, to) = (Math.Max(terms.First, firstTap * plan.Channels), Math.Min(terms.End, endTap * plan.Channels));
            if (from >= to)
            {
                continue;
            }

            tile.Inner = to - from;
            tile.A = work.Copy + ((rows.First - work.Row) * tile.ARow) + (column * (nint)phase.X.Step * plan.Copy.Pitch) + from;
            tile.B = b + (from * tile.BStep);
            tile.C = work.Result + (phase.Y.First * work.ResultRow) + ((phase.X.First + (column * (nint)phase.X.TargetStep)) * work.ResultPitch);
            tile.Accumulates = !isFirst || from > firstTap * plan.Channels;
            tile.Bias = tile.Accumulates ? null : work.PanelBias;
            RunTiles<V, T, I>.Run(ref tile, rows.End - rows.First, work.Width);
        }
    }

    /// <summary>What no tap reaches is the bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FillBias(in Work work, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            var to = work.Result + (row * work.ResultRow);
            for (var column = 0; column < work.ResultColumns; column++, to += work.ResultPitch)
            {
                for (var register = 0; register < work.Width; register++)
                {
                    I.Store(to + (register * I.Lanes), work.PanelBias == null ? I.Zero : I.Load(work.PanelBias + (register * I.Lanes)));
                }
            }
        }
    }

    /// <summary>target[position, channel] = result[position, channel].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MoveOut(T* result, nint step, int positions, int channels, T* target, nint pixel)
    {
        var mask = I.Mask(0, channels % I.Lanes);
        for (var at = 0; at < positions; at++, result += step, target += pixel)
        {
            var channel = 0;
            for (; channel <= channels - I.Lanes; channel += I.Lanes)
            {
                I.Store(target + channel, I.Load(result + channel));
            }

            if (channel < channels)
            {
                I.Store(target + channel, I.Load(result + channel), mask);
            }
        }
    }

    /// <summary>target[channel, position] = result[position, channel].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TurnOut(T* result, nint step, int positions, int channels, T* target, nint plane, T* square)
    {
        for (var at = 0; at < positions; at += I.Lanes)
        {
            var count = Math.Min(I.Lanes, positions - at);
            var mask = I.Mask(0, count);
            for (var channel = 0; channel < channels; channel += I.Lanes)
            {
                var from = result + (at * step) + channel;
                var to = target + (channel * plane) + at;
                if (count == I.Lanes && channels - channel >= I.Lanes)
                {
                    I.Transpose(from, step, to, plane);
                    continue;
                }

                // Rows beyond the last position hold what was there before, and don't leave.
                I.Transpose(from, step, square, I.Lanes);
                for (var i = 0; i < Math.Min(I.Lanes, channels - channel); i++)
                {
                    I.Store(to + (i * plane), I.Load(square + (i * I.Lanes)), mask);
                }
            }
        }
    }

    private struct Work
    {
        public T* Copy;
        public bool IsSpared;
        public nint RowPitch;
        public T* Room;
        public T* Result;
        public nint ResultPitch;
        public nint ResultRow;
        public nint Pixel;
        public T* Square;
        public T* Weights;
        public T* Panel;
        public T* Bias;
        public T* PanelBias;
        public T* Target;
        public int GroupRows;
        public int Row;
        public int Rows;
        public int Column;
        public int Columns;
        public int ResultColumns;
        public int Width;
    }

    private readonly struct Body(ChannelCorrelation<T> plan, CorrelationArrays<T> arrays, T* packed, T* bias, int groupRows, int blocks) : IBlockBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int block) => RunBlock(plan, arrays, packed, bias, groupRows, block, blocks);
    }
}
