using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// The part of a source that a block reads, copied so that every tap of every position is one step away: with its padding, and with rows and columns
/// of one remainder by the step side by side. Position (y, x) then reads tap t at <see cref="Offsets"/>[t] + y · <see cref="Pitch"/> + x: whole registers,
/// with no test for the border, whatever the stride and dilation.
/// </summary>
/// <remarks>
/// The copy is [channel, depth tap, row remainder, column remainder, row, column]. Where the step is 1, a row's zeros on the right are also the next
/// one's on
/// the left.
/// </remarks>
internal sealed class Field
{
    /// <summary>Zeros behind the copy, for registers that reach beyond the last position.</summary>
    private const int Slack = 160;

    /// <summary>A copy should stay in the second-level cache.</summary>
    private const int MostBytes = 384 * 1024;

    private readonly AxisTaps z;
    private readonly AxisTaps y;
    private readonly AxisTaps x;

    /// <summary>The slack, and the zeros that the last row would share with the next one.</summary>
    private int tail;

    public Field(AxisTaps z, AxisTaps y, AxisTaps x, int channels, int size)
    {
        (this.z, this.y, this.x, Channels) = (z, y, x, channels);
        (BandRows, BandColumns) = (y.Count, x.Count);
        Measure();
        while ((double)Count * size > MostBytes && (BandRows > 1 || BandColumns > 256))
        {
            (BandRows, BandColumns) = BandRows > 1 ? ((BandRows + 1) / 2, BandColumns) : (1, (BandColumns + 1) / 2);
            Measure();
        }

        RowBands = Parts(y.Count, BandRows);
        ColumnBands = Parts(x.Count, BandColumns);
        Offsets = new nint[channels * TapCount];
        var tap = 0;
        for (var channel = 0; channel < channels; channel++)
        {
            for (var tz = 0; tz < z.Taps.Length; tz++)
            {
                foreach (var ty in y.Shifts)
                {
                    foreach (var tx in x.Shifts)
                    {
                        var (down, right) = (ty - y.Lowest, tx - x.Lowest);
                        var plane = ((((nint)channel * z.Taps.Length) + tz) * y.Phases.Length) + Array.IndexOf(y.Phases, down % y.Step);
                        plane = (plane * x.Phases.Length) + Array.IndexOf(x.Phases, right % x.Step);
                        Offsets[tap++] = (((plane * Rows) + (down / y.Step)) * Pitch) + (right / x.Step);
                    }
                }
            }
        }
    }

    public int Channels { get; }

    /// <summary>Taps of a channel.</summary>
    public int TapCount => z.Taps.Length * y.Taps.Length * x.Taps.Length;

    /// <summary>Where the first position's taps are, channel by channel.</summary>
    public nint[] Offsets { get; }

    /// <summary>Elements from one row of positions to the next.</summary>
    public int Pitch { get; private set; }

    /// <summary>Elements of the copy, slack included.</summary>
    public nint Count { get; private set; }

    /// <summary>Rows of positions of a block, at most.</summary>
    public int BandRows { get; private set; }

    /// <summary>Columns of positions of a block, at most.</summary>
    public int BandColumns { get; private set; }

    public int RowBands { get; }

    public int ColumnBands { get; }

    /// <summary>Rows of the copy for one remainder.</summary>
    private int Rows { get; set; }

    /// <summary>Copies what the positions from (depth, row, column) on read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Fill<V, T, I>(T* source, nint plane, int depth, int row, int column, T* copy)
        where V : struct
        where T : unmanaged
        where I : IRegister<V, T>
    {
        var (height, width) = (y.Size, x.Size);
        var left = ((nint)column * x.Step) + x.Lowest;
        var top = ((nint)row * y.Step) + y.Lowest;
        for (var channel = 0; channel < Channels; channel++)
        {
            for (var tz = 0; tz < z.Shifts.Length; tz++)
            {
                var inside = ((nint)depth * z.Step) + z.Shifts[tz];
                var slice = inside >= 0 && inside < z.Size ? source + (channel * plane) + (inside * height * width) : null;
                foreach (var down in y.Phases)
                {
                    foreach (var right in x.Phases)
                    {
                        for (var i = 0; i < Rows; i++, copy += Pitch)
                        {
                            var at = top + down + ((nint)i * y.Step);
                            if (slice == null || at < 0 || at >= height)
                            {
                                Clear(copy, Pitch);
                            }
                            else
                            {
                                FillRow<V, T, I>(slice + (at * width), left + right, x.Step, width, copy, Pitch);
                            }
                        }
                    }
                }
            }
        }

        Clear(copy, tail);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void FillRow<V, T, I>(T* source, nint first, int step, int width, T* row, int count)
        where V : struct
        where T : unmanaged
        where I : IRegister<V, T>
    {
        // Positions from … to are inside.
        var from = first >= 0 ? 0 : Math.Min(count, (-first + step - 1) / step);
        var to = first >= width ? from : Math.Max(from, Math.Min(count, ((width - first - 1) / step) + 1));
        for (nint i = 0; i < from; i++)
        {
            row[i] = default;
        }

        source += first;
        if (step == 1)
        {
            var i = from;
            for (; i <= to - I.Lanes; i += I.Lanes)
            {
                I.Store(row + i, I.Load(source + i));
            }

            for (; i < to; i++)
            {
                row[i] = source[i];
            }
        }
        else
        {
            for (var i = from; i < to; i++)
            {
                row[i] = source[i * step];
            }
        }

        for (var i = to; i < count; i++)
        {
            row[i] = default;
        }
    }

    private static unsafe void Clear<T>(T* start, int count)
        where T : unmanaged => new Span<T>(start, count).Clear();

    private static int Parts(int whole, int part) => (whole + part - 1) / part;

    private void Measure()
    {
        var reach = ((long)(BandColumns - 1) * x.Step) + x.Extent + 1;
        if (x.Step == 1)
        {
            var left = Math.Max(0, -(long)x.Lowest);
            var right = Math.Max(0, reach + x.Lowest - x.Size);
            var shared = BandColumns == x.Count ? Math.Min(Math.Min(left, right), x.Extent) : 0;
            Pitch = (int)(reach - shared);
            tail = Slack + (int)shared;
        }
        else
        {
            Pitch = (int)((reach + x.Step - 1) / x.Step);
            tail = Slack;
        }

        Rows = (int)((((long)(BandRows - 1) * y.Step) + y.Extent + y.Step) / y.Step);
        Count = ((nint)Channels * z.Taps.Length * y.Phases.Length * x.Phases.Length * Rows * Pitch) + tail;
    }
}
