using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x / √(mean of x² + ε) · weight over the last axes (Zhang and Sennrich, 2019).</summary>
    internal sealed class RmsNorm(int axes, double epsilon, bool hasWeight) : RowNorm(axes, epsilon, hasWeight, hasBias: false, centered: false)
    {
        public override string Name => "rms_norm";

        protected override Tensor Normalized(Tensor x, int[] over) => x / (x.Square().Mean(over, keepDimensions: true) + Epsilon).Sqrt();
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Normalisation by the root mean square: x / √(mean of x² + ε) over the last axes, times a weight (Zhang and Sennrich, 2019).</summary>
        /// <param name="shape">The sizes of the last axes, which are normalised together.</param>
        /// <param name="weight">In that shape, or nothing.</param>
        /// <param name="epsilon">Added to the mean square; at least 0. Unless given, the distance from 1 to the next number of the dtype.</param>
        /// <remarks>
        /// Where the mean square is larger than the largest number of the dtype (of float32, for elements beyond about 1e19) it counts as infinite, and the
        /// result is 0, as in PyTorch.
        /// </remarks>
        /// <exception cref="ShapeException">The shape is not that of the last axes, or the weight has another.</exception>
        /// <exception cref="DTypeException">The tensor is not floating point, or the dtypes differ.</exception>
        /// <exception cref="ArgumentOutOfRangeException">ε is negative or not finite.</exception>
        public Tensor RmsNorm(ReadOnlySpan<int> shape, Tensor? weight = null, double? epsilon = null)
        {
            var given = epsilon ?? (DType == DType.Float64 ? double.BitIncrement(1) - 1 : float.BitIncrement(1) - 1);
            RowNorm.CheckShape("rms_norm", this, shape, given);
            return new RmsNorm(shape.Length, given, weight is not null).Run(NormChecks.Operands(this, weight));
        }
    }
}
