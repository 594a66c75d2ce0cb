namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>Σ xᵢ yᵢ of two vectors [n]: a scalar.</summary>
    /// <param name="other">A vector of the same length and dtype.</param>
    /// <exception cref="ShapeException">One of the two is not a vector, or the lengths differ.</exception>
    /// <exception cref="DTypeException">The dtypes differ, or are bool.</exception>
    public Tensor Dot(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Rank != 1 || other.Rank != 1 || Count != other.Count)
        {
            throw Error.Shape("dot", $"{Error.Text(Shape)} and {Error.Text(other.Shape)} must be two vectors [n] of one length; for matrices there is MatMul.");
        }

        CheckProduct("dot", DType, DType);
        CheckProduct("dot", DType, other.DType);
        return MatMul(other);
    }
}
