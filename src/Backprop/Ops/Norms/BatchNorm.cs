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
            double epsilon = 1e-5) =>
            Normalise("batch_norm", new(runningMean, runningVariance, weight, bias, training, momentum, epsilon, null, Rectify: false));

        private Tensor Normalise(string name, BatchNormArguments with)
        {
            NormChecks.Type(name, this);
            NormChecks.Channels(name, this, 2);
            NormChecks.Epsilon(name, with.Epsilon);
            NormChecks.Momentum(name, with.Momentum);
            RunningStatistics.Check(name, this, with.RunningMean, with.RunningVariance, isNeeded: !with.Training);
            NormChecks.Companion(name, "weight", this, with.Weight, [Shape[1]]);
            NormChecks.Companion(name, "bias", this, with.Bias, [Shape[1]]);
            NormChecks.Companion(name, "residual", this, with.Residual, Shape);
            if (!with.Training)
            {
                return with.Finish(this, (x, weight, bias) =>
                    RunningStatistics.Apply(name, x, with.RunningMean!, with.RunningVariance!, weight, bias, with.Epsilon));
            }

            var size = Layout.CheckedCount(name, [Shape[0], .. Shape[2..]]);
            if (size == 1)
            {
                throw Error.Shape(name, $"x {Error.Text(Shape)} has one element per channel: its variance is 0, and the result would not depend on x. "
                    + "Train with larger batches, or evaluate.");
            }

            var op = new BatchNorm(Shape[1], with.Epsilon, with.Weight is not null, with.Bias is not null);
            var statistics = op.StatisticsOf(this);
            var y = with.Rectify
                ? new BatchNormRelu(op, with.Weight is not null, with.Bias is not null, with.Residual is not null)
                    .Run(NormChecks.Operands(this, statistics, with.Weight, with.Bias, with.Residual))
                : with.Finish(this, (x, weight, bias) => op.Run(NormChecks.Operands(x, statistics, weight, bias)));
            if (Count > 0)
            {
                using (Recording.Pause())
                {
                    RunningStatistics.Move(with.RunningMean, statistics.Select(1, 0), with.Momentum);
                    RunningStatistics.Move(with.RunningVariance, statistics.Select(1, 1) * ((double)size / (size - 1)), with.Momentum);
                }
            }

            return y;
        }

        private readonly record struct BatchNormArguments(
            Tensor? RunningMean, Tensor? RunningVariance, Tensor? Weight, Tensor? Bias, bool Training, double Momentum, double Epsilon, Tensor? Residual,
            bool Rectify)
        {
            /// <summary>Normalises, and does what else is asked for, operation by operation; 16-bit elements are rounded once.</summary>
            public Tensor Finish(Tensor x, Func<Tensor, Tensor?, Tensor?, Tensor> normalize)
            {
                if (!Rectify)
                {
                    return normalize(x, Weight, Bias);
                }

                var y = normalize(x.Wide, Weight?.Wide, Bias?.Wide);
                return (Residual is null ? y : y + Residual.Wide).Relu().To(x.DType);
            }
        }
    }
}
