namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>Linear interpolation from this tensor to <paramref name="end"/>: x + weight · (end − x), element by element, broadcasting.</summary>
    /// <param name="end">What a weight of 1 gives, exactly.</param>
    /// <param name="weight">0 for this tensor, 1 for <paramref name="end"/>; others extrapolate.</param>
    /// <exception cref="DTypeException">The tensors are not floating point, or of different dtypes.</exception>
    public Tensor Lerp(Tensor end, double weight)
    {
        (var start, end) = Ops.Broadcasting.Adopt("lerp", this, end);
        _ = Ops.Broadcasting.Infer("lerp", start, end, needsReals: true);

        // From the nearer end, so that both ends are met.
        var (from, to) = (start.Wide, end.Wide);
        return (weight < 0.5 ? from + (weight * (to - from)) : to - ((1 - weight) * (to - from))).To(start.DType);
    }

    /// <summary>Linear interpolation with a weight of its own for every element: x + weight · (end − x), broadcasting.</summary>
    /// <inheritdoc cref="Lerp(Tensor, double)"/>
    /// <param name="end">What a weight of 1 gives, up to rounding.</param>
    /// <param name="weight">0 for this tensor, 1 for <paramref name="end"/>; others extrapolate.</param>
    public Tensor Lerp(Tensor end, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (weight.Literal is { } number)
        {
            return Lerp(end, number);
        }

        (var start, end) = Ops.Broadcasting.Adopt("lerp", this, end);
        _ = Ops.Broadcasting.Infer("lerp", start, end, needsReals: true);
        if (weight.DType != start.DType)
        {
            throw Error.DTypesDiffer("lerp", start.DType, weight.DType);
        }

        _ = Layout.Broadcast("lerp", Layout.Broadcast("lerp", start.Shape, end.Shape), weight.Shape);
        var from = start.Wide;
        return (from + (weight.Wide * (end.Wide - from))).To(start.DType);
    }
}
