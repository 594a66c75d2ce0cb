namespace Backprop;

/// <content>Images whose channels lie last in memory, which is the order that convolutions work in.</content>
internal sealed partial class Layout
{
    /// <summary>The same shape with the channels last, once somebody has asked for it.</summary>
    private Layout? channelsLast;

    /// <summary>
    /// Whether the elements of images or volumes [batch, channels, …] lie without gaps in the order [batch, …, channels], and not in row-major order.
    /// </summary>
    public bool IsChannelsLast => !IsContiguous && IsImages && HasStridesOfChannelsLast();

    /// <summary>Whether that is so, or would be without the gaps: a part of such images.</summary>
    public bool RunsByChannels => !IsContiguous && IsImages && (HasStridesOfChannelsLast() || HasChannelsInside());

    /// <summary>The same shape, channels last where the elements or what they are a part of lie like that now, else row-major; offset 0.</summary>
    public Layout DenseInOrder() => IsContiguous || !RunsByChannels ? Dense() : ChannelsLast();

    /// <summary>
    /// The same shape [batch, channels, …] with the channels last in memory, offset 0; row-major where there are no two spatial axes or where that is the same.
    /// </summary>
    public Layout ChannelsLast()
    {
        if (!IsImages || Count == 0)
        {
            return Dense();
        }

        if (channelsLast is null)
        {
            var last = Create(sizes, StridesOfChannelsLast(), 0);
            channelsLast = last.IsContiguous ? Dense() : IsChannelsLast && Offset == 0 ? this : last;
        }

        return channelsLast;
    }

    /// <summary>Whether both have the same shape and their elements lie without gaps in the same order, row-major or channels last.</summary>
    public bool LiesLike(Layout other) => ReferenceEquals(this, other)
        ? IsContiguous || IsChannelsLast
        : other.HasShape(sizes) && (IsContiguous ? other.IsContiguous : IsChannelsLast && other.IsChannelsLast);

    /// <summary>Whether there is a batch, channels, and at least two spatial axes.</summary>
    private bool IsImages => sizes.Length is 4 or 5;

    private int[] StridesOfChannelsLast()
    {
        var result = new int[Rank];
        var stride = sizes[1];
        result[1] = 1;
        for (var axis = Rank - 1; axis >= 2; axis--)
        {
            result[axis] = stride;
            stride *= sizes[axis];
        }

        result[0] = stride;
        return result;
    }

    /// <summary>Whether channels lie side by side, and nothing else does.</summary>
    private bool HasChannelsInside()
    {
        var isSpread = false;
        for (var axis = 2; axis < Rank; axis++)
        {
            if (sizes[axis] > 1 && strides[axis] < sizes[1])
            {
                return false;
            }

            isSpread |= sizes[axis] > 1;
        }

        return isSpread && sizes[1] > 1 && strides[1] == 1 && (sizes[0] == 1 || strides[0] >= sizes[1]);
    }

    private bool HasStridesOfChannelsLast()
    {
        var expected = sizes[1];
        if (sizes[1] > 1 && strides[1] != 1)
        {
            return false;
        }

        for (var axis = Rank - 1; axis >= 2; axis--)
        {
            if (sizes[axis] > 1 && strides[axis] != expected)
            {
                return false;
            }

            expected *= sizes[axis];
        }

        return sizes[0] == 1 || strides[0] == expected;
    }
}
