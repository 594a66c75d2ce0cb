namespace Backprop.Kernels.Convolutions;

/// <summary>
/// Images or volumes without gaps, in one of two orders: [batch, groups · channels, positions], or channels last, [batch, positions, groups · channels].
/// </summary>
/// <param name="start">The first element.</param>
/// <param name="areChannelsLast">Which of the orders.</param>
internal readonly unsafe struct Images<T>(T* start, bool areChannelsLast)
    where T : unmanaged
{
    public T* Start => start;

    public bool AreChannelsLast => areChannelsLast;

    /// <summary>Where the channels of a group of an image begin.</summary>
    /// <param name="image">The image.</param>
    /// <param name="group">The group.</param>
    /// <param name="groups">All groups.</param>
    /// <param name="channels">Channels of a group.</param>
    /// <param name="plane">Positions of an image.</param>
    public T* At(nint image, int group, int groups, int channels, nint plane) => areChannelsLast
        ? start + (((image * plane * groups) + group) * channels)
        : start + (((image * groups) + group) * channels * plane);
}

/// <summary>Elements from one position to its neighbours where channels lie last: in a copy, or in the images themselves.</summary>
/// <param name="Pitch">From one column to the next.</param>
/// <param name="RowPitch">From one row to the next.</param>
/// <param name="SlicePitch">From one depth to the next.</param>
internal readonly record struct Grid(nint Pitch, nint RowPitch, nint SlicePitch)
{
    public nint At(long depth, long row, long column) => ((nint)depth * SlicePitch) + ((nint)row * RowPitch) + ((nint)column * Pitch);
}
