using System.Numerics;
using System.Runtime.CompilerServices;
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
            Correlate<T>(channels, arrays);
            return;
        }

        if (plan.Kernel is { } kernel)
        {
            var kernels = shape.Groups * shape.Outputs * shape.Inputs;
            arrays.Weights = (T*)Scratch.Shared((nint)kernels * kernel.Length * sizeof(T));
            Arrange(weights, arrays.Weights, kernel, kernels, shape.Taps);
        }

        CheckRowMajor(x, y);
        Correlate<T>(plan.Positions!, arrays);
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
            Correlate<T>(channels, arrays);
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

        CheckRowMajor(g, x);
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

            Correlate<T>(phase, arrays);
        }
    }

    /// <summary>The gradient of the weights.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="x">The images.</param>
    /// <param name="g">The gradient of y.</param>
    /// <param name="weights">The result.</param>
    /// <param name="accumulate">Whether the result is added to what is there.</param>
    /// <param name="bias">The gradient of a bias, where the plan has it; or null.</param>
    /// <param name="accumulateBias">Whether that is added to what is there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightGradient<T>(
        ConvolutionShape shape, Images<T> x, Images<T> g, T* weights, bool accumulate, T* bias = null, bool accumulateBias = false)
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
            if (bias != null && !accumulateBias)
            {
                new Span<T>(bias, shape.Groups * shape.Outputs).Clear();
            }

            CorrelateWeights<T>(channels, new WeightArrays<T> { Source = x, Gradient = g, Target = weights, Bias = bias });
            return;
        }

        if (plans.Positions is not { } plan)
        {
            return;
        }

        var size = (nint)rows * kernel.Length;
        var sums = (T*)Scratch.Shared(plan.Chunks * size * sizeof(T));
        CorrelateWeights<T>(plan, new WeightArrays<T> { Source = x, Gradient = g, Target = sums });
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

    private static void CheckRowMajor<T>(Images<T> source, Images<T> target)
        where T : unmanaged
    {
        if (source.AreChannelsLast || target.AreChannelsLast)
        {
            throw new InvalidOperationException("A convolution by positions takes and gives images in row-major order.");
        }
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

    private static void Correlate<T>(ICorrelation plan, in CorrelationArrays<T> arrays)
        where T : unmanaged, INumber<T>
    {
        if (plan.Pieces > 0)
        {
            CorrelationTask<T> task = new(plan, arrays);
            Dispatch.Run<T, CorrelationTask<T>>(ref task);
        }
    }

    private static void CorrelateWeights<T>(object plan, in WeightArrays<T> arrays)
        where T : unmanaged, INumber<T>
    {
        WeightTask<T> task = new(plan, arrays);
        Dispatch.Run<T, WeightTask<T>>(ref task);
    }

    /// <summary>Both element types are the same, but only <see cref="Dispatch"/> knows.</summary>
    private readonly struct CorrelationTask<E>(ICorrelation plan, CorrelationArrays<E> arrays) : IRegisterTask
        where E : unmanaged
    {
        public void Run<V, T, I>()
            where V : struct
            where T : unmanaged, INumber<T>
            where I : IRegister<V, T>
        {
            var known = arrays;
            ref readonly var typed = ref Unsafe.As<CorrelationArrays<E>, CorrelationArrays<T>>(ref known);
            if (plan is ChannelCorrelation<T> channels)
            {
                ChannelCorrelator<V, T, I>.Run(channels, typed);
            }
            else
            {
                Correlator<V, T, I>.Run((Correlation<T>)plan, typed);
            }
        }
    }

    /// <inheritdoc cref="CorrelationTask{E}"/>
    private readonly struct WeightTask<E>(object plan, WeightArrays<E> arrays) : IRegisterTask
        where E : unmanaged
    {
        public void Run<V, T, I>()
            where V : struct
            where T : unmanaged, INumber<T>
            where I : IRegister<V, T>
        {
            var known = arrays;
            ref readonly var typed = ref Unsafe.As<WeightArrays<E>, WeightArrays<T>>(ref known);
            if (plan is ChannelWeights<T> channels)
            {
                ChannelWeightsRunner<V, T, I>.Run(channels, typed);
            }
            else
            {
                WeightCorrelator<V, T, I>.Run((WeightCorrelation<T>)plan, typed);
            }
        }
    }
}

/// <summary>One of the two ways to correlate.</summary>
internal interface ICorrelation
{
    /// <summary>Parts that can be computed on their own; none where there is nothing to do.</summary>
    long Pieces { get; }
}
