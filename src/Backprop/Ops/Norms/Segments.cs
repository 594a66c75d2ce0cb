using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>
/// x [N, C, …] as segments of contiguous elements, one for each sample and channel. Where segments would have one element each, and samples need not
/// be told apart, the columns of [N, C] are the segments: one for each channel.
/// </summary>
internal readonly unsafe struct Segments
{
    private readonly int samples;
    private readonly bool areColumns;
    private readonly bool single;

    /// <param name="x">Not empty.</param>
    /// <param name="mayJoinSamples">Whether samples need not be told apart.</param>
    public Segments(Tensor x, bool mayJoinSamples)
    {
        (samples, Channels, single) = (x.Shape[0], x.Shape[1], x.DType == DType.Float32);
        Size = x.Count / samples / Channels;
        if (mayJoinSamples && Size == 1)
        {
            (samples, Size, areColumns) = (1, samples, true);
        }
    }

    public int Channels { get; }

    /// <summary>Elements of a segment.</summary>
    public int Size { get; }

    public int Count => samples * Channels;

    public int Sample(int segment) => segment / Channels;

    public int Channel(int segment) => segment % Channels;

    /// <summary>Mean and squared deviations of each segment.</summary>
    public Moments[] MomentsOf(Tensor x)
    {
        var moments = new Moments[Count];
        fixed (byte* source = x.Dense().Bytes())
        fixed (Moments* pointer = moments)
        {
            if (!areColumns)
            {
                Widest.Run(new SegmentMoments(source, pointer, Count, Size), single);
                return moments;
            }

            var (means, sums) = (new double[Channels], new double[2 * Channels]);
            fixed (double* mean = means, sum = sums)
            {
                Widest.Run(new ColumnProducts(source, source, mean, sum, Size, Channels), single);
                for (var i = 0; i < means.Length; i++)
                {
                    // As the kernel rounds it, or else the correction below would correct the wrong mean.
                    means[i] = single ? (float)(sums[i] / Size) : sums[i] / Size;
                }

                Widest.Run(new ColumnProducts(null, source, mean, sum, Size, Channels), single);
            }

            for (var i = 0; i < moments.Length; i++)
            {
                moments[i] = new Moments(Size, means[i] + (sums[i] / Size), sums[Channels + i] - (sums[i] * sums[i] / Size));
            }
        }

        return moments;
    }

    /// <summary>Mean and squared deviations of each channel over all samples; segments must be rows.</summary>
    public void ChannelMomentsOf(Tensor x, Span<Moments> moments)
    {
        fixed (byte* source = x.Dense().Bytes())
        fixed (Moments* pointer = moments)
        {
            Widest.Run(new ChannelMoments(source, pointer, samples, Channels, Size), single);
        }
    }

    /// <summary>Whether segments are contiguous elements of one sample and channel.</summary>
    public bool AreRows => !areColumns;

    /// <summary>y = (x − center) · scale + shift with each segment's numbers, or each channel's; y is contiguous.</summary>
    public void Affine(Tensor x, SegmentAffine.Numbers[] numbers, Tensor y)
    {
        fixed (byte* source = x.Dense().Bytes(), target = y.Bytes())
        {
            if (!areColumns)
            {
                fixed (SegmentAffine.Numbers* pointer = numbers)
                {
                    Widest.Run(new SegmentAffine(source, target, pointer, numbers.Length, Count, Size), single);
                }

                return;
            }

            fixed (SegmentGradient.Numbers* pointer = Array.ConvertAll(numbers, n => new SegmentGradient.Numbers(n.Center, 0, n.Scale, n.Shift)))
            {
                Widest.Run(new ColumnAffine(null, source, target, pointer, Size, Channels, accumulate: false), single);
            }
        }
    }

    /// <summary>Σ g and Σ g (x − center) of each segment.</summary>
    public (double Sum, double Product)[] Products(Tensor gradient, Tensor x, double[] centers)
    {
        var results = new (double Sum, double Product)[Count];
        fixed (byte* g = gradient.Dense().Bytes(), source = x.Dense().Bytes())
        fixed (double* center = centers)
        {
            if (!areColumns)
            {
                fixed ((double Sum, double Product)* sum = results)
                {
                    Widest.Run(new SegmentProducts(g, source, center, sum, Count, Size), single);
                }

                return results;
            }

            var sums = new double[2 * Channels];
            fixed (double* sum = sums)
            {
                Widest.Run(new ColumnProducts(g, source, center, sum, Size, Channels), single);
            }

            for (var i = 0; i < results.Length; i++)
            {
                results[i] = (sums[i], sums[Channels + i]);
            }
        }

        return results;
    }

    /// <summary>y = max((x − center) · scale + shift + r, 0) with each channel's numbers; y is contiguous. Segments must be rows.</summary>
    public void Rectified(Tensor x, Tensor? r, ReadOnlySpan<SegmentAffine.Numbers> numbers, Tensor y)
    {
        fixed (byte* source = x.Dense().Bytes(), added = r is null ? [] : r.Dense().Bytes(), target = y.Bytes())
        fixed (SegmentAffine.Numbers* pointer = numbers)
        {
            Widest.Run(new RectifiedNorm(source, added, target, pointer, numbers.Length, Count, Size), single);
        }
    }

    /// <summary>
    /// Σ g and Σ g (x − mean) of each channel over all samples, and the gradient of x unless it is null; with a rectified result y of the part of g that
    /// passes, which goes to the gradient of what was added, unless it is null. Segments must be rows.
    /// </summary>
    public void BatchGradient(
        Tensor gradient, Tensor x, ReadOnlySpan<BatchNormGradient.Numbers> numbers, Span<(double Sum, double Product)> results,
        (Tensor? Tensor, bool Accumulate) dx, Tensor? y = null, (Tensor? Tensor, bool Accumulate) dr = default)
    {
        fixed (byte* g = gradient.Dense().Bytes(), source = x.Dense().Bytes(), result = y is null ? [] : y.Dense().Bytes())
        fixed (byte* target = dx.Tensor is null ? [] : dx.Tensor.Bytes(), passed = dr.Tensor is null ? [] : dr.Tensor.Bytes())
        fixed (BatchNormGradient.Numbers* pointer = numbers)
        fixed ((double Sum, double Product)* sums = results)
        {
            var targets = new BatchNormGradient.Targets { Dx = target, AddsToDx = dx.Accumulate, Y = result, Dr = passed, AddsToDr = dr.Accumulate };
            Widest.Run(new BatchNormGradient(g, source, targets, pointer, sums, samples, Channels, Size), single);
        }
    }

    /// <summary>dx (+)= g · slope + (x − center) · curve + shift with each segment's numbers; dx is contiguous.</summary>
    public void Gradient(Tensor gradient, Tensor x, SegmentGradient.Numbers[] numbers, Tensor dx, bool accumulate)
    {
        fixed (byte* g = gradient.Dense().Bytes(), source = x.Dense().Bytes(), target = dx.Bytes())
        fixed (SegmentGradient.Numbers* pointer = numbers)
        {
            if (areColumns)
            {
                Widest.Run(new ColumnAffine(g, source, target, pointer, Size, Channels, accumulate), single);
            }
            else
            {
                Widest.Run(new SegmentGradient(g, source, target, pointer, Count, Size, accumulate), single);
            }
        }
    }
}
