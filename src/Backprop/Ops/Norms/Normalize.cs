namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>x divided by its p-norm along an axis, or by ε where the norm is smaller: vectors of length 1.</summary>
    /// <param name="p">The norm, positive; infinity for the largest magnitude.</param>
    /// <param name="axis">The axis of the vectors.</param>
    /// <param name="epsilon">The least divisor; positive.</param>
    /// <exception cref="DTypeException">The tensor is not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The axis is outside of the rank, or p or ε are not positive.</exception>
    public Tensor Normalize(double p = 2, int axis = 1, double epsilon = 1e-12)
    {
        const string Name = "normalize";
        Ops.NormChecks.Type(Name, this);
        axis = Error.CheckAxis(Name, axis, Rank);
        if (!(p > 0))
        {
            throw Error.Range(Name, nameof(p), p, "positive");
        }

        if (!(epsilon > 0 && double.IsFinite(epsilon)))
        {
            throw Error.Range(Name, nameof(epsilon), epsilon, "positive and finite");
        }

        if (Shape[axis] == 0)
        {
            return Clone();
        }

        var x = Wide;
        var norm = double.IsPositiveInfinity(p) ? x.Abs().Max(axis, keepDimensions: true)
            : p == 1 ? x.Abs().Sum(axis, keepDimensions: true)
            : p == 2 ? x.Length([axis], 1, keepDimensions: true)
            : x.Norm(p, axis, keepDimensions: true);
        return (x / norm.Maximum(epsilon)).To(DType);
    }
    /// <summary>
    /// √(Σ x² / divisor) by a sum of squares, which needs no axis to be moved; where a square was lost or too large, by the norm itself.
    /// </summary>
    internal Tensor Length(ReadOnlySpan<int> axes, double divisor, bool keepDimensions)
    {
        var sum = Square().Sum(axes, keepDimensions);
        if (!Capture.Observe(() => IsFarFromLimits(sum), "squares of numbers leave the range of their dtype, or no longer do"))
        {
            return Norm(2, axes, keepDimensions) / Math.Sqrt(divisor);
        }

        return (divisor == 1 ? sum : sum / divisor).Sqrt();
    }

    /// <summary>Whether all sums of squares are well inside of the dtype's range. NaN is no reason for another look.</summary>
    private static bool IsFarFromLimits(Tensor sums)
    {
        using (Recording.Pause())
        {
            var values = sums.Detach();
            var least = sums.DType == DType.Float32 ? 1e-30 : 1e-280;
            return values.Count == 0 || !(values.Min().Item() < least || values.Max().Item() == double.PositiveInfinity);
        }
    }
}
