using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Normalisation over some neighbouring channels of a sample with all their elements (Wu and He, 2018).</summary>
    internal sealed class GroupNorm(string name, int samples, int groups, double epsilon, bool hasWeight, bool hasBias)
        : SegmentNorm(checked(samples * groups), tellsSamplesApart: true, epsilon, hasWeight, hasBias)
    {
        public override string Name => name ?? "group_norm";

        protected override int GroupOf(int sample, int channel, int channels) => (sample * groups) + (channel / (channels / groups));

        protected override Tensor Normalized(Tensor x)
        {
            var rows = x.Reshape(samples, groups, x.Count == 0 ? 0 : x.Count / samples / groups);
            var centered = rows - rows.Mean(-1, keepDimensions: true);
            return (centered / (centered.Square().Mean(-1, keepDimensions: true) + Epsilon).Sqrt()).Reshape(x.Shape);
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// Group normalisation of [N, C, …]: the channels are cut into groups, and each group of each sample is normalised by its own mean and variance
        /// (Wu and He, 2018).
        /// </summary>
        /// <param name="groups">How many groups; a divisor of C.</param>
        /// <param name="weight">[C], or nothing.</param>
        /// <param name="bias">[C], or nothing.</param>
        /// <param name="epsilon">Added to the variance; at least 0.</param>
        /// <remarks>
        /// Where the variance is larger than the largest number of the dtype (of float32, for elements beyond about 1e19) it counts as infinite, and the result
        /// is 0, as in PyTorch.
        /// </remarks>
        /// <exception cref="ShapeException">There are no channels, or weight or bias have another shape.</exception>
        /// <exception cref="DTypeException">The tensor is not floating point, or the dtypes differ.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The groups don't divide the channels, or ε is negative or not finite.</exception>
        public Tensor GroupNorm(int groups, Tensor? weight = null, Tensor? bias = null, double epsilon = 1e-5)
        {
            const string Name = "group_norm";
            NormChecks.Type(Name, this);
            NormChecks.Channels(Name, this, 2);
            NormChecks.Epsilon(Name, epsilon);
            if (groups < 1 || Shape[1] % groups != 0)
            {
                throw Error.Range(Name, nameof(groups), groups, FormattableString.Invariant($"a positive divisor of the {Shape[1]} channels"));
            }

            return GroupNorm(Name, groups, weight, bias, epsilon, out _);
        }

        private Tensor GroupNorm(string operation, int groups, Tensor? weight, Tensor? bias, double epsilon, out Tensor statistics)
        {
            NormChecks.Companion(operation, "weight", this, weight, [Shape[1]]);
            NormChecks.Companion(operation, "bias", this, bias, [Shape[1]]);
            Layout.CheckedCount(operation, [Shape[0], groups, 2]);
            var op = new GroupNorm(operation, Shape[0], groups, epsilon, weight is not null, bias is not null);
            statistics = op.StatisticsOf(this);
            return op.Run(NormChecks.Operands(this, statistics, weight, bias));
        }
    }
}
