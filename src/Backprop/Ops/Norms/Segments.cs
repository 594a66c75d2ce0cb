namespace Backprop.Ops;

/// <summary>
/// x [N, C, …] as segments of contiguous elements, one for each sample and channel. Segments of one element each are turned to [C, N], where that
/// is allowed: one segment for each channel.
/// </summary>
internal readonly struct Segments
{
    private readonly int samples;

    /// <param name="x">Not empty.</param>
    /// <param name="mayTurn">Whether samples need not be told apart.</param>
    public Segments(Tensor x, bool mayTurn)
    {
        (samples, Channels) = (x.Shape[0], x.Shape[1]);
        Size = x.Count / samples / Channels;
        if (mayTurn && Size == 1)
        {
            (samples, Size, IsTurned) = (1, samples, true);
        }
    }

    public int Channels { get; }

    /// <summary>Elements of a segment.</summary>
    public int Size { get; }

    public bool IsTurned { get; }

    public int Count => samples * Channels;

    public int Sample(int segment) => segment / Channels;

    public int Channel(int segment) => segment % Channels;

    /// <summary>The elements in the order of the segments.</summary>
    public Tensor Arrange(Tensor x)
    {
        var dense = x.Dense();
        return IsTurned ? new Tensor(dense.Storage, dense.Layout.TryReshape([Size, Channels])!.Permute([1, 0]), dense.DType).Dense() : dense;
    }

    /// <summary>Turned elements in the shape of another tensor.</summary>
    public Tensor Back(Tensor turned, ReadOnlySpan<int> shape)
    {
        var dense = new Tensor(turned.Storage, turned.Layout.TryReshape([Channels, Size])!.Permute([1, 0]), turned.DType).Dense();
        return new Tensor(dense.Storage, dense.Layout.TryReshape(shape)!, dense.DType);
    }
}
