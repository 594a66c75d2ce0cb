using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// target[n, g, r, position] = Σ over channels and taps of weights[g, r, channel, tap] · source[n, g, channel, position · step + shift of tap] +
/// bias[g, r], for as many target channels r as fill registers. All remainders of the target's positions by its step are one plan.
/// </summary>
/// <remarks>
/// A block copies the part of the source it needs channels last (<see cref="ChannelsLast"/>), so that a tile is positions times target channels: broadcast
/// elements of the copy against packed weights. Images that lie channels last and need no padding are read in place. Results are written where they belong
/// if they shall lie channels last and fill registers, else they are moved there, or turned back, as they leave the cache.
/// </remarks>
internal sealed unsafe class ChannelCorrelation<T> : ICorrelation
    where T : unmanaged
{
    /// <summary>A copy should stay in the second-level cache, beside the weights.</summary>
    private const double MostBytes = 256 * 1024;

    /// <summary>A single row of positions may be longer than that, but not by much.</summary>
    private const double MostRowBytes = 1024 * 1024;

    /// <summary>Pieces that there should be, for them to be shared out.</summary>
    private const int WantedPieces = 16;

    private ChannelCorrelation(int batch, int groups, int channels, int rows, AxisTaps[] z, AxisTaps[] y, AxisTaps[] x)
    {
        (Batch, Groups, Channels, Rows) = (batch, groups, channels, rows);
        (z, y, x) = (Ascending(z), Ascending(y), Ascending(x));
        (Z, Y, X) = (Reach.Of(z), Reach.Of(y), Reach.Of(x));
        (DepthStep, Height, RowStep, Width, ColumnStep) = (z[0].TargetStep, y[0].TargetSize, y[0].TargetStep, x[0].TargetSize, x[0].TargetStep);
        Depth = z[0].TargetSize;
        (Depths, BandRows, BandColumns) = (Parts(Depth, DepthStep), Parts(Height, RowStep), Parts(Width, ColumnStep));
        var (allRows, allColumns) = (BandRows, BandColumns);
        while (Bytes() > MostBytes && BandRows > 1)
        {
            BandRows = Parts(BandRows, 2);
        }

        while (Bytes() > MostRowBytes && BandColumns > 32)
        {
            BandColumns = Parts(BandColumns, 2);
        }

        while ((long)batch * groups * Depths * Parts(allRows, BandRows) * Parts(allColumns, BandColumns) < WantedPieces && BandRows * RowStep >= 16)
        {
            BandRows = Parts(BandRows, 2);
        }

        RowBands = Parts(allRows, BandRows);
        ColumnBands = Parts(allColumns, BandColumns);
        Copy = new ChannelsLast(Z, Y, X, channels, BandRows, BandColumns, sizeof(T));
        Phases = new Phase[z.Length * y.Length * x.Length];
        var (index, first) = (0, 0);
        foreach (var tz in z)
        {
            foreach (var ty in y)
            {
                foreach (var tx in x)
                {
                    var phase = Phases[index++] = new Phase(Copy, tz, ty, tx, first);
                    first += phase.Taps;
                }
            }
        }

        Taps = first;
        IsSparable = groups == 1 && Copy.IsSparable;
    }

    public int Batch { get; }

    public int Groups { get; }

    /// <summary>Channels of the source in a group.</summary>
    public int Channels { get; }

    /// <summary>Channels of the target in a group.</summary>
    public int Rows { get; }

    public Reach Z { get; }

    public Reach Y { get; }

    public Reach X { get; }

    /// <summary>The target's sizes and the steps from one position of a phase to its next.</summary>
    public int Depth { get; }

    /// <inheritdoc cref="Depth"/>
    public int DepthStep { get; }

    /// <inheritdoc cref="Depth"/>
    public int Height { get; }

    /// <inheritdoc cref="Depth"/>
    public int RowStep { get; }

    /// <inheritdoc cref="Depth"/>
    public int Width { get; }

    /// <inheritdoc cref="Depth"/>
    public int ColumnStep { get; }

    /// <summary>Depths of positions.</summary>
    public int Depths { get; }

    /// <summary>Rows and columns of positions that are computed from one copy, at most.</summary>
    public int BandRows { get; }

    /// <inheritdoc cref="BandRows"/>
    public int BandColumns { get; }

    public int RowBands { get; }

    public int ColumnBands { get; }

    public ChannelsLast Copy { get; }

    /// <summary>Whether a source whose channels lie last is read in place.</summary>
    public bool IsSparable { get; }

    public Phase[] Phases { get; }

    /// <summary>Taps of all phases.</summary>
    public int Taps { get; }

    /// <summary>Whether every position of the target belongs to a phase.</summary>
    public bool Complete { get; init; }

    /// <summary>
    /// Where the weights that lie together in memory, a target channel's source channels with their taps or only the taps, go: tap · channels + channel, or
    /// −1 where no phase has the tap.
    /// </summary>
    public required nint[] Places { get; init; }

    /// <summary>All taps of a kernel, used or not.</summary>
    public required int KernelTaps { get; init; }

    /// <summary>Elements of the weights from one target channel to the next, and from one source channel to the next.</summary>
    public required nint WeightRow { get; init; }

    /// <inheritdoc cref="WeightRow"/>
    public required nint WeightChannel { get; init; }

    public long Pieces => (long)Batch * Groups * Depths * RowBands * ColumnBands;

    /// <summary>The convolution itself.</summary>
    public static ChannelCorrelation<T> Forward(ConvolutionShape shape)
    {
        var (tz, ty, tx) = (AxisTaps.Forward(shape, 0), AxisTaps.Forward(shape, 1), AxisTaps.Forward(shape, 2));
        return new ChannelCorrelation<T>(shape.Batch, shape.Groups, shape.Inputs, shape.Outputs, [tz], [ty], [tx])
        {
            Complete = true,
            Places = PlacesOf(Convolutions.Kernel(shape, tz, ty, tx), shape.Taps, shape.Inputs, areJoined: true),
            KernelTaps = shape.Taps,
            WeightRow = (nint)shape.Inputs * shape.Taps,
            WeightChannel = shape.Taps,
        };
    }

    /// <summary>The gradient of its input.</summary>
    public static ChannelCorrelation<T> Backward(ConvolutionShape shape, AxisTaps[] z, AxisTaps[] y, AxisTaps[] x, bool complete)
    {
        List<int> kernel = [];
        (z, y, x) = (Ascending(z), Ascending(y), Ascending(x));
        foreach (var tz in z)
        {
            foreach (var ty in y)
            {
                foreach (var tx in x)
                {
                    kernel.AddRange(Convolutions.Kernel(shape, tz, ty, tx));
                }
            }
        }

        return new ChannelCorrelation<T>(shape.Batch, shape.Groups, shape.Outputs, shape.Inputs, z, y, x)
        {
            Complete = complete,
            Places = PlacesOf([.. kernel], shape.Taps, shape.Outputs, areJoined: shape.Inputs == 1),
            KernelTaps = shape.Taps,
            WeightRow = shape.Taps,
            WeightChannel = (nint)shape.Inputs * shape.Taps,
        };
    }

    /// <summary>
    /// Whether this way is the fast one: the target's channels fill registers, and there is something to sum.
    /// </summary>
    public static bool Pays(int rows, int channels, int taps, Reach z, Reach x, int lanes)
    {
        return Fills(rows, lanes) && (long)channels * taps >= 8
            && ChannelsLast.Bytes(z, new Reach(1, 1, 0, 2, 1), x, channels, 1, Math.Min(x.Count, 64), sizeof(T)) <= 4 * MostRowBytes;
    }

    /// <summary>
    /// Whether so many channels fill the widest registers there are. They fill narrower ones then as well, so that what is decided by it is the same on every
    /// processor.
    /// </summary>
    public static bool FillsWidest(int rows) => Fills(rows, 64 / sizeof(T));

    private static bool Fills(int rows, int lanes) => rows >= 0.7 * ((rows + lanes - 1) / lanes * lanes);

    private static nint[] PlacesOf(int[] kernel, int kernelTaps, int channels, bool areJoined)
    {
        var places = new nint[areJoined ? channels * kernelTaps : kernelTaps];
        Array.Fill(places, -1);
        for (var tap = 0; tap < kernel.Length; tap++)
        {
            for (var channel = 0; channel < places.Length / kernelTaps; channel++)
            {
                places[(channel * kernelTaps) + kernel[tap]] = ((nint)tap * channels) + channel;
            }
        }

        return places;
    }

    private static AxisTaps[] Ascending(AxisTaps[] phases) => [.. phases.Select(phase => phase.Ascending())];

    private static int Parts(int whole, int part) => (whole + part - 1) / part;

    private double Bytes() => ChannelsLast.Bytes(Z, Y, X, Channels, BandRows, BandColumns, sizeof(T));

    /// <summary>The target's positions of one remainder by the step.</summary>
    internal sealed class Phase
    {
        /// <summary>Columns of positions of which a few at the borders are worth being computed on their own.</summary>
        private const int MostColumns = 24;

        public Phase(ChannelsLast copy, AxisTaps z, AxisTaps y, AxisTaps x, int firstTap)
        {
            (Z, Y, X, FirstTap) = (z, y, x, firstTap);
            Taps = z.Taps.Length * y.Taps.Length * x.Taps.Length;
            var joined = copy.Pitch == copy.Channels;
            for (var tap = 1; tap < x.Shifts.Length; tap++)
            {
                joined &= x.Shifts[tap] == x.Shifts[tap - 1] + 1;
            }

            AreNeighbours = joined && x.Step == 1;
            Inner = joined ? copy.Channels * x.Shifts.Length : copy.Channels;
            List<nint> runs = [], places = [];
            foreach (var tz in z.Shifts)
            {
                foreach (var ty in y.Shifts)
                {
                    foreach (var tx in joined ? [x.Shifts[0]] : x.Shifts)
                    {
                        runs.Add(copy.Offset(copy.Grid, tz, ty, tx));
                        places.Add(copy.Offset(copy.SourceGrid, tz, ty, tx));
                    }
                }
            }

            (Runs, Places) = ([.. runs], [.. places]);
            InsideColumns = joined && x.Count <= MostColumns ? ColumnsInside(x) : (0, x.Count);
            Inside = RowsInside(y, Runs.Length, z.Shifts.Length == 1);
        }

        public AxisTaps Z { get; }

        public AxisTaps Y { get; }

        public AxisTaps X { get; }

        /// <summary>Taps of all phases before this one.</summary>
        public int FirstTap { get; }

        public int Taps { get; }

        /// <summary>Where the first position's runs of taps and channels begin in the copy.</summary>
        public nint[] Runs { get; }

        /// <summary>The same in images that are read in place.</summary>
        public nint[] Places { get; }

        /// <summary>Whether a position's taps are those of its neighbour, moved by one.</summary>
        public bool AreNeighbours { get; }

        /// <summary>Elements of a run.</summary>
        public int Inner { get; }

        /// <summary>
        /// Which runs of a row of positions need be summed: those of rows of taps that lie in the padding need not. All of them where all do, so that there
        /// is a sum.
        /// </summary>
        public (int First, int End)[] Inside { get; }

        /// <summary>
        /// Columns of positions none of whose taps lie in the padding; all of them where the others are too many, or too few, to be computed on their own.
        /// </summary>
        public (int First, int End) InsideColumns { get; }

        /// <summary>The taps of a column of positions that do not lie in the padding; at least one.</summary>
        public (int First, int End) TapsInside(int column)
        {
            var (first, end, at) = (0, X.Shifts.Length, (long)column * X.Step);
            while (first < end - 1 && at + X.Shifts[first] < 0)
            {
                first++;
            }

            while (first < end - 1 && at + X.Shifts[end - 1] >= X.Size)
            {
                end--;
            }

            return (first, end);
        }

        private static (int First, int End) ColumnsInside(AxisTaps x)
        {
            var (first, end) = (0, x.Count);
            while (first < end && ((long)first * x.Step) + x.Lowest < 0)
            {
                first++;
            }

            while (first < end && ((end - 1L) * x.Step) + x.Lowest + x.Extent >= x.Size)
            {
                end--;
            }

            return end - first >= 6 ? (first, end) : (0, x.Count);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static (int First, int End)[] RowsInside(AxisTaps y, int runs, bool isFlat)
        {
            var rows = new (int First, int End)[y.Count];
            var each = runs / y.Shifts.Length;
            for (var row = 0; row < rows.Length; row++)
            {
                var (first, end) = (0, isFlat ? y.Shifts.Length : 0);
                while (first < end && ((long)row * y.Step) + y.Shifts[first] < 0)
                {
                    first++;
                }

                while (first < end && ((long)row * y.Step) + y.Shifts[end - 1] >= y.Size)
                {
                    end--;
                }

                rows[row] = first < end ? (first * each, end * each) : (0, runs);
            }

            return rows;
        }
    }
}
