namespace Backprop.Ops;

/// <summary>Where a kernel writes the gradient of an input, in the order that it wants. If the gradient lies in the other order, it is moved there.</summary>
internal readonly struct GradientPlace
{
    private readonly Tensor buffer;
    private readonly bool adds;

    private GradientPlace(Tensor buffer, bool adds, Layout order)
    {
        (this.buffer, this.adds) = (buffer, adds);
        Target = order.IsChannelsLast == buffer.Layout.IsChannelsLast
            ? (buffer, adds)
            : (Tensor.Allocate(order.IsChannelsLast ? buffer.Layout.ChannelsLast() : buffer.Layout.Dense(), buffer.DType), false);
    }

    /// <summary>What to write to, without gaps in the order asked for, and whether to add to what is there.</summary>
    public (Tensor? Tensor, bool Accumulate) Target { get; }

    /// <summary>The place for input <paramref name="index"/>.</summary>
    /// <param name="adjoint">The rule's.</param>
    /// <param name="index">The input.</param>
    /// <param name="order">Channels last, or row-major; of the input's rank.</param>
    /// <param name="mayBeGradient">
    /// Whether the buffer of the gradient of the result may be written to: see <see cref="Adjoint.BufferInPlace"/>. Not where that lies in another order, for
    /// the rule then reads a copy.
    /// </param>
    public static GradientPlace Of(Adjoint adjoint, int index, Layout order, bool mayBeGradient)
    {
        var buffer = mayBeGradient && adjoint.Gradient.Layout.IsChannelsLast == order.IsChannelsLast
            ? adjoint.BufferInPlaceInOrder(index, order, out var adds) : adjoint.BufferInOrder(index, order, out adds);
        return new GradientPlace(buffer, adds, order);
    }

    /// <summary>Moves what was written to where it belongs.</summary>
    public void Finish()
    {
        if (buffer is null || ReferenceEquals(Target.Tensor, buffer))
        {
            return;
        }

        if (adds)
        {
            buffer.Accumulate(Target.Tensor!);
        }
        else
        {
            buffer.CopyElements(Target.Tensor!);
        }
    }
}
