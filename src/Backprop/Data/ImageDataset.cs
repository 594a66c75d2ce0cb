using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Data;

/// <summary>
/// Images and their classes, as bytes in memory; they become float32 when a batch is put together: pixel / 255, then
/// (x − mean) / deviation. Labels are int64.
/// </summary>
public sealed class ImageDataset : IDataset
{
    private readonly LabeledImages images;
    private readonly float mean;
    private readonly float deviation;

    /// <summary>Makes a data set of images.</summary>
    /// <param name="images">The images.</param>
    /// <param name="flatten">True for inputs of shape [n, rows · columns], false for [n, 1, rows, columns].</param>
    /// <param name="mean">Subtracted from every pixel, which is in 0 … 1.</param>
    /// <param name="deviation">What the difference is divided by; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The mean or the deviation is not legal.</exception>
    public ImageDataset(LabeledImages images, bool flatten = true, float mean = 0, float deviation = 1)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (!float.IsFinite(mean))
        {
            throw Error.Range("image_dataset", nameof(mean), mean, "finite");
        }

        if (!(deviation > 0) || !float.IsFinite(deviation))
        {
            throw Error.Range("image_dataset", nameof(deviation), deviation, "finite and above 0");
        }

        this.images = images;
        this.mean = mean;
        this.deviation = deviation;
        Flatten = flatten;
    }

    /// <inheritdoc/>
    public int Count => images.Count;

    /// <summary>Whether an image is a row of numbers; else it keeps its form, with one channel.</summary>
    public bool Flatten { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Batch GetBatch(ReadOnlySpan<int> indices, Batch? reuse = null)
    {
        Rows.Check(indices, Count);
        var pixels = images.Rows * images.Columns;
        ReadOnlySpan<int> shape = Flatten ? [indices.Length, pixels] : [indices.Length, 1, images.Rows, images.Columns];
        var inputs = Rows.Fits(reuse?.Inputs, shape, DType.Float32) ? reuse.Value.Inputs : Tensor.Zeros(shape);
        var targets = Rows.Fits(reuse?.Targets, shape[..1], DType.Int64) ? reuse.Value.Targets : Tensor.Zeros(shape[..1], DType.Int64);
        var values = inputs.AsWritableSpan<float>();
        var labels = targets.AsWritableSpan<long>();
        for (var i = 0; i < indices.Length; i++)
        {
            ToNumbers(images.Image(indices[i]), values.Slice(i * pixels, pixels));
            labels[i] = images.Labels[indices[i]];
        }

        return new Batch(inputs, targets);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ToNumbers(ReadOnlySpan<byte> bytes, Span<float> numbers)
    {
        var whole = new Vector<float>(255);
        var (center, scale) = (new Vector<float>(mean), new Vector<float>(deviation));
        var i = 0;
        for (; i <= bytes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(bytes[i..]), out var low, out var high);
            Vector.Widen(low, out var first, out var second);
            Vector.Widen(high, out var third, out var fourth);
            var target = numbers.Slice(i, Vector<byte>.Count);
            Normal(first).CopyTo(target);
            Normal(second).CopyTo(target[Vector<float>.Count..]);
            Normal(third).CopyTo(target[(2 * Vector<float>.Count)..]);
            Normal(fourth).CopyTo(target[(3 * Vector<float>.Count)..]);
        }

        for (; i < bytes.Length; i++)
        {
            numbers[i] = ((bytes[i] / 255f) - mean) / deviation;
        }

        Vector<float> Normal(Vector<uint> pixels) => ((Vector.ConvertToSingle(pixels.As<uint, int>()) / whole) - center) / scale;
    }
}
