using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>The variance: the sum of squared deviations from the mean, divided by the count less <paramref name="correction"/>.</summary>
    /// <param name="axes">The axes; all if none are named.</param>
    /// <param name="correction">1 gives the unbiased estimate, 0 the mean square.</param>
    /// <param name="keepDimensions">Whether the axes stay, with size 1.</param>
    public Tensor Variance(ReadOnlySpan<int> axes, double correction = 1, bool keepDimensions = false)
    {
        var count = ReducedCount("variance", axes);
        var x = Wide;
        var deviations = x - x.Mean(axes, keepDimensions: true);
        var divisor = Math.Max(count - correction, 0);
        return (deviations.Square().Sum(axes, keepDimensions) / divisor).To(DType);
    }

    /// <summary>The unbiased variance of all elements; with another correction it is Variance([], correction).</summary>
    public Tensor Variance() => Variance([]);

    /// <summary>The variance along one axis.</summary>
    /// <inheritdoc cref="Variance(ReadOnlySpan{int}, double, bool)"/>
    public Tensor Variance(int axis, double correction = 1, bool keepDimensions = false) => Variance([axis], correction, keepDimensions);

    /// <summary>The square root of <see cref="Variance(ReadOnlySpan{int}, double, bool)"/>, also where the variance itself would overflow or vanish.</summary>
    /// <remarks>
    /// Where all elements are equal it is 0 and so is its gradient, to every order. Variance(…).Sqrt() gives NaN there; where the result is a divisor, add ε to
    /// the variance: (x.Variance() + 1e-5).Sqrt().
    /// </remarks>
    public Tensor StandardDeviation(ReadOnlySpan<int> axes, double correction = 1, bool keepDimensions = false)
    {
        var count = ReducedCount("standard_deviation", axes);
        var x = Wide;
        var deviations = x - x.Mean(axes, keepDimensions: true);
        var divisor = Math.Max(count - correction, 0);
        return deviations.Length(axes, divisor, keepDimensions).To(DType);
    }

    /// <summary>The standard deviation of all elements, from the unbiased variance; with another correction it is StandardDeviation([], correction).</summary>
    public Tensor StandardDeviation() => StandardDeviation([]);

    /// <summary>The standard deviation along one axis.</summary>
    /// <inheritdoc cref="Variance(ReadOnlySpan{int}, double, bool)"/>
    public Tensor StandardDeviation(int axis, double correction = 1, bool keepDimensions = false) =>
        StandardDeviation([axis], correction, keepDimensions);

    private int ReducedCount(string operation, ReadOnlySpan<int> axes) => DType.IsFloating()
        ? Axes.Of(operation, this, axes).CountOf(Shape)
        : throw Error.DType(operation, DType, "convert with To(DType.Float32) first.");
}
