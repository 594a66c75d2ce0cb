using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Normalisation of each channel over all samples with all their elements (Ioffe and Szegedy, 2015).</summary>
    internal sealed class BatchNorm(int channels, double epsilon, bool hasWeight, bool hasBias)
        : SegmentNorm(channels, tellsSamplesApart: false, epsilon, hasWeight, hasBias)
    {
        public override string Name => "batch_norm";

        protected override bool AreChannelsGroups => true;

        protected override int GroupOf(int sample, int channel, int channels) => channel;

        protected override Tensor Normalized(Tensor x)
        {
            int[] over = [0, .. Enumerable.Range(2, x.Rank - 2)];
            var centered = x - x.Mean(over, keepDimensions: true);
            return centered / (centered.Square().Mean(over, keepDimensions: true) + Epsilon).Sqrt();
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// Batch normalisation of [N, C, …]: each channel is normalised over all samples. In training by the mean and variance of x, towards which the
        /// running ones move; else by the running ones (Ioffe and Szegedy, 2015).
        /// </summary>
        /// <remarks>Running statistics that several threads move at once lose some of the moves: give each thread its own.</remarks>
        /// <param name="runningMean">[C]; in training changed in place, unrecorded, and may be missing. Keep it in float32 beside a 16-bit x.</param>
        /// <param name="runningVariance">[C]; in training moved towards the variance divided by n − 1, and may be missing. Likewise.</param>
        /// <param name="weight">[C], or nothing.</param>
        /// <param name="bias">[C], or nothing.</param>
        /// <param name="training">Whether x itself tells mean and variance.</param>
        /// <param name="momentum">How far running statistics move, from 0 to 1.</param>
        /// <param name="epsilon">Added to the variance; at least 0.</param>
        /// <remarks>
        /// Where the variance is larger than the largest number of the dtype (of float32, for elements beyond about 1e19) it counts as infinite, and the result
        /// is 0, as in PyTorch.
        /// </remarks>
        /// <exception cref="ShapeException">A shape doesn't fit, or in training there is only one element per channel.</exception>
        /// <exception cref="DTypeException">The tensor is not floating point, or the dtypes differ.</exception>
        /// <exception cref="ArgumentOutOfRangeException">Momentum or ε are out of range.</exception>
        /// <exception cref="ArgumentException">Running statistics are needed, and missing.</exception>
        public Tensor BatchNorm(
            Tensor? runningMean, Tensor? runningVariance, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1,
            double epsilon = 1e-5)
        {
            const string Name = "batch_norm";
            NormChecks.Type(Name, this);
            NormChecks.Channels(Name, this, 2);
            NormChecks.Epsilon(Name, epsilon);
            NormChecks.Momentum(Name, momentum);
            RunningStatistics.Check(Name, this, runningMean, runningVariance, isNeeded: !training);
            if (!training)
            {
                return RunningStatistics.Apply(Name, this, runningMean!, runningVariance!, weight, bias, epsilon);
            }

            NormChecks.Companion(Name, "weight", this, weight, [Shape[1]]);
            NormChecks.Companion(Name, "bias", this, bias, [Shape[1]]);
            var size = Layout.CheckedCount(Name, [Shape[0], .. Shape[2..]]);
            if (size == 1)
            {
                throw Error.Shape(Name, $"x {Error.Text(Shape)} has one element per channel: its variance is 0, and the result would not depend on x. "
                    + "Train with larger batches, or evaluate.");
            }

            var op = new BatchNorm(Shape[1], epsilon, weight is not null, bias is not null);
            var statistics = op.StatisticsOf(this);
            var y = op.Run(NormChecks.Operands(this, statistics, weight, bias));
            if (Count > 0)
            {
                using (Recording.Pause())
                {
                    RunningStatistics.Move(runningMean, statistics.Select(1, 0), momentum);
                    RunningStatistics.Move(runningVariance, statistics.Select(1, 1) * ((double)size / (size - 1)), momentum);
                }
            }

            return y;
        }
    }
}
