using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>
/// x [N, C, …] as segments of contiguous elements, one for each sample and channel. Where segments would have one element each, or lie with the channels
/// last, and samples need not be told apart, the columns of a matrix are the segments: one for each channel.
/// </summary>
internal readonly unsafe struct Segments
{
    private readonly Layout order;
    private readonly int samples;
    private readonly bool areColumns;
    private readonly bool single;

    /// <param name="x">Not empty.</param>
    /// <param name="mayJoinSamples">Whether samples need not be told apart.</param>
    public Segments(Tensor x, bool mayJoinSamples)
    {
        (samples, Channels, single) = (x.Shape[0], x.Shape[1], x.DType == DType.Float32);
        Size = x.Count / samples / Channels;
        var isLast = mayJoinSamples && x.Layout.IsChannelsLast;
        order = isLast ? x.Layout : x.Layout.Dense();
        if (isLast || (mayJoinSamples && Size == 1))
        {
            (samples, Size, areColumns) = (1, samples * Size, true);
        }
    }

    /// <summary>How tensors lie that are looked at: channels last, or row-major.</summary>
    public Layout Order => order;

    public int Channels { get; }

    /// <summary>Elements of a segment.</summary>
    public int Size { get; }

    public int Count => samples * Channels;

    public int Sample(int segment) => segment / Channels;

    public int Channel(int segment) => segment % Channels;

    /// <summary>Whether the segments are columns: one for each channel.</summary>
    public bool AreColumns => areColumns;

    /// <summary>Mean and squared deviations of each segment, which are rows.</summary>
    public Moments[] MomentsOf(Tensor x)
    {
        var moments = new Moments[Count];
        fixed (byte* source = x.Dense().Bytes())
        fixed (Moments* pointer = moments)
        {
            Widest.Run(new SegmentMoments(source, pointer, Count, Size), single);
        }

        return moments;
    }

    /// <summary>Mean and squared deviations of each channel over all samples.</summary>
    public void ChannelMomentsOf(Tensor x, Span<Moments> moments)
    {
        fixed (byte* source = x.DenseLike(order).Bytes())
        fixed (Moments* pointer = moments)
        {
            if (areColumns)
            {
                Widest.Run(new ColumnMoments(source, pointer, Size, Channels), single);
            }
            else
            {
                Widest.Run(new ChannelMoments(source, pointer, samples, Channels, Size), single);
            }
        }
    }

    /// <summary>y = (x − center) · scale + shift with each segment's numbers, or each channel's; y lies in order.</summary>
    public void Affine(Tensor x, SegmentAffine.Numbers[] numbers, Tensor y)
    {
        fixed (byte* source = x.DenseLike(order).Bytes(), target = y.Bytes())
        fixed (SegmentAffine.Numbers* pointer = numbers)
        {
            if (areColumns)
            {
                Widest.Run(new ColumnAffine(source, null, target, pointer, Size, Channels, rectifies: false), single);
            }
            else
            {
                Widest.Run(new SegmentAffine(source, target, pointer, numbers.Length, Count, Size), single);
            }
        }
    }

    /// <summary>Σ g and Σ g (x − center) of each segment.</summary>
    public (double Sum, double Product)[] Products(Tensor gradient, Tensor x, double[] centers)
    {
        var results = new (double Sum, double Product)[Count];
        fixed (byte* g = gradient.DenseLike(order).Bytes(), source = x.DenseLike(order).Bytes())
        fixed ((double Sum, double Product)* sums = results)
        {
            if (areColumns)
            {
                fixed (BatchNormGradient.Numbers* numbers = Array.ConvertAll(centers, center => new BatchNormGradient.Numbers(center, 0, 0)))
                {
                    Widest.Run(new ColumnGradient(g, source, default, numbers, null, sums, Size, Channels), single);
                }

                return results;
            }

            fixed (double* center = centers)
            {
                Widest.Run(new SegmentProducts(g, source, center, sums, Count, Size), single);
            }
        }

        return results;
    }

    /// <summary>y = max((x − center) · scale + shift + r, 0) with each channel's numbers; y lies in order.</summary>
    public void Rectified(Tensor x, Tensor? r, ReadOnlySpan<SegmentAffine.Numbers> numbers, Tensor y)
    {
        fixed (byte* source = x.DenseLike(order).Bytes(), added = r is null ? [] : r.DenseLike(order).Bytes(), target = y.Bytes())
        fixed (SegmentAffine.Numbers* pointer = numbers)
        {
            if (areColumns)
            {
                Widest.Run(new ColumnAffine(source, added, target, pointer, Size, Channels, rectifies: true), single);
            }
            else
            {
                Widest.Run(new RectifiedNorm(source, added, target, pointer, numbers.Length, Count, Size), single);
            }
        }
    }

    /// <summary>
    /// Σ g and Σ g (x − mean) of each channel over all samples, and the gradient of x unless it is null; with a rectified result y of the part of g that
    /// passes, which goes to the gradient of what was added, unless it is null. Gradients that are written lie in order.
    /// </summary>
    /// <param name="gradient">g.</param>
    /// <param name="x">x.</param>
    /// <param name="numbers">Each channel's.</param>
    /// <param name="results">The sums.</param>
    /// <param name="dx">The gradient of x, and whether to add to what is there.</param>
    /// <param name="y">The rectified result.</param>
    /// <param name="dr">The gradient of what was added.</param>
    /// <param name="passes">Where nothing was added, the numbers that y was made with, if they are at hand.</param>
    public void BatchGradient(
        Tensor gradient, Tensor x, ReadOnlySpan<BatchNormGradient.Numbers> numbers, Span<(double Sum, double Product)> results,
        (Tensor? Tensor, bool Accumulate) dx, Tensor? y = null, (Tensor? Tensor, bool Accumulate) dr = default,
        ReadOnlySpan<SegmentAffine.Numbers> passes = default)
    {
        fixed (byte* g = gradient.DenseLike(order).Bytes(), source = x.DenseLike(order).Bytes(), result = y is null ? [] : y.DenseLike(order).Bytes())
        fixed (byte* target = dx.Tensor is null ? [] : dx.Tensor.Bytes(), passed = dr.Tensor is null ? [] : dr.Tensor.Bytes())
        fixed (BatchNormGradient.Numbers* pointer = numbers)
        fixed (SegmentAffine.Numbers* pass = passes)
        fixed ((double Sum, double Product)* sums = results)
        {
            var targets = new BatchNormGradient.Targets { Dx = target, AddsToDx = dx.Accumulate, Y = result, Dr = passed, AddsToDr = dr.Accumulate };
            if (areColumns)
            {
                Widest.Run(new ColumnGradient(g, source, targets, pointer, pass, sums, Size, Channels), single);
            }
            else
            {
                Widest.Run(new BatchNormGradient(g, source, targets, pointer, sums, samples, Channels, Size), single);
            }
        }
    }

    /// <summary>dx (+)= g · slope + (x − center) · curve + shift with each segment's numbers; segments are rows, and dx is contiguous.</summary>
    public void Gradient(Tensor gradient, Tensor x, SegmentGradient.Numbers[] numbers, Tensor dx, bool accumulate)
    {
        fixed (byte* g = gradient.Dense().Bytes(), source = x.Dense().Bytes(), target = dx.Bytes())
        fixed (SegmentGradient.Numbers* pointer = numbers)
        {
            Widest.Run(new SegmentGradient(g, source, target, pointer, Count, Size, accumulate), single);
        }
    }
}
