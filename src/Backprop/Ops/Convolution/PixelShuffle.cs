namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>
    /// Channels become pixels: [..., channels · factor², height, width] to [..., channels, height · factor, width · factor], as for sub-pixel convolutions
    /// (Shi et al., 2016).
    /// </summary>
    /// <param name="factor">By how much the images grow; at least 1.</param>
    /// <exception cref="ShapeException">Fewer than three axes, or channels that are no multiple of factor².</exception>
    /// <exception cref="ArgumentOutOfRangeException">The factor is below 1.</exception>
    public Tensor PixelShuffle(int factor)
    {
        CheckPixels("pixel_shuffle", factor);
        var (channels, height, width) = (Shape[^3], Shape[^2], Shape[^1]);
        var area = (long)factor * factor;
        if (channels % area != 0)
        {
            throw Error.Shape("pixel_shuffle", FormattableString.Invariant(
                $"the {channels} channels of {Error.Text(Shape)} are no multiple of {factor}² = {area}."));
        }

        // With no channels a large factor may overflow a size.
        var count = (int)(channels / area);
        int[] sizes = [.. Shape[..^3], count, Times(height, factor), Times(width, factor)];
        var lead = Rank - 3;
        return Reshape([.. Shape[..^3], count, factor, factor, height, width])
            .Permute([.. Enumerable.Range(0, lead), lead, lead + 3, lead + 1, lead + 4, lead + 2])
            .Reshape(sizes).Apart(this);

        int Times(int size, int by) => (long)size * by <= int.MaxValue ? size * by
            : throw Error.Shape("pixel_shuffle", FormattableString.Invariant($"{size} · {by} pixels of {Error.Text(Shape)} are too many."));
    }

    /// <summary>
    /// Pixels become channels, the inverse of <see cref="PixelShuffle"/>: [..., channels, height, width] to
    /// [..., channels · factor², height / factor, width / factor].
    /// </summary>
    /// <param name="factor">By how much the images shrink; at least 1.</param>
    /// <exception cref="ShapeException">Fewer than three axes, or sizes that are no multiples of the factor.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The factor is below 1.</exception>
    public Tensor PixelUnshuffle(int factor)
    {
        CheckPixels("pixel_unshuffle", factor);
        var (channels, height, width) = (Shape[^3], Shape[^2], Shape[^1]);
        if (height % factor != 0 || width % factor != 0)
        {
            throw Error.Shape("pixel_unshuffle", FormattableString.Invariant(
                $"height and width of {Error.Text(Shape)} must be multiples of the factor {factor}."));
        }

        if ((long)channels * factor * factor > int.MaxValue)
        {
            throw Error.Shape("pixel_unshuffle", FormattableString.Invariant($"{channels} · {factor}² channels of {Error.Text(Shape)} are too many."));
        }

        var lead = Rank - 3;
        return Reshape([.. Shape[..^3], channels, height / factor, factor, width / factor, factor])
            .Permute([.. Enumerable.Range(0, lead), lead, lead + 2, lead + 4, lead + 1, lead + 3])
            .Reshape([.. Shape[..^3], channels * factor * factor, height / factor, width / factor]).Apart(this);
    }

    private void CheckPixels(string operation, int factor)
    {
        if (Rank is < 3 or > Layout.MaxRank - 2)
        {
            throw Error.Shape(operation, FormattableString.Invariant(
                $"shape {Error.Text(Shape)} must have 3 to {Layout.MaxRank - 2} axes, [..., channels, height, width]."));
        }

        if (factor is < 1 or > 46340)
        {
            throw Error.Range(operation, nameof(factor), factor, "from 1 to 46340");
        }
    }
}
