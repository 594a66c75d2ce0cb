using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = (x − mean) / √(variance + ε) · weight + bias over the last axes (Ba et al., 2016).</summary>
    internal sealed class LayerNorm(int axes, double epsilon, bool hasWeight, bool hasBias) : RowNorm(axes, epsilon, hasWeight, hasBias, centered: true)
    {
        public override string Name => "layer_norm";

        protected override Tensor Normalized(Tensor x, int[] over)
        {
            var centered = x - x.Mean(over, keepDimensions: true);
            return centered / (centered.Square().Mean(over, keepDimensions: true) + Epsilon).Sqrt();
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Layer normalisation: (x − mean) / √(variance + ε) over the last axes, times a weight, plus a bias (Ba et al., 2016).</summary>
        /// <param name="shape">The sizes of the last axes, which are normalised together.</param>
        /// <param name="weight">In that shape, or nothing.</param>
        /// <param name="bias">In that shape, or nothing.</param>
        /// <param name="epsilon">Added to the variance; at least 0.</param>
        /// <remarks>
        /// Where the variance is larger than the largest number of the dtype (of float32, for elements beyond about 1e19) it counts as infinite, and the result
        /// is 0, as in PyTorch.
        /// </remarks>
        /// <exception cref="ShapeException">The shape is not that of the last axes, or weight or bias have another.</exception>
        /// <exception cref="DTypeException">The tensor is not floating point, or the dtypes differ.</exception>
        /// <exception cref="ArgumentOutOfRangeException">ε is negative or not finite.</exception>
        public Tensor LayerNorm(ReadOnlySpan<int> shape, Tensor? weight = null, Tensor? bias = null, double epsilon = 1e-5)
        {
            RowNorm.CheckShape("layer_norm", this, shape, epsilon);
            return new LayerNorm(shape.Length, epsilon, weight is not null, bias is not null).Run(NormChecks.Operands(this, weight, bias));
        }
    }
}
