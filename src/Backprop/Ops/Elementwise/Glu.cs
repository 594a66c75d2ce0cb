namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>The gated linear unit: the first half along an axis times the sigmoid of the second half (Dauphin et al. 2017).</summary>
    /// <param name="axis">The axis, of even size; it is half as long in the result.</param>
    /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist.</exception>
    /// <exception cref="ShapeException">The axis has an odd size.</exception>
    /// <exception cref="DTypeException">The tensor is not floating point.</exception>
    public Tensor Glu(int axis = -1)
    {
        axis = Error.CheckAxis("glu", axis, Rank);
        if (!DType.IsFloating())
        {
            throw Error.DType("glu", DType, "convert with To(DType.Float32) first.");
        }

        if (Shape[axis] % 2 != 0)
        {
            throw Error.Shape(
                "glu", FormattableString.Invariant($"axis {axis} of shape {Error.Text(Shape)} has the odd size {Shape[axis]}; it needs two halves."));
        }

        var half = Shape[axis] / 2;
        return (Narrow(axis, 0, half).Wide * Narrow(axis, half, half).Wide.Sigmoid()).To(DType);
    }
}
