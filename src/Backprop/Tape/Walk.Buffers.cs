namespace Backprop;

/// <content>Buffers of gradients that have been used.</content>
internal sealed partial class Walk
{
    /// <summary>The gradient of the node at hand, where its buffer is free to be used again; else null.</summary>
    private Tensor? free;

    /// <summary>
    /// Where to write the gradient of an input whose elements follow one by one from those of the gradient of the node at hand: over that gradient, if
    /// nobody else needs it.
    /// </summary>
    /// <param name="input">The input.</param>
    /// <param name="order">See <see cref="Buffer"/>.</param>
    /// <param name="accumulate">Whether there is something in the buffer, to be added to.</param>
    public Tensor BufferInPlace(Node input, Layout? order, out bool accumulate)
    {
        // In the order of a new one: sums behind it must not depend on which buffers are free.
        if (free is { Storage.IsLent: false } gradient && input is not Leaf && input.GradientDType == gradient.DType
            && gradient.Layout.LiesLike(InOrder(input, order)))
        {
            ref var entry = ref frontier.Owed(input);
            if (entry.Gradient is null)
            {
                (entry.Gradient, entry.Owned) = (gradient, true);
                free = null;
                accumulate = false;
                noting?.Add(gradient, accumulate);
                return gradient;
            }
        }

        return Buffer(input, order, out accumulate);
    }

    /// <summary>How a new gradient of an input lies: channels last where the order given is that or a part of it, else row-major.</summary>
    private static Layout InOrder(Node input, Layout? order) =>
        order is { RunsByChannels: true } ? input.Layout.ChannelsLast() : input.Layout.Dense();

    /// <summary>Settles a node, and gives the buffer of its gradient back: the next one is written where the cache is warm.</summary>
    private void SettleAndLetGo(Node node, Tensor gradient, bool owned)
    {
        free = IsFree(node, gradient, owned) ? gradient : null;
        Settle(node, gradient);
        if (free is { Storage.IsLent: false })
        {
            TensorScope.GiveBack(gradient.Storage);
        }

        free = null;
    }

    /// <summary>
    /// Whether nobody can come across a buffer any more, once the rule of a node has read it. Such a buffer was made for the walk by the library's own
    /// rules (<paramref name="owned"/>), and in whole; it was not handed on as the gradient of something else; no tape saved it; the rule that reads it
    /// is not the user's, nobody asked for the gradient or watches, and the walk doesn't record. Leaves take copies.
    /// </summary>
    private bool IsFree(Node node, Tensor gradient, bool owned)
    {
        var storage = gradient.Storage;
        if (!owned || !TensorScope.IsWorthGivingBack(storage) || record || contributions is not null)
        {
            return false;
        }

        var isWhole = storage.ByteLength == (long)gradient.Count * gradient.DType.Size();
        var isWanted = node.RetainsGradient || (targets is not null && PlaceOf(node) >= 0) || (Devices.Watch.IsOn && !Memory.Ledger.IsOn);
        return isWhole && storage is { IsLent: false, IsSaved: false } && !isWanted && node.Op is { IsBuiltIn: true };
    }
}
