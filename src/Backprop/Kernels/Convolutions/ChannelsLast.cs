using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>How far the taps of one axis reach, over all remainders of the target's positions.</summary>
internal readonly record struct Reach(int Size, int Step, int Lowest, int Extent, int Count)
{
    /// <summary>The reach of all of an axis' taps; the count is that of the longest.</summary>
    public static Reach Of(AxisTaps[] phases)
    {
        var lowest = phases.Min(phase => phase.Lowest);
        var highest = phases.Max(phase => phase.Lowest + phase.Extent);
        return new Reach(phases[0].Size, phases[0].Step, lowest, highest - lowest, phases.Max(phase => phase.Count));
    }

    /// <summary>Whether no position reads padding.</summary>
    public bool IsInside => Lowest >= 0 && Lowest + Span(Count) <= Size;

    /// <summary>Positions of the source that this many of the target read.</summary>
    public long Span(int count) => ((count - 1L) * Step) + Extent + 1;
}

/// <summary>
/// The part of a source that a block reads, copied channels last and with its padding: [depth, row, column, channel]. What a position reads of a row is
/// one run then, whatever the stride.
/// </summary>
internal sealed class ChannelsLast
{
    /// <summary>Channels that are not worth turning squares.</summary>
    private const int FewChannels = 4;

    private readonly Reach z;
    private readonly Reach y;
    private readonly Reach x;

    /// <param name="z">The reach in depth; a copy is for one depth of positions.</param>
    /// <param name="y">The reach along columns.</param>
    /// <param name="x">The reach along rows.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="rows">Rows of positions of a copy, at most.</param>
    /// <param name="columns">Columns of positions of a copy, at most.</param>
    /// <param name="size">Bytes of an element.</param>
    public ChannelsLast(Reach z, Reach y, Reach x, int channels, int rows, int columns, int size)
    {
        (this.z, this.y, this.x, Channels) = (z, y, x, channels);

        // Positions 2048 bytes apart would share cache sets.
        Pitch = (long)channels * size % 2048 == 0 ? channels + (64 / size) : channels;
        Slices = z.Extent + 1;
        Rows = (int)y.Span(rows);
        Columns = (int)x.Span(columns);
    }

    public int Channels { get; }

    /// <summary>Elements from one column to the next.</summary>
    public int Pitch { get; }

    /// <summary>Elements from one row to the next.</summary>
    public nint RowPitch => (nint)Columns * Pitch;

    /// <summary>How the copy lies.</summary>
    public Grid Grid => new(Pitch, RowPitch, Rows * RowPitch);

    /// <summary>How channels last images lie that have no other channels.</summary>
    public Grid SourceGrid => new(Channels, (nint)x.Size * Channels, (nint)y.Size * x.Size * Channels);

    /// <summary>Whether channels last images that have no other channels can be read in place: no padding is read, and columns are as far apart.</summary>
    public bool IsSparable => Pitch == Channels && z.IsInside && y.IsInside && x.IsInside;

    /// <summary>Elements of the copy, without slack for registers that reach beyond its end.</summary>
    public nint Count => Slices * Rows * RowPitch;

    private int Slices { get; }

    private int Rows { get; }

    private int Columns { get; }

    /// <summary>Bytes of a copy of so many positions, before one is made.</summary>
    public static double Bytes(Reach z, Reach y, Reach x, int channels, int rows, int columns, int size)
        => (z.Extent + 1.0) * y.Span(rows) * x.Span(columns) * (channels + (64.0 / size)) * size;

    /// <summary>Where the first position finds a tap, in the copy or in the images.</summary>
    public nint Offset(in Grid grid, int shiftZ, int shiftY, int shiftX) => grid.At(shiftZ - z.Lowest, shiftY - y.Lowest, shiftX - x.Lowest);

    /// <summary>Where the first element that positions from (depth, row, column) on read lies in an image: there their copy would begin.</summary>
    public nint Place(int depth, int row, int column) => SourceGrid.At(
        ((long)depth * z.Step) + z.Lowest, ((long)row * y.Step) + y.Lowest, ((long)column * x.Step) + x.Lowest);

    /// <summary>Copies what the positions from (depth, row, column) on read.</summary>
    /// <param name="source">[channel, depth, row, column], or [depth, row, column, channel].</param>
    /// <param name="pixel">Elements from one column of the source to the next where its channels lie last, else 0.</param>
    /// <param name="depth">The positions' depth.</param>
    /// <param name="row">The first row of positions.</param>
    /// <param name="rows">Rows of positions.</param>
    /// <param name="column">The first column of positions.</param>
    /// <param name="columns">Columns of positions.</param>
    /// <param name="copy">The target.</param>
    /// <param name="square">Room for a square of registers.</param>
    /// <param name="hasPadding">Whether the copy has been filled for these very positions before, of other images: its padding is there already.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Fill<V, T, I>(T* source, nint pixel, int depth, int row, int rows, int column, int columns, T* copy, T* square, bool hasPadding)
        where V : struct
        where T : unmanaged
        where I : IRegister<V, T>
    {
        var plane = (nint)z.Size * y.Size * x.Size;
        var (top, height) = (((long)row * y.Step) + y.Lowest, (int)y.Span(rows));
        var (left, width) = (((long)column * x.Step) + x.Lowest, (int)x.Span(columns));

        // Rows and columns of the copy that lie inside the source.
        var (firstRow, endRow) = ((int)Math.Clamp(-top, 0, height), (int)Math.Clamp(y.Size - top, 0, height));
        var (firstColumn, endColumn) = ((int)Math.Clamp(-left, 0, width), (int)Math.Clamp(x.Size - left, 0, width));
        for (var slice = 0; slice < Slices; slice++, copy += Rows * RowPitch)
        {
            var inside = ((long)depth * z.Step) + z.Lowest + slice;
            if (inside < 0 || inside >= z.Size || firstRow >= endRow || firstColumn >= endColumn)
            {
                Clear(copy, hasPadding ? 0 : height * RowPitch);
                continue;
            }

            if (!hasPadding)
            {
                Clear(copy, firstRow * RowPitch);
                Clear(copy + (endRow * RowPitch), (height - endRow) * RowPitch);
                for (var i = firstRow; i < endRow; i++)
                {
                    Clear(copy + (i * RowPitch), firstColumn * (nint)Pitch);
                    Clear(copy + (i * RowPitch) + (endColumn * (nint)Pitch), (width - endColumn) * (nint)Pitch);
                }
            }

            var from = (((nint)inside * y.Size) + (nint)(top + firstRow)) * x.Size + (nint)(left + firstColumn);
            var to = copy + (firstRow * RowPitch) + (firstColumn * (nint)Pitch);
            if (pixel != 0)
            {
                Take<V, T, I>(source + (from * pixel), pixel, endRow - firstRow, endColumn - firstColumn, to);
            }
            else
            {
                Turn<V, T, I>(source + from, plane, endRow - firstRow, endColumn - firstColumn, to, square);
            }
        }
    }

    /// <summary>Copies rows that lie inside a source whose channels lie last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Take<V, T, I>(T* source, nint pixel, int rows, int columns, T* to)
        where V : struct
        where T : unmanaged
        where I : IRegister<V, T>
    {
        var mask = I.Mask(0, Channels % I.Lanes);
        for (var row = 0; row < rows; row++, source += x.Size * pixel, to += RowPitch)
        {
            if (pixel == Pitch)
            {
                nint at = 0, count = columns * (nint)Pitch;
                for (; at <= count - (2 * I.Lanes); at += 2 * I.Lanes)
                {
                    V a = I.Load(source + at), b = I.Load(source + at + I.Lanes);
                    I.Store(to + at, a);
                    I.Store(to + at + I.Lanes, b);
                }

                for (; at < count; at += I.Lanes)
                {
                    var rest = I.Mask(0, (int)Math.Min(I.Lanes, count - at));
                    I.Store(to + at, I.Load(source + at, rest), rest);
                }

                continue;
            }

            for (nint column = 0; column < columns; column++)
            {
                T* from = source + (column * pixel), target = to + (column * Pitch);
                var channel = 0;
                for (; channel <= Channels - I.Lanes; channel += I.Lanes)
                {
                    I.Store(target + channel, I.Load(from + channel));
                }

                if (channel < Channels)
                {
                    I.Store(target + channel, I.Load(from + channel, mask), mask);
                }
            }
        }
    }

    /// <summary>Copies rows that lie inside a source whose channels lie first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Turn<V, T, I>(T* source, nint plane, int rows, int columns, T* to, T* square)
        where V : struct
        where T : unmanaged
        where I : IRegister<V, T>
    {
        if (Channels == 1 && Pitch == 1)
        {
            for (var row = 0; row < rows; row++, source += x.Size, to += RowPitch)
            {
                new Span<T>(source, columns).CopyTo(new Span<T>(to, columns));
            }

            return;
        }

        if (Channels <= FewChannels)
        {
            for (var row = 0; row < rows; row++)
            {
                for (var channel = 0; channel < Channels; channel++)
                {
                    var from = source + (channel * plane) + (row * (nint)x.Size);
                    var target = to + (row * RowPitch) + channel;
                    for (var column = 0; column < columns; column++, target += Pitch)
                    {
                        *target = from[column];
                    }
                }
            }

            return;
        }

        // Rows that follow each other in the source are one run of columns, so that registers are full.
        var joined = columns == x.Size && columns % I.Lanes != 0;
        var (runs, length) = joined ? (1, rows * columns) : (rows, columns);
        var far = plane * sizeof(T) % 4096 == 0;
        for (var channel = 0; channel < Channels; channel += I.Lanes)
        {
            var channels = Math.Min(I.Lanes, Channels - channel);
            var mask = I.Mask(0, channels);
            for (var run = 0; run < runs; run++)
            {
                var from = source + (channel * plane) + (run * (nint)x.Size);
                var target = to + channel + (run * RowPitch);
                var column = 0;
                for (var at = 0; at < length; at += I.Lanes, from += I.Lanes)
                {
                    var count = Math.Min(I.Lanes, length - at);
                    var full = channels == I.Lanes && count == I.Lanes;
                    if (full && !far && !joined)
                    {
                        I.Transpose(from, plane, target + (at * (nint)Pitch), Pitch);
                        column += I.Lanes;
                        continue;
                    }

                    if (full && !far)
                    {
                        I.Transpose(from, plane, square, I.Lanes);
                    }
                    else
                    {
                        Stage<V, T, I>(from, plane, channels, count, square);
                        if (full && !joined)
                        {
                            I.Transpose(square, I.Lanes, target + (at * (nint)Pitch), Pitch);
                            column += I.Lanes;
                            continue;
                        }

                        I.Transpose(square, I.Lanes, square + (I.Lanes * I.Lanes), I.Lanes);
                    }

                    var values = full && !far ? square : square + (I.Lanes * I.Lanes);
                    for (var lane = 0; lane < count; lane++, values += I.Lanes)
                    {
                        if (channels == I.Lanes)
                        {
                            I.Store(target + (column * (nint)Pitch), I.Load(values));
                        }
                        else
                        {
                            I.Store(target + (column * (nint)Pitch), I.Load(values), mask);
                        }

                        if (++column == columns)
                        {
                            column = 0;
                            target += RowPitch;
                        }
                    }
                }
            }
        }
    }

    /// <summary>square[i, j] = source[i, j] for i and j below the counts, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static unsafe void Stage<V, T, I>(T* source, nint sourceRow, int rows, int columns, T* square)
        where V : struct
        where T : unmanaged
        where I : IRegister<V, T>
    {
        var mask = I.Mask(0, columns);
        for (var i = 0; i < I.Lanes; i++, square += I.Lanes, source += sourceRow)
        {
            I.Store(square, i >= rows ? I.Zero : columns == I.Lanes ? I.Load(source) : I.Load(source, mask));
        }
    }

    private static unsafe void Clear<T>(T* start, nint count)
        where T : unmanaged
    {
        if (count > 0)
        {
            new Span<T>(start, (int)count).Clear();
        }
    }
}
