using Backprop.Kernels;

namespace Backprop.Ops
{
    /// <summary>
    /// max(BatchNorm(x) + residual, 0) in one pass over memory, and its gradients in one more. The inputs are those of <see cref="BatchNorm"/> and, at the
    /// end, the residual, which may be missing.
    /// </summary>
    /// <remarks>
    /// The gradient is that of batch normalisation for the part of g that passes the rectifier, which the result tells; that part is the residual's gradient.
    /// </remarks>
    internal sealed class BatchNormRelu(BatchNorm norm, bool hasWeight, bool hasBias, bool hasResidual) : FusedOp
    {
        public override string Name => "batch_norm_relu";

        public override string Describe() => $"{Name}{norm.Describe()[norm.Name.Length..]}";

        protected internal override Tensor Definition(in Operands inputs)
        {
            var y = norm.Definition(Normalised(inputs));
            return (hasResidual ? y + inputs[^1] : y).Relu();
        }

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.InOrder(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            if (output.Count == 0)
            {
                return;
            }

            var segments = new Segments(output, mayJoinSamples: true);
            var (x, residual) = (inputs[0].DenseLike(segments.Order), hasResidual ? inputs[^1].DenseLike(segments.Order) : null);
            var statistics = norm.Statistics(inputs[1]);
            var weight = new NormVector(hasWeight ? inputs[2] : null, 1);
            var bias = new NormVector(hasBias ? inputs[hasWeight ? 3 : 2] : null, 0);
            var numbers = NormMemory.Rent<SegmentAffine.Numbers>(segments.Channels);
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = new SegmentAffine.Numbers(statistics.Mean(i), statistics.Scale(i) * weight[i], bias[i]);
            }

            segments.Rectified(x, residual, numbers, output);
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => (hasResidual ? 5.0 : 4.0) * output.Count;

        protected internal override Saved Saves(int needs) => Saved.All;

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var residual = hasResidual && adjoint.Needs(adjoint.InputCount - 1) ? adjoint.InputCount - 1 : -1;
            if (adjoint.Gradient.Count == 0)
            {
                for (var i = 0; i < adjoint.InputCount; i++)
                {
                    if (adjoint.Needs(i))
                    {
                        adjoint.ZeroedBuffer(i);
                    }
                }

                return;
            }

            var segments = new Segments(adjoint.Input(0), mayJoinSamples: true);

            // Before the buffers: where the gradient's own is one of them, it must lie like x.
            var (g, x) = (adjoint.Gradient.DenseLike(segments.Order), adjoint.Input(0).DenseLike(segments.Order));
            var dr = residual >= 0 ? GradientPlace.Of(adjoint, residual, segments.Order, mayBeGradient: false) : default;
            var dx = adjoint.Needs(0) ? GradientPlace.Of(adjoint, 0, segments.Order, mayBeGradient: true) : default;
            var statistics = norm.Statistics(adjoint.Input(1));
            var weight = new NormVector(hasWeight ? adjoint.Input(2) : null, 1);
            var bias = new NormVector(hasBias ? adjoint.Input(hasWeight ? 3 : 2) : null, 0);
            var numbers = NormMemory.Rent<BatchNormGradient.Numbers, (double Sum, double Product), SegmentAffine.Numbers>(
                segments.Channels, out var sums, out var passes);
            for (var i = 0; i < numbers.Length; i++)
            {
                var (mean, scale, factor) = numbers[i] = new BatchNormGradient.Numbers(statistics.Mean(i), statistics.Scale(i), weight[i]);
                passes[i] = new SegmentAffine.Numbers(mean, scale * factor, bias[i]);
            }

            segments.BatchGradient(g, x, numbers, sums, dx.Target, adjoint.Output, dr.Target, hasResidual ? default : passes);
            dr.Finish();
            dx.Finish();
            SegmentNorm.AddChannels(adjoint, hasWeight ? 2 : -1, hasBias ? (hasWeight ? 3 : 2) : -1, numbers, sums);
        }

        /// <summary>The inputs without the residual.</summary>
        private Operands Normalised(in Operands inputs)
        {
            var count = inputs.Count - (hasResidual ? 1 : 0);
            var all = new Tensor[count];
            for (var i = 0; i < count; i++)
            {
                all[i] = inputs[i];
            }

            return new Operands(all);
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// The rectified batch normalisation max(<see cref="BatchNorm"/> + residual, 0) of [N, C, …], as residual networks have it behind each convolution:
        /// the same as the three operations one after the other, with less than half of their passes over memory.
        /// </summary>
        /// <param name="runningMean">[C]; in training changed in place, unrecorded, and may be missing. Keep it in float32 beside a 16-bit x.</param>
        /// <param name="runningVariance">[C]; in training moved towards the variance divided by n − 1, and may be missing. Likewise.</param>
        /// <param name="weight">[C], or nothing.</param>
        /// <param name="bias">[C], or nothing.</param>
        /// <param name="residual">Added to what is normalised; of the shape of x, or nothing.</param>
        /// <param name="training">Whether x itself tells mean and variance.</param>
        /// <param name="momentum">How far running statistics move, from 0 to 1.</param>
        /// <param name="epsilon">Added to the variance; at least 0.</param>
        /// <returns>A tensor like x. The gradient at 0 is 0, as that of <see cref="Relu"/>.</returns>
        /// <exception cref="ShapeException">A shape doesn't fit, or in training there is only one element per channel.</exception>
        /// <exception cref="DTypeException">The tensor is not floating point, or the dtypes differ.</exception>
        /// <exception cref="ArgumentOutOfRangeException">Momentum or ε are out of range.</exception>
        /// <exception cref="ArgumentException">Running statistics are needed, and missing.</exception>
        /// <example><code>
        /// var y = Tensor.Conv2d(x, w1, padding: 1).BatchNormRelu(mean1, variance1, gamma1, beta1, training: true);
        /// y = Tensor.Conv2d(y, w2, padding: 1).BatchNormRelu(mean2, variance2, gamma2, beta2, residual: x, training: true);
        /// </code></example>
        public Tensor BatchNormRelu(
            Tensor? runningMean, Tensor? runningVariance, Tensor? weight = null, Tensor? bias = null, Tensor? residual = null, bool training = false,
            double momentum = 0.1, double epsilon = 1e-5) =>
            Normalise("batch_norm_relu", new(runningMean, runningVariance, weight, bias, training, momentum, epsilon, residual, Rectify: true));
    }
}
