using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>The largest element of each window; NaN where a window holds one. The gradient goes to the first of the largest.</summary>
    internal sealed unsafe class MaxPool(Windows windows) : FusedOp
    {
        public override string Name => "max_pool";

        public override string Describe() => $"{Name}({windows})";

        protected internal override Tensor Definition(in Operands inputs)
        {
            Tensor positions;
            using (Recording.Pause())
            {
                // Which elements are the largest doesn't change with x.
                positions = new MaxPoolPositions(windows).Run(inputs);
            }

            var leading = windows.InputShape[..^windows.Axes];
            var planes = inputs[0].Reshape([.. leading, (int)windows.Plan.InputCount]);
            return planes.Gather(-1, positions.Reshape([.. leading, (int)windows.Plan.OutputCount])).Reshape(windows.OutputShape);
        }

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
                    Widest.Run(new PoolForwardLast<MaxFold>(x, y, windows.Plan, samples, channels), output.DType == DType.Float32);
                }
                else
                {
                    Widest.Run(new PoolForward<MaxFold>(x, y, windows.Plan, windows.Planes), output.DType == DType.Float32);
                }
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => windows.Planes * windows.Plan.Taps;

        protected internal override Saved Saves(int needs) => Saved.Input0 | Saved.Output;

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            if (adjoint.IsAlong(adjoint.Gradient.Rank - windows.Axes, out var axis))
            {
                adjoint.Along(axis);
            }
            else
            {
                base.DifferentiatePerSample(adjoint);
            }
        }

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var place = GradientPlace.Of(adjoint, 0, windows.InOrder(adjoint.LayoutOf(0)), mayBeGradient: false);
            var (target, accumulate) = place.Target;
            fixed (byte* x = windows.InOrder(adjoint.Input(0)).Bytes(), y = windows.InOrder(adjoint.Output).Bytes())
            fixed (byte* g = windows.InOrder(adjoint.Gradient).Bytes(), dx = target!.Bytes())
            {
                if (windows.AreChannelsLast)
                {
                    var (samples, channels) = windows.Images;
                    Widest.Run(new PoolGradientLast(x, y, g, dx, accumulate, windows.Plan, samples, channels), target.DType == DType.Float32);
                }
                else
                {
                    Widest.Run(new MaxPoolSearch(x, y, g, dx, accumulate, null, windows.Plan, windows.Planes), target.DType == DType.Float32);
                }
            }

            place.Finish();
        }
    }

    /// <summary>Where the first of the largest elements of each window is in its plane, int64.</summary>
    internal sealed unsafe class MaxPoolPositions(Windows windows) : Op
    {
        public override string Name => "max_pool_positions";

        public override string Describe() => $"{Name}({windows})";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            Windows.CheckType(Name, inputs[0]);
            return new ResultSpec(windows.OutputShape, DType.Int64);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            fixed (byte* x = inputs[0].Dense().Bytes(), positions = output.Bytes())
            {
                Widest.Run(new MaxPoolSearch(x, null, null, null, false, (long*)positions, windows.Plan, windows.Planes), inputs[0].DType == DType.Float32);
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => windows.Planes * windows.Plan.Taps;

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) =>
            throw new InvalidOperationException($"{Name}: a position has no gradient.");
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The largest element of each window along the last axis.</summary>
        /// <param name="kernelSize">Elements of a window; at least 1.</param>
        /// <param name="stride">From one window to the next; the kernel's size unless given.</param>
        /// <param name="padding">By how much windows may begin before the input and end after it; at most half of what a window spans.</param>
        /// <param name="dilation">From one element of a window to the next.</param>
        /// <param name="ceilMode">Whether a last window that is not whole counts.</param>
        /// <returns>[N, C, L'] for [N, C, L], or [C, L'] for [C, L]. The gradient goes to the first of the largest; NaN is the largest of all.</returns>
        /// <exception cref="ShapeException">Another rank, or no window fits.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range, or padding is more than half of a window.</exception>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor MaxPool1d(int kernelSize, int? stride = null, int padding = 0, int dilation = 1, bool ceilMode = false) =>
            MaxPool(Windows.Sliding("max_pool1d", this, 1, kernelSize, PerAxisOrNone(stride), padding, dilation, ceilMode), "max_pool1d");

        /// <summary>The largest element of each window along the last two axes: [N, C, H, W] or [C, H, W].</summary>
        /// <param name="kernelSize">Size of a window: one number, or [height, width]; at least 1.</param>
        /// <param name="stride">From one window to the next; the kernel's size unless given.</param>
        /// <param name="padding">By how much windows may begin before the input and end after it; 0 unless given.</param>
        /// <param name="dilation">From one element of a window to the next; 1 unless given.</param>
        /// <param name="ceilMode">Whether a last window that is not whole counts.</param>
        /// <inheritdoc cref="MaxPool1d"/>
        public Tensor MaxPool2d(PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool ceilMode = false) =>
            MaxPool(Windows.Sliding("max_pool2d", this, 2, kernelSize, stride, padding, dilation, ceilMode), "max_pool2d");

        /// <summary>The largest element of each window along the last three axes: [N, C, D, H, W] or [C, D, H, W].</summary>
        /// <inheritdoc cref="MaxPool2d"/>
        public Tensor MaxPool3d(PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool ceilMode = false) =>
            MaxPool(Windows.Sliding("max_pool3d", this, 3, kernelSize, stride, padding, dilation, ceilMode), "max_pool3d");

        /// <summary><see cref="MaxPool1d"/>, and where its elements are: positions along the last axis (int64).</summary>
        /// <inheritdoc cref="MaxPool1d"/>
        public (Tensor Values, Tensor Indices) MaxPool1dWithIndices(
            int kernelSize, int? stride = null, int padding = 0, int dilation = 1, bool ceilMode = false) =>
            MaxPoolWithIndices(Windows.Sliding("max_pool1d", this, 1, kernelSize, PerAxisOrNone(stride), padding, dilation, ceilMode), "max_pool1d");

        /// <summary><see cref="MaxPool2d"/>, and where its elements are: positions in the plane of height times width, row after row (int64).</summary>
        /// <inheritdoc cref="MaxPool2d"/>
        public (Tensor Values, Tensor Indices) MaxPool2dWithIndices(
            PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool ceilMode = false) =>
            MaxPoolWithIndices(Windows.Sliding("max_pool2d", this, 2, kernelSize, stride, padding, dilation, ceilMode), "max_pool2d");

        /// <summary><see cref="MaxPool3d"/>, and where its elements are: positions in the block of depth times height times width (int64).</summary>
        /// <inheritdoc cref="MaxPool2d"/>
        public (Tensor Values, Tensor Indices) MaxPool3dWithIndices(
            PerAxis kernelSize, PerAxis stride = default, PerAxis padding = default, PerAxis dilation = default, bool ceilMode = false) =>
            MaxPoolWithIndices(Windows.Sliding("max_pool3d", this, 3, kernelSize, stride, padding, dilation, ceilMode), "max_pool3d");

        /// <summary>The largest element of each of <paramref name="outputSize"/> windows that share the last axis out.</summary>
        /// <param name="outputSize">How many windows; −1 keeps the axis as it is.</param>
        /// <inheritdoc cref="MaxPool1d"/>
        public Tensor AdaptiveMaxPool1d(int outputSize) => MaxPool(Windows.Adaptive("adaptive_max_pool1d", this, 1, outputSize), "adaptive_max_pool1d");

        /// <summary>The largest element of each window, where a given number of windows shares the last two axes out.</summary>
        /// <param name="outputSize">How many windows: one number, or [height, width]; −1 keeps an axis as it is.</param>
        /// <inheritdoc cref="MaxPool2d"/>
        public Tensor AdaptiveMaxPool2d(PerAxis outputSize) => MaxPool(Windows.Adaptive("adaptive_max_pool2d", this, 2, outputSize), "adaptive_max_pool2d");

        /// <summary>The largest element of each window, where a given number of windows shares the last three axes out.</summary>
        /// <inheritdoc cref="AdaptiveMaxPool2d"/>
        public Tensor AdaptiveMaxPool3d(PerAxis outputSize) => MaxPool(Windows.Adaptive("adaptive_max_pool3d", this, 3, outputSize), "adaptive_max_pool3d");

        /// <summary><see cref="AdaptiveMaxPool1d"/>, and where its elements are: positions along the last axis (int64).</summary>
        /// <inheritdoc cref="AdaptiveMaxPool1d"/>
        public (Tensor Values, Tensor Indices) AdaptiveMaxPool1dWithIndices(int outputSize) =>
            MaxPoolWithIndices(Windows.Adaptive("adaptive_max_pool1d", this, 1, outputSize), "adaptive_max_pool1d");

        /// <summary><see cref="AdaptiveMaxPool2d"/>, and where its elements are: positions in the plane, row after row (int64).</summary>
        /// <inheritdoc cref="AdaptiveMaxPool2d"/>
        public (Tensor Values, Tensor Indices) AdaptiveMaxPool2dWithIndices(PerAxis outputSize) =>
            MaxPoolWithIndices(Windows.Adaptive("adaptive_max_pool2d", this, 2, outputSize), "adaptive_max_pool2d");

        /// <summary><see cref="AdaptiveMaxPool3d"/>, and where its elements are: positions in the block (int64).</summary>
        /// <inheritdoc cref="AdaptiveMaxPool2d"/>
        public (Tensor Values, Tensor Indices) AdaptiveMaxPool3dWithIndices(PerAxis outputSize) =>
            MaxPoolWithIndices(Windows.Adaptive("adaptive_max_pool3d", this, 3, outputSize), "adaptive_max_pool3d");

        private static PerAxis PerAxisOrNone(int? value) => value is { } given ? given : default(PerAxis);

        private Tensor MaxPool(Windows windows, string operation)
        {
            Windows.CheckType(operation, this);
            return new MaxPool(windows).Run(new Operands(this));
        }

        private (Tensor Values, Tensor Indices) MaxPoolWithIndices(Windows windows, string operation) =>
            (MaxPool(windows, operation), new MaxPoolPositions(windows).Run(new Operands(this)));
    }
}
