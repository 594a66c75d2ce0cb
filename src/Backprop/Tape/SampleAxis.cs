namespace Backprop;

/// <summary>
/// Where the samples are in a tensor: an axis [outer · samples · inner] whose element i belongs to sample (i / inner) mod samples. Reshapes merge
/// the samples with their neighbours, [batch, time, features] to [batch · time, features] for instance.
/// </summary>
internal readonly record struct SampleAxis(int Axis, int Samples, int Outer = 1, int Inner = 1)
{
    /// <summary>The size of the axis.</summary>
    public int Size => Outer * Samples * Inner;

    /// <summary>The same samples, where the axis has another number.</summary>
    public SampleAxis At(int axis) => this with { Axis = axis };

    /// <summary>The samples of the same elements in row-major order under another shape; null where that cuts their axis in two.</summary>
    public SampleAxis? Reshaped(ReadOnlySpan<int> from, ReadOnlySpan<int> to)
    {
        // In row-major order, element i belongs to sample (i / period) mod samples, whatever the shape.
        long period = Inner;
        foreach (var size in from[(Axis + 1)..])
        {
            period *= Math.Max(size, 1);
        }

        long after = 1;
        for (var axis = to.Length - 1; axis >= 0; axis--)
        {
            var all = after * Math.Max(to[axis], 1);
            if (period % after == 0 && all % (period * Samples) == 0)
            {
                return new SampleAxis(axis, Samples, (int)(all / (period * Samples)), (int)(period / after));
            }

            after = all;
        }

        return null;
    }

    /// <summary>The samples one after the other: [samples, the axes], in which the axis has what belongs to one sample.</summary>
    public Tensor ToFront(Tensor x)
    {
        if (Outer == 1 && Inner == 1)
        {
            return x.MoveAxis(Axis, 0).Unsqueeze(Axis + 1);
        }

        int[] sizes = [.. x.Shape];
        return Split(x).MoveAxis(2, 0).Reshape([Samples, .. sizes[..Axis], Outer * Inner, .. sizes[(Axis + 1)..]]);
    }

    /// <summary>What belongs to each sample among zeros: [samples, the axes], for a tensor that has the samples along the axis.</summary>
    public Tensor Spread(Tensor x)
    {
        int[] sizes = [.. x.Shape];
        var numbers = Tensor.Arange(Samples, DType.Int64);
        var own = numbers.Unsqueeze(1).EqualTo(numbers).Reshape(Samples, 1, 1, Samples, 1, 1);
        return Tensor.Where(own, Split(x), Tensor.Full([], 0, x.DType)).Reshape([Samples, .. sizes]);
    }

    /// <summary>[before, outer, samples, inner, after]: a tensor of many axes has no room for two more.</summary>
    private Tensor Split(Tensor x)
    {
        var (before, after) = (1, 1);
        for (var axis = 0; axis < x.Rank; axis++)
        {
            before *= axis < Axis ? x.Shape[axis] : 1;
            after *= axis > Axis ? x.Shape[axis] : 1;
        }

        return x.Reshape(before, Outer, Samples, Inner, after);
    }
}
