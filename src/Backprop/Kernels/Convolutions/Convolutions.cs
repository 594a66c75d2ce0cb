using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// The convolution of images and its two gradients, of float and double, for up to three spatial axes. Images are [batch, groups · channels,
/// depth, height, width] or, where a plan goes by channels, either that or channels last; weights are [groups · outputs, inputs, kernel].
/// </summary>
internal static unsafe class Convolutions
{
    /// <summary>y = x ∗ w + bias.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="x">The images.</param>
    /// <param name="weights">The kernels.</param>
    /// <param name="bias">One per channel of y, or null.</param>
    /// <param name="y">The result; overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<T>(ConvolutionShape shape, Images<T> x, T* weights, T* bias, Images<T> y)
        where T : unmanaged, INumber<T>
    {
        var plan = Plans<T>(shape).Forward;
        CorrelationArrays<T> arrays = new() { Source = x, Weights = weights, Bias = bias, Target = y };
        if (plan.Channels is { } channels)
        {
            Correlate(channels, arrays);
            return;
        }

        if (plan.Kernel is { } kernel)
        {
            var kernels = shape.Groups * shape.Outputs * shape.Inputs;
            arrays.Weights = (T*)Scratch.Shared((nint)kernels * kernel.Length * sizeof(T));
            Arrange(weights, arrays.Weights, kernel, kernels, shape.Taps);
        }

        Correlate(plan.Positions!, arrays);
    }

    /// <summary>The gradient of x, which is also the transposed convolution of g: x = Σ g w over all positions that read x, + bias.</summary>
    /// <param name="shape">The sizes of the convolution from x to g.</param>
    /// <param name="g">The gradient of y.</param>
    /// <param name="weights">The kernels.</param>
    /// <param name="bias">One per channel of x, or null.</param>
    /// <param name="x">The result; overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InputGradient<T>(ConvolutionShape shape, Images<T> g, T* weights, T* bias, Images<T> x)
        where T : unmanaged, INumber<T>
    {
        var plan = Plans<T>(shape).InputGradient;
        CorrelationArrays<T> arrays = new() { Source = g, Weights = weights, Bias = bias, Target = x };
        if (plan.Channels is { } channels)
        {
            Correlate(channels, arrays);
            return;
        }

        if (!plan.Complete)
        {
            for (var channel = 0; channel < shape.Batch * shape.Groups * shape.Inputs; channel++)
            {
                new Span<T>(x.Start + ((nint)channel * shape.InputPlane), shape.InputPlane).Fill(
                    bias == null ? default : bias[channel % (shape.Groups * shape.Inputs)]);
            }
        }

        foreach (var (phase, kernel) in plan.Phases)
        {
            var perGroup = (nint)shape.Outputs * shape.Inputs;
            arrays.Weights = (T*)Scratch.Shared(shape.Groups * perGroup * kernel.Length * sizeof(T));
            for (var group = 0; group < shape.Groups; group++)
            {
                Turn(
                    weights + (group * perGroup * shape.Taps), arrays.Weights + (group * perGroup * kernel.Length), kernel, shape.Outputs, shape.Inputs,
                    shape.Taps);
            }

            Correlate(phase, arrays);
        }
    }

    /// <summary>The gradient of the weights.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="x">The images.</param>
    /// <param name="g">The gradient of y.</param>
    /// <param name="weights">The result.</param>
    /// <param name="accumulate">Whether the result is added to what is there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightGradient<T>(ConvolutionShape shape, Images<T> x, Images<T> g, T* weights, bool accumulate)
        where T : unmanaged, INumber<T>
    {
        var plans = Plans<T>(shape).WeightGradient;
        var kernel = plans.Kernel;
        var rows = shape.Groups * shape.Outputs * shape.Inputs;
        if (!accumulate)
        {
            new Span<T>(weights, rows * shape.Taps).Clear();
        }

        if (plans.Channels is { } channels)
        {
            CorrelateWeights(channels, x, g, weights);
            return;
        }

        if (plans.Positions is not { } plan)
        {
            return;
        }

        var size = (nint)rows * kernel.Length;
        var sums = (T*)Scratch.Shared(plan.Chunks * size * sizeof(T));
        CorrelateWeights(plan, new CorrelationArrays<T> { Source = x, Weights = g.Start, Target = new Images<T>(sums, false) });
        for (var row = 0; row < rows; row++)
        {
            for (var tap = 0; tap < kernel.Length; tap++)
            {
                var from = sums + ((nint)row * kernel.Length) + tap;
                var sum = *from;
                for (var chunk = 1; chunk < plan.Chunks; chunk++)
                {
                    from += size;
                    sum += *from;
                }

                weights[((nint)row * shape.Taps) + kernel[tap]] += sum;
            }
        }
    }

    /// <summary>Which elements of a kernel the kept taps are, in their order.</summary>
    internal static int[] Kernel(ConvolutionShape shape, AxisTaps z, AxisTaps y, AxisTaps x)
    {
        var kernel = new List<int>();
        foreach (var tz in z.Taps)
        {
            foreach (var ty in y.Taps)
            {
                foreach (var tx in x.Taps)
                {
                    kernel.Add((((tz * shape.Kernel[1]) + ty) * shape.Kernel[2]) + tx);
                }
            }
        }

        return [.. kernel];
    }

    /// <summary>The kept taps of every kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Arrange<T>(T* weights, T* to, int[] kernel, int rows, int taps)
        where T : unmanaged
    {
        for (var row = 0; row < rows; row++, weights += taps)
        {
            foreach (var tap in kernel)
            {
                *to++ = weights[tap];
            }
        }
    }

    /// <summary>to[input, output, tap] = weights[output, input, kernel[tap]].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn<T>(T* weights, T* to, int[] kernel, int outputs, int inputs, int taps)
        where T : unmanaged
    {
        for (var input = 0; input < inputs; input++)
        {
            for (var output = 0; output < outputs; output++)
            {
                var from = weights + ((((nint)output * inputs) + input) * taps);
                foreach (var tap in kernel)
                {
                    *to++ = from[tap];
                }
            }
        }
    }

    /// <summary>How convolutions of a shape are computed.</summary>
    internal static ConvolutionPlans<T> Plans<T>(ConvolutionShape shape)
        where T : unmanaged =>
        typeof(T) == typeof(float) ? (ConvolutionPlans<T>)(object)shape.Plans.Single : (ConvolutionPlans<T>)(object)shape.Plans.Double;

    private static void Correlate<T>(Correlation<T> plan, in CorrelationArrays<T> arrays)
        where T : unmanaged, INumber<T>
    {
        if (plan.Pieces == 0)
        {
            return;
        }

        if (plan is Correlation<float> single)
        {
            ref readonly var floats = ref Unsafe.As<CorrelationArrays<T>, CorrelationArrays<float>>(ref Unsafe.AsRef(in arrays));
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: Correlator<Vector512<float>, float, Floats512>.Run(single, floats); break;
                case Instructions.Avx2: Correlator<Vector256<float>, float, Floats256>.Run(single, floats); break;
                default: Correlator<Vector128<float>, float, Floats128>.Run(single, floats); break;
            }
        }
        else if (plan is Correlation<double> wide)
        {
            ref readonly var doubles = ref Unsafe.As<CorrelationArrays<T>, CorrelationArrays<double>>(ref Unsafe.AsRef(in arrays));
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: Correlator<Vector512<double>, double, Doubles512>.Run(wide, doubles); break;
                case Instructions.Avx2: Correlator<Vector256<double>, double, Doubles256>.Run(wide, doubles); break;
                default: Correlator<Vector128<double>, double, Doubles128>.Run(wide, doubles); break;
            }
        }
    }

    private static void Correlate<T>(ChannelCorrelation<T> plan, in CorrelationArrays<T> arrays)
        where T : unmanaged, INumber<T>
    {
        if (plan.Pieces == 0)
        {
            return;
        }

        if (plan is ChannelCorrelation<float> single)
        {
            ref readonly var floats = ref Unsafe.As<CorrelationArrays<T>, CorrelationArrays<float>>(ref Unsafe.AsRef(in arrays));
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: ChannelCorrelator<Vector512<float>, float, Floats512>.Run(single, floats); break;
                case Instructions.Avx2: ChannelCorrelator<Vector256<float>, float, Floats256>.Run(single, floats); break;
                default: ChannelCorrelator<Vector128<float>, float, Floats128>.Run(single, floats); break;
            }
        }
        else if (plan is ChannelCorrelation<double> wide)
        {
            ref readonly var doubles = ref Unsafe.As<CorrelationArrays<T>, CorrelationArrays<double>>(ref Unsafe.AsRef(in arrays));
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: ChannelCorrelator<Vector512<double>, double, Doubles512>.Run(wide, doubles); break;
                case Instructions.Avx2: ChannelCorrelator<Vector256<double>, double, Doubles256>.Run(wide, doubles); break;
                default: ChannelCorrelator<Vector128<double>, double, Doubles128>.Run(wide, doubles); break;
            }
        }
    }

    private static void CorrelateWeights<T>(ChannelWeights<T> plan, Images<T> source, Images<T> gradient, T* weights)
        where T : unmanaged, INumber<T>
    {
        if (plan is ChannelWeights<float> single)
        {
            Images<float> from = new((float*)source.Start, source.AreChannelsLast), by = new((float*)gradient.Start, gradient.AreChannelsLast);
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: ChannelWeightsRunner<Vector512<float>, float, Floats512>.Run(single, from, by, (float*)weights); break;
                case Instructions.Avx2: ChannelWeightsRunner<Vector256<float>, float, Floats256>.Run(single, from, by, (float*)weights); break;
                default: ChannelWeightsRunner<Vector128<float>, float, Floats128>.Run(single, from, by, (float*)weights); break;
            }
        }
        else if (plan is ChannelWeights<double> wide)
        {
            Images<double> from = new((double*)source.Start, source.AreChannelsLast), by = new((double*)gradient.Start, gradient.AreChannelsLast);
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: ChannelWeightsRunner<Vector512<double>, double, Doubles512>.Run(wide, from, by, (double*)weights); break;
                case Instructions.Avx2: ChannelWeightsRunner<Vector256<double>, double, Doubles256>.Run(wide, from, by, (double*)weights); break;
                default: ChannelWeightsRunner<Vector128<double>, double, Doubles128>.Run(wide, from, by, (double*)weights); break;
            }
        }
    }

    private static void CorrelateWeights<T>(WeightCorrelation<T> plan, in CorrelationArrays<T> arrays)
        where T : unmanaged, INumber<T>
    {
        if (plan is WeightCorrelation<float> single)
        {
            ref readonly var floats = ref Unsafe.As<CorrelationArrays<T>, CorrelationArrays<float>>(ref Unsafe.AsRef(in arrays));
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: WeightCorrelator<Vector512<float>, float, Floats512>.Run(single, floats); break;
                case Instructions.Avx2: WeightCorrelator<Vector256<float>, float, Floats256>.Run(single, floats); break;
                default: WeightCorrelator<Vector128<float>, float, Floats128>.Run(single, floats); break;
            }
        }
        else if (plan is WeightCorrelation<double> wide)
        {
            ref readonly var doubles = ref Unsafe.As<CorrelationArrays<T>, CorrelationArrays<double>>(ref Unsafe.AsRef(in arrays));
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: WeightCorrelator<Vector512<double>, double, Doubles512>.Run(wide, doubles); break;
                case Instructions.Avx2: WeightCorrelator<Vector256<double>, double, Doubles256>.Run(wide, doubles); break;
                default: WeightCorrelator<Vector128<double>, double, Doubles128>.Run(wide, doubles); break;
            }
        }
    }
}
