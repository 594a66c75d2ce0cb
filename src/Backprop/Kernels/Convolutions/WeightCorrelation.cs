using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// The gradient of a convolution's weights: target[g, o, c, tap] = Σ over images and positions of
/// gradient[n, g, o, position] · source[n, g, c, position · step + shift of tap].
/// </summary>
/// <remarks>
/// Computed as the product of the field's shifted rows with the transposed gradient, [channels · taps, positions] · [positions, outputs], whose sums are
/// collected for a chunk of images at a time; the chunks follow from the shape and are added in order. The gradient stands where a correlation has its
/// weights; the target is [chunk, group, output, channel, kept tap].
/// </remarks>
internal sealed unsafe class WeightCorrelation<T>
    where T : unmanaged
{
    /// <summary>Rows of a product that a block collects.</summary>
    private const int MostRows = 320;

    /// <summary>Elements of all chunks' sums.</summary>
    private const long MostSums = 4 << 20;

    private const int Blocks = 32;

    public WeightCorrelation(ConvolutionShape shape, AxisTaps z, AxisTaps y, AxisTaps x, int taps)
    {
        (Shape, Z, Y, X) = (shape, z, y, x);
        ChannelParts = (int)Math.Max(1, Math.Min(shape.Inputs, (((long)shape.Inputs * taps) + MostRows - 1) / MostRows));
        PartChannels = (shape.Inputs + ChannelParts - 1) / ChannelParts;
        ChannelParts = (shape.Inputs + PartChannels - 1) / PartChannels;
        var sums = (long)shape.Groups * shape.Outputs * shape.Inputs * taps;
        var wanted = (Blocks + ((long)shape.Groups * ChannelParts) - 1) / ((long)shape.Groups * ChannelParts);
        Chunks = (int)Math.Max(1, Math.Min(Math.Min(wanted, shape.Batch), MostSums / Math.Max(sums, 1)));
        Whole = new Field(z, y, x, PartChannels, sizeof(T));
        var left = shape.Inputs % PartChannels;
        Last = left == 0 ? Whole : new Field(z, y, x, left, sizeof(T));
    }

    public ConvolutionShape Shape { get; }

    public AxisTaps Z { get; }

    public AxisTaps Y { get; }

    public AxisTaps X { get; }

    /// <summary>Into how many blocks the channels of a group are cut, and how many each has.</summary>
    public int ChannelParts { get; }

    /// <inheritdoc cref="ChannelParts"/>
    public int PartChannels { get; }

    /// <summary>Into how many parts the images are cut.</summary>
    public int Chunks { get; }

    /// <summary>Copies of a part's channels, and of those of the last part.</summary>
    public Field Whole { get; }

    /// <inheritdoc cref="Whole"/>
    public Field Last { get; }
}

/// <summary>Runs the blocks of a <see cref="WeightCorrelation{T}"/>.</summary>
internal static unsafe class WeightCorrelator<V, T, I>
    where V : struct
    where T : unmanaged, INumber<T>
    where I : IRegister<V, T>
{
    /// <summary>Positions whose products are summed at a time.</summary>
    private const int LongestStretch = 256;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(WeightCorrelation<T> plan, in WeightArrays<T> arrays)
    {
        var shape = plan.Shape;
        var multiplications = (double)shape.Batch * shape.Groups * shape.Outputs * shape.Inputs * plan.Whole.TapCount * shape.OutputPlane;
        Workers.Run(new Body(plan, arrays), plan.Chunks * shape.Groups * plan.ChannelParts, multiplications / (4 * I.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunBlock(WeightCorrelation<T> plan, in WeightArrays<T> arrays, int block)
    {
        var shape = plan.Shape;
        (block, var part) = Math.DivRem(block, plan.ChannelParts);
        var (chunk, group) = Math.DivRem(block, shape.Groups);
        var field = part == plan.ChannelParts - 1 ? plan.Last : plan.Whole;
        var rows = field.Offsets.Length;
        var outputs = shape.Outputs;

        // A row is a little longer than needed: rows that lie 4096 bytes apart share cache sets.
        var stretchRow = LongestStretch + I.Lanes;
        nint shiftedSize = outputs == 1 ? 0 : ((nint)rows * stretchRow) + I.Lanes;
        nint panelSize = outputs == 1 ? 0 : 3 * I.Lanes * LongestStretch;
        var sumRow = Blocks<V, T, I>.Registers(outputs) * I.Lanes;
        nint sumSize = outputs == 1 ? (nint)(rows + 4) * I.Lanes : (nint)rows * sumRow;
        var memory = (T*)Scratch.Own((panelSize + sumSize + shiftedSize + field.Count) * sizeof(T));
        Work work = new() { Field = field, Panel = memory, Sums = memory + panelSize, SumRow = sumRow, StretchRow = stretchRow };
        work.Shifted = work.Sums + sumSize;
        work.Copy = work.Shifted + shiftedSize;
        new Span<T>(work.Sums, (int)sumSize).Clear();

        var end = (int)((long)shape.Batch * (chunk + 1) / plan.Chunks);
        for (var image = (int)((long)shape.Batch * chunk / plan.Chunks); image < end; image++)
        {
            var index = ((nint)image * shape.Groups) + group;
            var source = arrays.Source.Start + (((index * shape.Inputs) + (part * plan.PartChannels)) * shape.InputPlane);
            var gradient = arrays.Gradient.Start + (index * outputs * shape.OutputPlane);
            for (var depth = 0; depth < plan.Z.Count; depth++)
            {
                for (var row = 0; row < plan.Y.Count; row += field.BandRows)
                {
                    for (var column = 0; column < plan.X.Count; column += field.BandColumns)
                    {
                        field.Fill<V, T, I>(source, shape.InputPlane, depth, row, column, work.Copy);
                        work.Rows = Math.Min(field.BandRows, plan.Y.Count - row);
                        work.Columns = Math.Min(field.BandColumns, plan.X.Count - column);
                        work.Gradient = gradient + (((((nint)depth * plan.Y.Count) + row) * plan.X.Count) + column);
                        if (outputs == 1)
                        {
                            AddSingle(work, plan.X.Count);
                        }
                        else
                        {
                            Add(work, shape, plan.X.Count);
                        }
                    }
                }
            }
        }

        Write(plan, arrays.Target, work, chunk, group, part * plan.PartChannels);
    }

    /// <summary>Adds the products of one field.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(in Work work, ConvolutionShape shape, int gradientRow)
    {
        // Rows that follow each other in memory are one run of positions.
        var joined = work.Columns == gradientRow;
        var (runs, length) = joined ? (1, work.Rows * work.Columns) : (work.Rows, work.Columns);
        Tile<T> tile = default;
        Strips<T> strips = default;
        strips.Rows = work.Field.Offsets.Length;
        var high = Blocks<V, T, I>.Registers(shape.Outputs) == 1 ? I.Rows1 : I.Rows2;
        strips.Count = (strips.Rows + high - 1) / high;
        strips.A = work.Shifted;
        tile.ARow = work.StretchRow;
        tile.AStep = 1;
        tile.LastTo = I.Lanes;
        tile.CRow = tile.StartRow = work.SumRow;
        var stretches = (length + LongestStretch - 1) / LongestStretch;
        for (var run = 0; run < runs; run++)
        {
            for (var part = 0; part < stretches; part++)
            {
                var first = (int)((long)length * part / stretches);
                tile.Inner = (int)((long)length * (part + 1) / stretches) - first;
                Shift(work, run, first, (int)tile.Inner);
                for (var panel = 0; panel < Blocks<V, T, I>.PanelCount(shape.Outputs); panel++)
                {
                    var output = panel * 2 * I.Lanes;
                    var width = Blocks<V, T, I>.Width(shape.Outputs, panel);
                    Packing<V, T, I>.Transpose(
                        work.Gradient + ((nint)run * gradientRow) + first + ((nint)output * shape.OutputPlane), shape.OutputPlane, (int)tile.Inner,
                        shape.Outputs - output, width, work.Panel);
                    tile.B = work.Panel;
                    tile.BStep = width * I.Lanes;
                    tile.Last = (width - 1) * I.Lanes;
                    tile.C = tile.Start = work.Sums + output;
                    Blocks<V, T, I>.Run(tile, strips, width);
                }
            }
        }
    }

    /// <summary>Lays the shifted rows of a stretch of positions side by side, without the gaps between rows of positions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Shift(in Work work, int run, int first, int count)
    {
        var (row, column) = Math.DivRem(first, work.Columns);
        var copy = work.Copy + ((nint)(run + row) * work.Field.Pitch);
        var to = work.Shifted;
        var pitch = work.Field.Pitch;
        foreach (var offset in work.Field.Offsets)
        {
            // Whole registers: what is too much is written over by what comes next.
            var from = copy + offset;
            var (at, start) = (0, column);
            while (at < count)
            {
                var length = Math.Min(work.Columns - start, count - at);
                for (var i = 0; i < length; i += I.Lanes)
                {
                    I.Store(to + at + i, I.Load(from + start + i));
                }

                at += length;
                from += pitch;
                start = 0;
            }

            to += work.StretchRow;
        }
    }

    /// <summary>One output: dot products of the gradient with four shifted rows at a time, a register of partial sums for each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSingle(in Work work, int gradientRow)
    {
        var (taps, pitch) = (work.Field.Offsets.Length, work.Field.Pitch);
        var full = work.Columns / I.Lanes * I.Lanes;
        var mask = I.Mask(0, work.Columns - full);
        fixed (nint* offsets = work.Field.Offsets)
        {
            for (var tap = 0; tap < taps; tap += 4)
            {
                var last = taps - 1;
                var (o0, o1) = (offsets[tap], offsets[Math.Min(tap + 1, last)]);
                var (o2, o3) = (offsets[Math.Min(tap + 2, last)], offsets[Math.Min(tap + 3, last)]);
                var sums = work.Sums + ((nint)tap * I.Lanes);
                V s0 = I.Load(sums), s1 = I.Load(sums + I.Lanes), s2 = I.Load(sums + (2 * I.Lanes)), s3 = I.Load(sums + (3 * I.Lanes));
                for (var row = 0; row < work.Rows; row++)
                {
                    var gradient = work.Gradient + ((nint)row * gradientRow);
                    var copy = work.Copy + ((nint)row * pitch);
                    for (var i = 0; i < full; i += I.Lanes)
                    {
                        var g = I.Load(gradient + i);
                        s0 = I.MultiplyAdd(g, I.Load(copy + o0 + i), s0);
                        s1 = I.MultiplyAdd(g, I.Load(copy + o1 + i), s1);
                        s2 = I.MultiplyAdd(g, I.Load(copy + o2 + i), s2);
                        s3 = I.MultiplyAdd(g, I.Load(copy + o3 + i), s3);
                    }

                    if (full < work.Columns)
                    {
                        var g = I.Load(gradient + full, mask);
                        s0 = I.MultiplyAdd(g, I.Load(copy + o0 + full, mask), s0);
                        s1 = I.MultiplyAdd(g, I.Load(copy + o1 + full, mask), s1);
                        s2 = I.MultiplyAdd(g, I.Load(copy + o2 + full, mask), s2);
                        s3 = I.MultiplyAdd(g, I.Load(copy + o3 + full, mask), s3);
                    }
                }

                I.Store(sums, s0);
                I.Store(sums + I.Lanes, s1);
                I.Store(sums + (2 * I.Lanes), s2);
                I.Store(sums + (3 * I.Lanes), s3);
            }
        }
    }

    /// <summary>Writes the sums of a block, transposed, to its chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write(WeightCorrelation<T> plan, T* target, in Work work, int chunk, int group, int firstChannel)
    {
        var (shape, taps) = (plan.Shape, work.Field.TapCount);
        var rows = work.Field.Offsets.Length;
        nint outputRow = (nint)shape.Inputs * taps;
        var to = target + (((((nint)chunk * shape.Groups) + group) * shape.Outputs) * outputRow) + ((nint)firstChannel * taps);
        if (shape.Outputs == 1)
        {
            var four = stackalloc T[4];
            for (var row = 0; row < rows; row += 4)
            {
                var sums = work.Sums + ((nint)row * I.Lanes);
                I.Sum(I.Load(sums), I.Load(sums + I.Lanes), I.Load(sums + (2 * I.Lanes)), I.Load(sums + (3 * I.Lanes)), four);
                for (var i = row; i < Math.Min(rows, row + 4); i++)
                {
                    to[i] = four[i - row];
                }
            }

            return;
        }

        for (var output = 0; output < shape.Outputs; output++)
        {
            for (var row = 0; row < rows; row++)
            {
                to[(output * outputRow) + row] = work.Sums[((nint)row * work.SumRow) + output];
            }
        }
    }

    private struct Work
    {
        public Field Field;
        public T* Copy;
        public T* Shifted;
        public int StretchRow;
        public T* Panel;
        public T* Sums;
        public int SumRow;
        public T* Gradient;
        public int Rows;
        public int Columns;
    }

    private readonly struct Body(WeightCorrelation<T> plan, WeightArrays<T> arrays) : IBlockBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int block) => RunBlock(plan, arrays, block);
    }
}
