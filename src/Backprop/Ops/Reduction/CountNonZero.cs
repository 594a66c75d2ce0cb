namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>How many elements are not 0, int64. NaN is not 0.</summary>
    public Tensor CountNonZero() => CountNonZero([]);

    /// <summary>How many elements along an axis are not 0, int64.</summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="keepDimensions">Whether the axis stays, with size 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The axis doesn't exist.</exception>
    public Tensor CountNonZero(int axis, bool keepDimensions = false) => CountNonZero([axis], keepDimensions);

    /// <summary>How many elements over several axes, or all if none are named, are not 0, int64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An axis that doesn't exist.</exception>
    public Tensor CountNonZero(ReadOnlySpan<int> axes, bool keepDimensions = false) => CountTrue("count_non_zero", axes, keepDimensions);

    /// <summary>Whether any element is true, or not 0; false where there are none.</summary>
    public Tensor Any() => Any([]);

    /// <summary>Whether any element along an axis is true, or not 0.</summary>
    /// <inheritdoc cref="CountNonZero(int, bool)"/>
    public Tensor Any(int axis, bool keepDimensions = false) => Any([axis], keepDimensions);

    /// <summary>Whether any element over several axes, or all if none are named, is true, or not 0; false where there are none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An axis that doesn't exist.</exception>
    public Tensor Any(ReadOnlySpan<int> axes, bool keepDimensions = false) => CountTrue("any", axes, keepDimensions) > 0;

    /// <summary>Whether all elements are true, or not 0; true where there are none.</summary>
    public Tensor All() => All([]);

    /// <summary>Whether all elements along an axis are true, or not 0.</summary>
    /// <inheritdoc cref="CountNonZero(int, bool)"/>
    public Tensor All(int axis, bool keepDimensions = false) => All([axis], keepDimensions);

    /// <summary>Whether all elements over several axes, or all if none are named, are true, or not 0; true where there are none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An axis that doesn't exist.</exception>
    public Tensor All(ReadOnlySpan<int> axes, bool keepDimensions = false) =>
        CountTrue("all", axes, keepDimensions).EqualTo(Ops.Axes.Of("all", this, axes).CountOf(Shape));

    private Tensor CountTrue(string operation, ReadOnlySpan<int> axes, bool keepDimensions)
    {
        _ = Ops.Axes.Of(operation, this, axes);
        return (DType == DType.Bool ? this : NotEqualTo(0)).Sum(axes, keepDimensions);
    }
}
