namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>The outer product of two vectors: result[i, j] = this[i] · other[j].</summary>
    /// <exception cref="ShapeException">One of them is not a vector.</exception>
    /// <exception cref="DTypeException">The dtypes differ, or are bool.</exception>
    public Tensor Outer(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Rank != 1 || other.Rank != 1)
        {
            throw Error.Shape("outer", $"two vectors are needed, not shapes {Error.Text(Shape)} and {Error.Text(other.Shape)}.");
        }

        Layout.CheckedCount("outer", [Count, other.Count]);
        return Unsqueeze(1) * other;
    }

    /// <summary>
    /// The Kronecker product: every element of this tensor times the whole of the other. Sizes multiply axis by axis; missing axes in front count as 1.
    /// </summary>
    /// <exception cref="ShapeException">A tensor has more than 8 axes, or the result has too many elements.</exception>
    /// <exception cref="DTypeException">The dtypes differ, or are bool.</exception>
    public Tensor Kronecker(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        const string Name = "kronecker";
        var rank = Math.Max(Rank, other.Rank);
        if (2 * rank > Layout.MaxRank)
        {
            throw Error.Shape(Name, $"at most {Layout.MaxRank / 2} axes, not those of {Error.Text(Shape)} and {Error.Text(other.Shape)}.");
        }

        // a0, 1, a1, 1, … times 1, b0, 1, b1, …
        int[] left = new int[2 * rank], right = new int[2 * rank], shape = new int[rank];
        for (var axis = 1; axis <= rank; axis++)
        {
            var (a, b) = (axis <= Rank ? Shape[^axis] : 1, axis <= other.Rank ? other.Shape[^axis] : 1);
            (left[^(2 * axis)], left[^((2 * axis) - 1)]) = (a, 1);
            (right[^(2 * axis)], right[^((2 * axis) - 1)]) = (1, b);
            var product = (long)a * b;
            shape[^axis] = product <= Array.MaxLength
                ? (int)product
                : throw Error.Shape(Name, $"the product of shapes {Error.Text(Shape)} and {Error.Text(other.Shape)} has too many elements.");
        }

        Layout.CheckedCount(Name, shape);
        return (Reshape(left) * other.Reshape(right)).Reshape(shape);
    }
}
