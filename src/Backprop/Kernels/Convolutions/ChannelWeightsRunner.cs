using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>Runs the blocks of a <see cref="ChannelWeights{T}"/>.</summary>
internal static unsafe class ChannelWeightsRunner<V, T, I>
    where V : struct
    where T : unmanaged, INumber<T>
    where I : IRegister<V, T>
{
    /// <summary>Positions whose products are summed at a time.</summary>
    private const int LongestStretch = 128;

    /// <summary>Runs of positions that are summed at a time, at most.</summary>
    private const int MostRuns = 128;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ChannelWeights<T> plan, in WeightArrays<T> arrays)
    {
        var shape = plan.Shape;
        nint square = 2 * I.Lanes * I.Lanes;
        var sums = (T*)Scratch.Shared(((plan.Chunks * plan.ChunkSize) + square) * sizeof(T));
        var nanoseconds = (double)shape.Batch * shape.OutputPlane * plan.ChunkSize / (4 * I.Lanes);
        Workers.Run(new Body(plan, arrays, sums), plan.Chunks * shape.Groups * plan.Parts, nanoseconds);
        for (var chunk = 1; chunk < plan.Chunks; chunk++)
        {
            var more = sums + (chunk * plan.ChunkSize);
            for (nint i = 0; i < plan.ChunkSize; i += I.Lanes)
            {
                I.Store(sums + i, I.Add(I.Load(sums + i), I.Load(more + i)));
            }
        }

        if (plan.IsTurned)
        {
            SpreadTurned(plan, sums, arrays);
        }
        else
        {
            Spread(plan, sums, arrays.Target, sums + (plan.Chunks * plan.ChunkSize));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunBlock(ChannelWeights<T> plan, in WeightArrays<T> arrays, T* sums, int block)
    {
        var (shape, copy, source, gradient) = (plan.Shape, plan.Copy, arrays.Source, arrays.Gradient);
        (block, var part) = Math.DivRem(block, plan.Parts);
        var (chunk, group) = Math.DivRem(block, shape.Groups);
        var (firstOutput, endOutput) = (Cut(shape.Outputs, part, plan.Parts), Cut(shape.Outputs, part + 1, plan.Parts));
        Work work = new() { Outputs = endOutput - firstOutput };

        // Outputs whose positions share cache sets: their gradients are copied closer together.
        nint square = 2 * I.Lanes * I.Lanes;
        var sourcePixel = source.AreChannelsLast ? (nint)shape.Groups * shape.Inputs : 0;
        work.Pixel = gradient.AreChannelsLast ? (nint)shape.Groups * shape.Outputs : 0;
        var isFar = !plan.IsTurned && work.Outputs > 8
            && (work.Pixel == 0 ? shape.OutputPlane * sizeof(T) % 4096 == 0 : work.Pixel * sizeof(T) % 2048 == 0);
        var isCopied = plan.IsTurned && (work.Pixel == 0 || !plan.IsGradientSparable);
        nint positions = plan.Images * plan.BandRows * plan.BandColumns;
        work.Packed = !isFar ? 0 : work.Pixel == 0 ? positions + I.Lanes : work.Outputs + I.Lanes;
        var gradientImage = isCopied ? Slack(plan.GradientCopy) : 0;
        var packedSize = isCopied ? plan.Images * gradientImage : !isFar ? 0 : work.Pixel == 0 ? work.Outputs * work.Packed : positions * work.Packed;
        var imageSize = Slack(copy);
        var memory = (T*)Scratch.Own((square + packedSize + (plan.Images * imageSize)) * sizeof(T));
        T* packed = memory + square, copies = packed + packedSize;
        work.IsSpared = plan.IsSparable && (source.AreChannelsLast || shape.Inputs == 1);
        work.CopyImage = work.IsSpared ? (nint)shape.InputPlane * shape.Inputs : imageSize;
        work.RowPitch = work.IsSpared ? copy.SourceGrid.RowPitch : copy.RowPitch;
        work.Sums = sums + (chunk * plan.ChunkSize) + ((nint)group * plan.Lines.Length * plan.LineSize) + ((nint)firstOutput * plan.SumRow);
        work.BiasSums = arrays.Bias == null ? null : sums + (chunk * plan.ChunkSize) + plan.BiasSums + (group * plan.SumRow);
        work.IsFirst = true;

        // Registers reach beyond the last position; what they find there is not kept, but should be no denormal.
        for (var i = 0; i < plan.Images; i++)
        {
            new Span<T>(copies + (i * imageSize) + copy.Count, (int)(imageSize - copy.Count)).Clear();
            if (isCopied)
            {
                new Span<T>(packed + (i * gradientImage) + plan.GradientCopy.Count, (int)(gradientImage - plan.GradientCopy.Count)).Clear();
            }
        }

        var (filled, filledImages) = ((-1, -1, -1), 0);
        var end = Cut(shape.Batch, chunk + 1, plan.Chunks);
        for (var image = Cut(shape.Batch, chunk, plan.Chunks); image < end; image += plan.Images)
        {
            var images = Math.Min(plan.Images, end - image);
            for (var depth = 0; depth < plan.Z.Count; depth++)
            {
                for (var row = 0; row < plan.Y.Count; row += plan.BandRows)
                {
                    for (var column = 0; column < plan.X.Count; column += plan.BandColumns)
                    {
                        work.Row = row;
                        work.Rows = Math.Min(plan.BandRows, plan.Y.Count - row);
                        work.Column = column;
                        work.Columns = Math.Min(plan.BandColumns, plan.X.Count - column);
                        work.GradientStep = isCopied ? plan.GradientCopy.Pitch : work.Pixel == 0 ? 1 : isFar ? work.Packed : work.Pixel;
                        work.GradientRow = isCopied ? plan.GradientCopy.RowPitch : (isFar ? work.Columns : plan.X.Count) * work.GradientStep;
                        work.GradientImage = isCopied ? gradientImage
                            : isFar ? work.Rows * work.GradientRow : (nint)shape.Groups * shape.Outputs * shape.OutputPlane;
                        var at = ((((nint)depth * plan.Y.Count) + row) * plan.X.Count) + column;
                        for (var i = 0; i < images; i++)
                        {
                            var from = gradient.At(image + i, group, shape.Groups, shape.Outputs, shape.OutputPlane);
                            var offset = work.Pixel == 0 ? ((nint)firstOutput * shape.OutputPlane) + at : firstOutput + (at * work.Pixel);
                            if (isCopied)
                            {
                                plan.GradientCopy.Fill<V, T, I>(
                                    from, work.Pixel, depth, row, work.Rows, column, work.Columns, packed + (i * gradientImage), memory, true);
                            }
                            else if (isFar)
                            {
                                Pack(plan, work, from + offset, packed + (i * work.GradientImage));
                            }

                            work.Gradient = isFar || isCopied ? packed : i == 0 ? from + offset : work.Gradient;
                            var first = source.At(image + i, group, shape.Groups, shape.Inputs, shape.InputPlane);
                            if (!work.IsSpared)
                            {
                                work.Copy = copies;
                                copy.Fill<V, T, I>(
                                    first, sourcePixel, depth, row, work.Rows, column, work.Columns, copies + (i * imageSize), memory,
                                    i < filledImages && filled == (depth, row, column));
                            }
                            else if (i == 0)
                            {
                                work.Copy = first + copy.Place(depth, row, column);
                            }
                        }

                        filled = (depth, row, column);
                        filledImages = images;
                        AddPiece(plan, ref work, images);
                    }
                }
            }
        }
    }

    /// <summary>Elements of a copy and of what registers find behind it.</summary>
    private static nint Slack(ChannelsLast copy) => ((copy.Count + I.Lanes - 1) / I.Lanes * I.Lanes) + (3 * I.Lanes);

    /// <summary>Copies the gradients of a piece's positions of one image, side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(ChannelWeights<T> plan, in Work work, T* gradient, T* to)
    {
        var joined = work.Columns == plan.X.Count;
        var (runs, length) = joined ? (1, work.Rows * work.Columns) : (work.Rows, work.Columns);
        for (var run = 0; run < runs; run++, gradient += work.Pixel == 0 ? plan.X.Count : plan.X.Count * work.Pixel)
        {
            for (var output = 0; output < work.Outputs && work.Pixel == 0; output++)
            {
                new Span<T>(gradient + ((nint)output * plan.Shape.OutputPlane), length)
                    .CopyTo(new Span<T>(to + (output * work.Packed) + (run * length), length));
            }

            for (var at = 0; at < length && work.Pixel != 0; at++, to += work.Packed)
            {
                new Span<T>(gradient + (at * work.Pixel), work.Outputs).CopyTo(new Span<T>(to, work.Outputs));
            }
        }
    }

    /// <summary>Adds the products of a piece: runs are its rows of positions, a few at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddPiece(ChannelWeights<T> plan, ref Work work, int images)
    {
        var shape = plan.Shape;
        var aRuns = stackalloc nint[MostRuns];
        var bRuns = stackalloc nint[MostRuns];
        RunTile<T> tile = default;
        tile.ARuns = aRuns;
        tile.BRuns = bRuns;
        var sourceStep = plan.X.Step * (nint)plan.Copy.Pitch;
        if (plan.IsTurned)
        {
            (tile.ARow, tile.AStep, tile.BStep) = (1, sourceStep, work.GradientStep);
        }
        else
        {
            tile.ARow = work.Pixel != 0 ? 1 : work.Packed != 0 ? work.Packed : shape.OutputPlane;
            (tile.AStep, tile.BStep) = (work.GradientStep, sourceStep);
        }

        tile.CRow = plan.SumRow;
        var (rows, columns) = plan.IsTurned ? (plan.Inner, shape.Outputs) : (work.Outputs, plan.Inner);
        var lines = work.IsSpared ? plan.Places : plan.Lines;

        // A long row is a run in parts.
        var parts = (work.Columns + LongestStretch - 1) / LongestStretch;
        var most = Math.Clamp(LongestStretch / work.Columns, 1, MostRuns);
        var all = images * work.Rows;
        var stretches = (all + most - 1) / most;
        for (var part = 0; part < parts; part++)
        {
            var first = (int)((long)work.Columns * part / parts);
            var length = (int)((long)work.Columns * (part + 1) / parts) - first;
            for (var stretch = 0; stretch < stretches; stretch++)
            {
                var (runs, endRun) = (Cut(all, stretch, stretches), Cut(all, stretch + 1, stretches));
                if (plan.AreTriple)
                {
                    tile.Inner = length;
                    AddTriples(plan, work, tile, lines, (runs, endRun), first);
                    work.IsFirst = false;
                    continue;
                }

                if (work.BiasSums != null)
                {
                    AddBias(plan, work, (runs, endRun), first, length);
                }

                var known = (int.MinValue, 0, 0);
                for (var line = 0; line < plan.Lines.Length; line++)
                {
                    var shift = plan.Shifts[line];
                    var from = Math.Max(first, plan.LineColumns[line].First - work.Column);
                    var to = Math.Min(first + length, plan.LineColumns[line].End - work.Column);
                    if (known != (shift, from, to))
                    {
                        // Positions whose taps lie in the padding add nothing.
                        (tile.Runs, tile.Inner, known) = (0, to - from, (shift, from, to));
                        for (var run = runs; run < endRun && from < to; run++)
                        {
                            var (image, row) = Math.DivRem(run, work.Rows);
                            var at = ((long)(work.Row + row) * plan.Y.Step) + shift;
                            if (at >= 0 && at < plan.Y.Size)
                            {
                                var byGradient = (image * work.GradientImage) + (row * work.GradientRow) + (from * work.GradientStep);
                                var bySource = (image * work.CopyImage) + (row * (nint)plan.Y.Step * work.RowPitch) + (from * sourceStep);
                                aRuns[tile.Runs] = plan.IsTurned ? bySource : byGradient;
                                bRuns[tile.Runs++] = plan.IsTurned ? byGradient : bySource;
                            }
                        }
                    }

                    for (var column = 0; column < columns && (tile.Runs > 0 || work.IsFirst); column += 2 * I.Lanes)
                    {
                        var width = columns - column > I.Lanes ? 2 : 1;
                        tile.A = plan.IsTurned ? work.Copy + lines[line] : work.Gradient;
                        tile.B = (plan.IsTurned ? work.Gradient : work.Copy + lines[line]) + column;
                        tile.C = work.Sums + (line * plan.LineSize) + column;
                        tile.Accumulates = !work.IsFirst;
                        RunTiles<V, T, I>.Run(ref tile, rows, width);
                    }
                }

                work.IsFirst = false;
            }
        }
    }

    /// <summary>Adds the products of a stretch, three lines of three elements at a time: in one pass over the gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTriples(ChannelWeights<T> plan, in Work work, RunTile<T> tile, nint[] lines, (int First, int End) runs, int first)
    {
        tile.Runs = runs.End - runs.First;
        for (var run = runs.First; run < runs.End; run++)
        {
            var (image, row) = Math.DivRem(run, work.Rows);
            tile.ARuns[run - runs.First] = (image * work.CopyImage) + (row * (nint)plan.Y.Step * work.RowPitch) + (first * tile.AStep);
            tile.BRuns[run - runs.First] = (image * work.GradientImage) + (row * work.GradientRow) + (first * tile.BStep);
        }

        var most = LineTile<V, T, I>.Width;
        for (var line = 0; line < lines.Length; line += LineTile<V, T, I>.Lines)
        {
            tile.ARow = lines[line + 1] - lines[line];
            for (var column = 0; column < plan.SumRow; column += most * I.Lanes)
            {
                tile.A = work.Copy + lines[line];
                tile.B = work.Gradient + column;
                tile.C = work.Sums + (line * plan.LineSize) + column;
                tile.Accumulates = !work.IsFirst;
                LineTile<V, T, I>.Run(
                    tile, Math.Min(most, (plan.SumRow - column) / I.Lanes), line == 0 && work.BiasSums != null ? work.BiasSums + column : null);
            }
        }
    }

    /// <summary>Adds the gradients of a stretch, which the products read next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBias(ChannelWeights<T> plan, in Work work, (int First, int End) runs, int first, int length)
    {
        for (var column = 0; column < plan.SumRow; column += I.Lanes)
        {
            V a = I.Zero, b = I.Zero, c = I.Zero, d = I.Zero;
            var step = work.GradientStep;
            for (var run = runs.First; run < runs.End; run++)
            {
                var (image, row) = Math.DivRem(run, work.Rows);
                var from = work.Gradient + (image * work.GradientImage) + (row * work.GradientRow) + (first * step) + column;
                var i = 0;
                for (; i <= length - 4; i += 4, from += 4 * step)
                {
                    a = I.Add(a, I.Load(from));
                    b = I.Add(b, I.Load(from + step));
                    c = I.Add(c, I.Load(from + (2 * step)));
                    d = I.Add(d, I.Load(from + (3 * step)));
                }

                for (; i < length; i++, from += step)
                {
                    a = I.Add(a, I.Load(from));
                }
            }

            a = I.Add(I.Add(a, b), I.Add(c, d));
            I.Store(work.BiasSums + column, work.IsFirst ? a : I.Add(I.Load(work.BiasSums + column), a));
        }
    }

    /// <summary>weights[group, output, channel, tap] += sums[group, line, output, tap of the line, channel].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(ChannelWeights<T> plan, T* sums, T* weights, T* square)
    {
        var (shape, channels) = (plan.Shape, plan.Shape.Inputs);
        var perLine = plan.Inner / channels;
        var turned = square + (I.Lanes * I.Lanes);
        var mask = I.Mask(0, shape.Taps);
        new Span<T>(square, I.Lanes * I.Lanes).Clear();
        for (var row = 0; row < shape.Groups * shape.Outputs; row++)
        {
            var (group, output) = Math.DivRem(row, shape.Outputs);
            var first = sums + (((((nint)group * plan.Lines.Length) * shape.Outputs) + output) * plan.SumRow);
            var line = (nint)shape.Outputs * plan.SumRow;
            var to = weights + ((nint)row * channels * shape.Taps);
            var channel = 0;
            for (; shape.Taps <= I.Lanes && channel <= channels - I.Lanes; channel += I.Lanes)
            {
                for (var tap = 0; tap < plan.Kernel.Length; tap++)
                {
                    var from = first + (tap / perLine * line) + (tap % perLine * (nint)channels) + channel;
                    I.Store(square + (plan.Kernel[tap] * I.Lanes), I.Load(from));
                }

                I.Transpose(square, I.Lanes, turned, I.Lanes);
                for (var i = 0; i < I.Lanes; i++, to += shape.Taps)
                {
                    I.Store(to, I.Add(I.Load(to, mask), I.Load(turned + (i * I.Lanes))), mask);
                }
            }

            for (; channel < channels; channel++, to += shape.Taps)
            {
                for (var tap = 0; tap < plan.Kernel.Length; tap++)
                {
                    to[plan.Kernel[tap]] += first[(tap / perLine * line) + (tap % perLine * (nint)channels) + channel];
                }
            }
        }
    }

    /// <summary>weights[group, output, channel, tap] += sums[group, line, tap of the line, channel, output].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SpreadTurned(ChannelWeights<T> plan, T* sums, in WeightArrays<T> arrays)
    {
        var (shape, channels) = (plan.Shape, plan.Shape.Inputs);
        for (var row = 0; row < shape.Groups * shape.Outputs && arrays.Bias != null; row++)
        {
            var (group, output) = Math.DivRem(row, shape.Outputs);
            arrays.Bias[row] += sums[plan.BiasSums + (group * plan.SumRow) + output];
        }

        var weights = arrays.Target;
        for (var group = 0; group < shape.Groups; group++, weights += (nint)shape.Outputs * channels * shape.Taps)
        {
            for (var tap = 0; tap < plan.Kernel.Length; tap++)
            {
                for (var channel = 0; channel < channels; channel++, sums += plan.SumRow)
                {
                    for (var output = 0; output < shape.Outputs; output++)
                    {
                        weights[((((nint)output * channels) + channel) * shape.Taps) + plan.Kernel[tap]] += sums[output];
                    }
                }
            }
        }
    }

    private static int Cut(int whole, int index, int parts) => (int)((long)whole * index / parts);

    private struct Work
    {
        public nint Pixel;
        public nint Packed;
        public nint GradientStep;
        public nint GradientRow;
        public nint GradientImage;
        public T* Copy;
        public nint CopyImage;
        public nint RowPitch;
        public bool IsSpared;
        public T* Sums;
        public T* BiasSums;
        public T* Gradient;
        public int Outputs;
        public int Row;
        public int Rows;
        public int Column;
        public int Columns;
        public bool IsFirst;
    }

    private readonly struct Body(ChannelWeights<T> plan, WeightArrays<T> arrays, T* sums) : IBlockBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int block) => RunBlock(plan, arrays, sums, block);
    }
}
