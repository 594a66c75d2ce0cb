using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>The mean of each window. The gradient spreads evenly over it.</summary>
    internal sealed unsafe class MeanPool(Windows windows) : Op
    {
        public override string Name => "mean_pool";

        public override string Describe() => $"{Name}({windows})";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Windows.CheckType(Name, inputs[0]);
            return windows.Result(Name, inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            fixed (byte* x = windows.InOrder(inputs[0]).Bytes(), y = output.Bytes())
            {
                if (windows.AreChannelsLast)
                {
                    var (samples, channels) = windows.Images;
                    Widest.Run(new PoolForwardLast<SumFold>(x, y, windows.Plan, samples, channels), output.DType == DType.Float32);
                }
                else
                {
                    Widest.Run(new PoolForward<SumFold>(x, y, windows.Plan, windows.Planes), output.DType == DType.Float32);
                }
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => windows.Planes * windows.Plan.Taps;

        protected internal override Saved Saves(int needs) => Saved.None;

        internal override bool HasGradientKernels => true;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            if (Recording.IsOn)
            {
                adjoint.Add(0, new MeanPoolAdjoint(windows).Apply(adjoint.Gradient));
            }
            else if (adjoint.Needs(0))
            {
                var place = GradientPlace.Of(adjoint, 0, windows.InOrder(adjoint.LayoutOf(0)), mayBeGradient: false);
                var (target, accumulate) = place.Target;
                MeanPoolAdjoint.To(target!, accumulate, adjoint.Gradient, windows);
                place.Finish();
            }
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint) =>
            adjoint.Along(adjoint.IsAlong(adjoint.Gradient.Rank - windows.Axes, out var axis)
                ? axis
                : throw adjoint.Refuse("lays windows over the samples, or over a parameter, for which there is no rule."));
    }

    /// <summary>Each element shared out evenly over its window: the adjoint of taking means, whose own gradient is the mean again.</summary>
    internal sealed unsafe class MeanPoolAdjoint(Windows windows) : Op
    {
        public override string Name => "mean_pool_adjoint";

        public override string Describe() => $"{Name}({windows})";

        /// <summary>Writes to a tensor without gaps in the windows' order, or adds to it. Unrecorded.</summary>
        public static void To(Tensor target, bool accumulate, Tensor gradient, Windows windows)
        {
            fixed (byte* g = windows.InOrder(gradient).Bytes(), dx = target.Bytes())
            {
                if (windows.AreChannelsLast)
                {
                    var (samples, channels) = windows.Images;
                    Widest.Run(new PoolGradientLast(null, null, g, dx, accumulate, windows.Plan, samples, channels), target.DType == DType.Float32);
                }
                else
                {
                    Widest.Run(new MeanPoolGradient(g, dx, accumulate, windows.Plan, windows.Planes), target.DType == DType.Float32);
                }
            }
        }

        protected internal override ResultSpec Infer(in Operands inputs) =>
            new(windows.InOrder(Layout.Contiguous(Name, windows.InputShape)), inputs[0].DType);

        protected internal override void Compute(in Operands inputs, Tensor output) => To(output, false, inputs[0], windows);

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => windows.Planes * windows.Plan.Taps;

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, new MeanPool(windows).Apply(adjoint.Gradient));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The mean of each window along the last axis.</summary>
        /// <param name="kernelSize">Elements of a window; at least 1.</param>
        /// <param name="stride">From one window to the next; the kernel's size unless given.</param>
        /// <param name="padding">By how much windows may begin before the input and end after it; at most half of the kernel.</param>
        /// <param name="ceilMode">Whether a last window that is not whole counts.</param>
        /// <param name="countIncludePad">Whether the padding's zeros count in the mean.</param>
        /// <returns>[N, C, L'] for [N, C, L], or [C, L'] for [C, L].</returns>
        /// <exception cref="ShapeException">Another rank, or no window fits.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range.</exception>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor AvgPool1d(int kernelSize, int? stride = null, int padding = 0, bool ceilMode = false, bool countIncludePad = true) =>
            AvgPool("avg_pool1d", 1, kernelSize, PerAxisOrNone(stride), padding, ceilMode, countIncludePad, null);

        /// <summary>The mean of each window along the last two axes: [N, C, H, W] or [C, H, W].</summary>
        /// <param name="kernelSize">Size of a window: one number, or [height, width]; at least 1.</param>
        /// <param name="stride">From one window to the next; the kernel's size unless given.</param>
        /// <param name="padding">By how much windows may begin before the input and end after it; 0 unless given.</param>
        /// <param name="ceilMode">Whether a last window that is not whole counts.</param>
        /// <param name="countIncludePad">Whether the padding's zeros count in the mean.</param>
        /// <param name="divisorOverride">What sums are divided by instead of the size of the window; not 0.</param>
        /// <inheritdoc cref="AvgPool1d"/>
        public Tensor AvgPool2d(
            PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default, bool ceilMode = false, bool countIncludePad = true,
            int? divisorOverride = null) => AvgPool("avg_pool2d", 2, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);

        /// <summary>The mean of each window along the last three axes: [N, C, D, H, W] or [C, D, H, W].</summary>
        /// <inheritdoc cref="AvgPool2d"/>
        public Tensor AvgPool3d(
            PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default, bool ceilMode = false, bool countIncludePad = true,
            int? divisorOverride = null) => AvgPool("avg_pool3d", 3, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);

        /// <summary>The mean of each of <paramref name="outputSize"/> windows that share the last axis out.</summary>
        /// <param name="outputSize">How many windows; −1 keeps the axis as it is.</param>
        /// <inheritdoc cref="AvgPool1d"/>
        public Tensor AdaptiveAvgPool1d(int outputSize) => AdaptiveAvgPool("adaptive_avg_pool1d", 1, outputSize);

        /// <summary>The mean of each window, where a given number of windows shares the last two axes out; 1 is the mean of the whole plane.</summary>
        /// <param name="outputSize">How many windows: one number, or [height, width]; −1 keeps an axis as it is.</param>
        /// <inheritdoc cref="AvgPool2d"/>
        public Tensor AdaptiveAvgPool2d(PerAxis outputSize) => AdaptiveAvgPool("adaptive_avg_pool2d", 2, outputSize);

        /// <summary>The mean of each window, where a given number of windows shares the last three axes out.</summary>
        /// <inheritdoc cref="AdaptiveAvgPool2d"/>
        public Tensor AdaptiveAvgPool3d(PerAxis outputSize) => AdaptiveAvgPool("adaptive_avg_pool3d", 3, outputSize);

        private Tensor AvgPool(
            string operation, int axes, PerAxis kernelSize, PerAxis stride, PerAxis padding, bool ceilMode, bool countIncludePad, int? divisor)
        {
            if (divisor == 0)
            {
                throw Error.Range(operation, "divisorOverride", divisor, "any number but 0");
            }

            Windows.CheckType(operation, this);
            var windows = Windows.Sliding(operation, this, axes, kernelSize, stride, padding, 1, ceilMode, countIncludePad, divisor ?? 0);
            return new MeanPool(windows).Run(new Operands(this));
        }

        private Tensor AdaptiveAvgPool(string operation, int axes, PerAxis outputSize)
        {
            Windows.CheckType(operation, this);
            return new MeanPool(Windows.Adaptive(operation, this, axes, outputSize)).Run(new Operands(this));
        }
    }
}
