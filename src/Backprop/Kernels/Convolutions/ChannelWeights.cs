namespace Backprop.Kernels.Convolutions;

/// <summary>
/// The gradient of a convolution's weights: target[g, o, c, tap] = Σ over images and positions of
/// gradient[n, g, o, position] · source[n, g, c, position · step + shift of tap], where channels c of neighbouring taps, or else outputs o, fill registers.
/// </summary>
/// <remarks>
/// The source is copied channels last (<see cref="ChannelsLast"/>), unless it lies like that and needs no padding. A tile is outputs times channels of
/// neighbouring taps: broadcast elements of the gradient against runs of the copy, over the rows of positions of an image or several. Where these
/// channels are too few it is turned: channels of neighbouring taps times outputs, and it is the gradient that has to lie channels last. The sums are
/// collected for a chunk of images at a time; the chunks follow from the shape and are added in order.
/// </remarks>
internal sealed unsafe class ChannelWeights<T>
    where T : unmanaged
{
    /// <summary>Positions whose sums are worth a memory of their own.</summary>
    private const int ChunkPositions = 512;

    /// <summary>Positions that are computed from one copy, if it takes several images.</summary>
    private const int PiecePositions = 256;

    /// <summary>Elements of all chunks' sums.</summary>
    private const long MostSums = 4 << 20;

    /// <summary>Blocks that there should be, for them to be shared out.</summary>
    private const int Blocks = 16;

    /// <summary>A copy should stay in the second-level cache.</summary>
    private const double MostBytes = 512 * 1024;

    public ChannelWeights(ConvolutionShape shape, AxisTaps z, AxisTaps y, AxisTaps x, int lanes)
    {
        IsTurned = !FillsByChannels(shape, x, lanes);
        (Shape, Z, Y, X) = (shape, Reach.Of([z]), Reach.Of([y]), Reach.Of([x]));
        (BandRows, BandColumns) = (y.Count, x.Count);
        while (Bytes() > MostBytes && BandRows > 1)
        {
            BandRows = (BandRows + 1) / 2;
        }

        while (Bytes() > MostBytes && BandColumns > 64)
        {
            BandColumns = (BandColumns + 1) / 2;
        }

        var isWhole = BandRows == y.Count && BandColumns == x.Count;
        var plane = (double)y.Count * x.Count;
        var positions = plane * z.Count * shape.Batch;
        Images = isWhole ? (int)Math.Clamp(Math.Min(PiecePositions / plane, MostBytes / Bytes()), 1, Math.Max(shape.Batch, 1)) : 1;
        Copy = new ChannelsLast(Z, Y, X, shape.Inputs, BandRows, BandColumns, sizeof(T));
        var joined = Find(z, y, x, lanes);

        // Outputs are shared out where images are few: every part makes copies of its own.
        var most = (int)Math.Max(1, MostSums / Math.Max(1, (double)shape.Groups * shape.Outputs * Lines.Length * Inner));
        Chunks = (int)Math.Clamp(positions / ChunkPositions, 1, Math.Min(Math.Min(Blocks, most), Math.Max(1, shape.Batch / Images)));
        var parts = (Blocks + (Chunks * shape.Groups) - 1) / (Chunks * shape.Groups);
        Parts = IsTurned ? 1 : Math.Clamp(parts, 1, Math.Max(1, shape.Outputs / 32));
        SumRow = ((IsTurned ? shape.Outputs : Inner) + lanes - 1) / lanes * lanes;
        LineSize = (IsTurned ? Inner : shape.Outputs) * SumRow;
        AreTriple = IsTurned && Inner == 3 && (joined || x.Shifts.Length == 1) && y.Shifts.Length == 3
            && y.Shifts[2] - y.Shifts[1] == y.Shifts[1] - y.Shifts[0];
        IsSparable = shape.Groups == 1 && Copy.Pitch == shape.Inputs && Z.IsInside && (Y.IsInside || !AreTriple) && (X.IsInside || !joined)
            && (IsTurned || Inner % lanes == 0);
        BiasSums = (nint)shape.Groups * Lines.Length * LineSize;
        ChunkSize = BiasSums + (IsTurned ? (nint)shape.Groups * SumRow : 0);
        var (outZ, outY, outX) = (Every(z.Count), Every(y.Count), Every(x.Count));
        GradientCopy = new ChannelsLast(outZ, outY, outX, shape.Outputs, BandRows, BandColumns, sizeof(T));
        IsGradientSparable = shape.Outputs % lanes == 0;

        static Reach Every(int count) => new(count, 1, 0, 0, count);
    }

    public ConvolutionShape Shape { get; }

    public Reach Z { get; }

    public Reach Y { get; }

    public Reach X { get; }

    public ChannelsLast Copy { get; }

    /// <summary>Rows and columns of positions that are computed from one copy, at most.</summary>
    public int BandRows { get; }

    /// <inheritdoc cref="BandRows"/>
    public int BandColumns { get; }

    /// <summary>Images that are computed together, at most.</summary>
    public int Images { get; }

    /// <summary>Into how many parts the images are cut.</summary>
    public int Chunks { get; }

    /// <summary>Into how many parts the outputs are cut.</summary>
    public int Parts { get; }

    /// <summary>Whether outputs fill registers, and not channels.</summary>
    public bool IsTurned { get; }

    /// <summary>Whether lines have three elements, and come by threes.</summary>
    public bool AreTriple { get; }

    /// <summary>Whether a source whose channels lie last is read in place: no padding is read, and no register reaches beyond it.</summary>
    public bool IsSparable { get; }

    /// <summary>The gradient where it is needed channels last.</summary>
    public ChannelsLast GradientCopy { get; }

    /// <summary>Whether no register reaches beyond a gradient that lies channels last.</summary>
    public bool IsGradientSparable { get; }

    /// <summary>Where the first position's runs of neighbouring taps and their channels begin in the copy.</summary>
    public nint[] Lines { get; private set; } = [];

    /// <summary>The same in images that are read in place.</summary>
    public nint[] Places { get; private set; } = [];

    /// <summary>How far each line's row is from the position's.</summary>
    public int[] Shifts { get; private set; } = [];

    /// <summary>The columns of positions where a line is inside the source, as far as these are known.</summary>
    public (int First, int End)[] LineColumns { get; private set; } = [];

    /// <summary>Which element of a kernel each tap is, line by line.</summary>
    public int[] Kernel { get; private set; } = [];

    /// <summary>Elements of a line.</summary>
    public int Inner { get; private set; }

    /// <summary>Elements from one output's sums to the next, or, turned, from one element's of a line.</summary>
    public int SumRow { get; }

    /// <summary>Elements of the sums of a line: [output, element of the line], or turned.</summary>
    public nint LineSize { get; }

    /// <summary>Elements of a chunk's sums: [group, line, line's sums] and, turned, those of the gradient alone, [group, output].</summary>
    public nint ChunkSize { get; }

    /// <summary>Where the sums of the gradient alone begin.</summary>
    public nint BiasSums { get; }

    /// <summary>Whether this way is the fast one: the channels of a line fill registers, or the outputs do.</summary>
    public static bool Pays(ConvolutionShape shape, AxisTaps x, int lanes) => x.Count >= 3
        && (FillsByChannels(shape, x, lanes) || (Line(shape, x) >= 3 && Fills(shape.Outputs, lanes)));

    private static bool FillsByChannels(ConvolutionShape shape, AxisTaps x, int lanes) => Fills(Line(shape, x), lanes) && shape.Outputs >= 4;

    private static bool Fills(int elements, int lanes) => elements >= 0.7 * ((elements + lanes - 1) / lanes * lanes);

    /// <summary>Channels of neighbouring taps.</summary>
    private static int Line(ConvolutionShape shape, AxisTaps x) =>
        shape.Inputs * (x.Shifts.Length > 1 && x.Shifts[1] == x.Shifts[0] + 1 ? x.Shifts.Length : 1);

    /// <summary>Finds the lines, and whether each joins the neighbouring taps of a row.</summary>
    private bool Find(AxisTaps z, AxisTaps y, AxisTaps x, int lanes)
    {
        // Where a tap's channels fill registers, joining it with others would only add what it finds in the padding.
        var joined = Copy.Pitch == Copy.Channels && (IsTurned || X.IsInside || Copy.Channels % lanes != 0);
        for (var tap = 1; tap < x.Shifts.Length; tap++)
        {
            joined &= x.Shifts[tap] == x.Shifts[tap - 1] + 1;
        }

        List<nint> lines = [], places = [];
        List<int> shifts = [];
        List<(int, int)> columns = [];
        foreach (var tz in z.Shifts)
        {
            foreach (var ty in y.Shifts)
            {
                foreach (var tx in joined ? [x.Shifts[0]] : x.Shifts)
                {
                    lines.Add(Copy.Offset(Copy.Grid, tz, ty, tx));
                    places.Add(Copy.Offset(Copy.SourceGrid, tz, ty, tx));
                    shifts.Add(ty);
                    columns.Add(joined ? (0, x.Count) : Inside(tx));
                }
            }
        }

        Inner = joined ? Copy.Channels * x.Shifts.Length : Copy.Channels;
        (Lines, Places, Shifts, LineColumns) = ([.. lines], [.. places], [.. shifts], [.. columns]);
        Kernel = Convolutions.Kernel(Shape, z, y, x);
        return joined;

        (int First, int End) Inside(int shift)
        {
            var first = shift >= 0 ? 0 : (-(long)shift + x.Step - 1) / x.Step;
            var end = Math.Min(x.Count, ((x.Size - 1L - shift) / x.Step) + 1);
            return ((int)first, (int)Math.Max(first, end));
        }
    }

    private double Bytes() => ChannelsLast.Bytes(Z, Y, X, Shape.Inputs, BandRows, BandColumns, sizeof(T));
}
