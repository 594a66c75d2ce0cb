namespace Backprop.Data;

/// <summary>Grey-scale images of one size, each with a class, as bytes: 0 is background, 255 full intensity.</summary>
public sealed class LabeledImages
{
    private readonly ReadOnlyMemory<byte> pixels;
    private readonly ReadOnlyMemory<byte> labels;

    /// <summary>Wraps arrays, without a copy.</summary>
    /// <param name="pixels">The images one after the other, each row by row: count × rows × columns bytes.</param>
    /// <param name="labels">The class of every image: count bytes.</param>
    /// <param name="rows">Height of an image; at least 1.</param>
    /// <param name="columns">Width of an image; at least 1.</param>
    /// <param name="source">Where the images come from, for people to read.</param>
    /// <exception cref="ArgumentException">The lengths do not agree.</exception>
    public LabeledImages(ReadOnlyMemory<byte> pixels, ReadOnlyMemory<byte> labels, int rows, int columns, string source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentNullException.ThrowIfNull(source);
        if (pixels.Length != (long)labels.Length * rows * columns)
        {
            throw new ArgumentException(
                $"LabeledImages: {labels.Length} images of {rows} × {columns} take {(long)labels.Length * rows * columns} bytes, "
                + $"got {pixels.Length}.",
                nameof(pixels));
        }

        this.pixels = pixels;
        this.labels = labels;
        Rows = rows;
        Columns = columns;
        Source = source;
    }

    /// <summary>How many images there are.</summary>
    public int Count => labels.Length;

    /// <summary>Height of an image.</summary>
    public int Rows { get; }

    /// <summary>Width of an image.</summary>
    public int Columns { get; }

    /// <summary>Where the images come from, for people to read.</summary>
    public string Source { get; }

    /// <summary>All images one after the other, each row by row.</summary>
    public ReadOnlySpan<byte> Pixels => pixels.Span;

    /// <summary>The class of every image.</summary>
    public ReadOnlySpan<byte> Labels => labels.Span;

    /// <summary>One image, row by row.</summary>
    /// <param name="index">Which one: 0 … <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public ReadOnlySpan<byte> Image(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return pixels.Span.Slice(index * Rows * Columns, Rows * Columns);
    }

    /// <summary>The first images, or all of them where there are no more; copies nothing.</summary>
    /// <param name="count">How many at most; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public LabeledImages Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        count = Math.Min(count, Count);
        return new LabeledImages(pixels[..(count * Rows * Columns)], labels[..count], Rows, Columns, Source);
    }
}
