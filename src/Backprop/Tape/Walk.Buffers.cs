namespace Backprop;

/// <content>Buffers of gradients that have been used.</content>
internal sealed partial class Walk
{
    /// <summary>
    /// Gives the buffer of a gradient back that the node has been settled with, or that was added to another: the next one is written where the cache is
    /// warm.
    /// </summary>
    /// <remarks>
    /// Only where nobody can come across it any more. Such a buffer was made for the walk by the library's own rules (<paramref name="owned"/>), and in
    /// whole; it was not handed on as the gradient of something else; no tape saved it; the rule that read it was not the user's, nobody asked for the
    /// gradient or watched, and the walk doesn't record. Leaves take copies.
    /// </remarks>
    private void LetGo(Node node, Tensor gradient, bool owned)
    {
        var storage = gradient.Storage;
        if (!owned || !TensorScope.IsWorthGivingBack(storage) || record || contributions is not null)
        {
            return;
        }

        var isWhole = storage.ByteLength == (long)gradient.Count * gradient.DType.Size();
        var isWanted = node.RetainsGradient || (targets is not null && PlaceOf(node) >= 0) || Devices.Watch.IsOn;
        if (isWhole && storage is { IsLent: false, IsSaved: false } && !isWanted && node.Op is { IsBuiltIn: true })
        {
            TensorScope.GiveBack(storage);
        }
    }
}
