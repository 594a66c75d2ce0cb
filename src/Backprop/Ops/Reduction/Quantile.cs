using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>The q-quantile of all elements.</summary>
    /// <inheritdoc cref="Quantile(double, int, bool)"/>
    public Tensor Quantile(double q)
    {
        CheckQuantile(q, Count);
        return Flatten().Quantile(q, 0);
    }

    /// <summary>
    /// The q-quantiles along an axis: of n sorted elements that at q (n − 1), linearly between its two neighbours. NaN if any element is NaN. The gradient
    /// goes to the two neighbours, in shares.
    /// </summary>
    /// <param name="q">From 0, the smallest, by 0.5, the median, to 1, the largest.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="keepDimensions">Whether the axis stays, with size 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">q is not from 0 to 1, or the axis doesn't exist.</exception>
    /// <exception cref="ShapeException">There are no elements.</exception>
    /// <exception cref="DTypeException">The tensor is not floating point.</exception>
    public Tensor Quantile(double q, int axis, bool keepDimensions = false)
    {
        var (x, along) = LineAxis.Of("quantile", Wide, axis);
        var count = x.Shape[along];
        CheckQuantile(q, count);
        var sorted = x.Sort(along).Values;
        var at = q * (count - 1);
        var (below, share) = ((int)at, at - Math.Floor(at));
        var result = sorted.Narrow(along, below, 1);
        if (share > 0)
        {
            result = result.Lerp(sorted.Narrow(along, below + 1, 1), share);
        }

        // NaN is sorted to the end.
        result = Where(sorted.Narrow(along, count - 1, 1).Detach().IsNaN(), double.NaN, result);
        return LineAxis.Back(keepDimensions && Rank > 0 ? result : result.Squeeze(along), this).To(DType);
    }

    private void CheckQuantile(double q, int count)
    {
        LineAxis.NeedsReals("quantile", this);
        if (!(q is >= 0 and <= 1))
        {
            throw Error.Range("quantile", nameof(q), q, "from 0 to 1");
        }

        if (count == 0)
        {
            throw Error.Shape("quantile", $"there is no quantile of no elements, in shape {Error.Text(Shape)}.");
        }
    }
}
