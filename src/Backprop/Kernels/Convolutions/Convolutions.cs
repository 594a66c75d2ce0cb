using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// The convolution of images and its two gradients, of float and double, for up to three spatial axes. All arrays are contiguous: images
/// [batch, groups · channels, depth, height, width], weights [groups · outputs, inputs, kernel].
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
    public static void Forward<T>(ConvolutionShape shape, T* x, T* weights, T* bias, T* y)
        where T : unmanaged, INumber<T>
    {
        var (tz, ty, tx) = (AxisTaps.Forward(shape, 0), AxisTaps.Forward(shape, 1), AxisTaps.Forward(shape, 2));
        if (tz.Taps.Length * ty.Taps.Length * tx.Taps.Length > 0
            && ChannelCorrelation<T>.Pays(shape.Outputs, shape.Inputs, shape.Taps, Reach.Of([tz]), Reach.Of([tx]), Lanes<T>()))
        {
            Correlate(ChannelCorrelation<T>.Forward(shape, x, weights, bias, y));
            return;
        }

        var field = new Field(tz, ty, tx, shape.Inputs, sizeof(T));
        T[]? kept = null;
        if (field.TapCount != shape.Taps)
        {
            kept = GC.AllocateUninitializedArray<T>(shape.Groups * shape.Outputs * field.Offsets.Length, pinned: true);
            Arrange(weights, First(kept), Kernel(shape, tz, ty, tx), shape.Groups * shape.Outputs * shape.Inputs, shape.Taps);
        }

        Correlate(new Correlation<T>(shape.Batch, shape.Groups, shape.Outputs, field, tz, ty, tx)
        {
            Source = x,
            Weights = kept is null ? weights : First(kept),
            Bias = bias,
            Target = y,
        });
        GC.KeepAlive(kept);
    }

    /// <summary>The gradient of x, which is also the transposed convolution of g: x = Σ g w over all positions that read x, + bias.</summary>
    /// <param name="shape">The sizes of the convolution from x to g.</param>
    /// <param name="g">The gradient of y.</param>
    /// <param name="weights">The kernels.</param>
    /// <param name="bias">One per channel of x, or null.</param>
    /// <param name="x">The result; overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InputGradient<T>(ConvolutionShape shape, T* g, T* weights, T* bias, T* x)
        where T : unmanaged, INumber<T>
    {
        var phasesZ = AxisTaps.Backward(shape, 0, out var completeZ);
        var phasesY = AxisTaps.Backward(shape, 1, out var completeY);
        var phasesX = AxisTaps.Backward(shape, 2, out var completeX);
        var complete = completeZ && completeY && completeX;
        if (phasesZ.Length * phasesY.Length * phasesX.Length > 0
            && ChannelCorrelation<T>.Pays(
                shape.Inputs, shape.Outputs, shape.Taps / (shape.Stride[0] * shape.Stride[1] * shape.Stride[2]), Reach.Of(phasesZ), Reach.Of(phasesX),
                Lanes<T>()))
        {
            Correlate(ChannelCorrelation<T>.Backward(shape, phasesZ, phasesY, phasesX, complete, g, weights, bias, x));
            return;
        }

        if (!complete)
        {
            for (var channel = 0; channel < shape.Batch * shape.Groups * shape.Inputs; channel++)
            {
                new Span<T>(x + ((nint)channel * shape.InputPlane), shape.InputPlane).Fill(
                    bias == null ? default : bias[channel % (shape.Groups * shape.Inputs)]);
            }
        }

        T[]? turned = null;
        foreach (var z in phasesZ)
        {
            foreach (var y in phasesY)
            {
                foreach (var wide in phasesX)
                {
                    var field = new Field(z, y, wide, shape.Outputs, sizeof(T));
                    var taps = field.TapCount;
                    var size = shape.Groups * shape.Inputs * field.Offsets.Length;
                    if (turned is null || turned.Length < size)
                    {
                        turned = GC.AllocateUninitializedArray<T>(size, pinned: true);
                    }

                    var kernel = Kernel(shape, z, y, wide);
                    for (var group = 0; group < shape.Groups; group++)
                    {
                        var kernels = (nint)group * shape.Outputs * shape.Inputs;
                        Turn(weights + (kernels * shape.Taps), First(turned) + (kernels * taps), kernel, shape.Outputs, shape.Inputs, shape.Taps);
                    }

                    Correlate(new Correlation<T>(shape.Batch, shape.Groups, shape.Inputs, field, z, y, wide)
                    {
                        Source = g,
                        Weights = First(turned),
                        Bias = bias,
                        Target = x,
                    });
                }
            }
        }

        GC.KeepAlive(turned);
    }

    /// <summary>The gradient of the weights.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="x">The images.</param>
    /// <param name="g">The gradient of y.</param>
    /// <param name="weights">The result.</param>
    /// <param name="accumulate">Whether the result is added to what is there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightGradient<T>(ConvolutionShape shape, T* x, T* g, T* weights, bool accumulate)
        where T : unmanaged, INumber<T>
    {
        var (tz, ty, tx) = (AxisTaps.Forward(shape, 0), AxisTaps.Forward(shape, 1), AxisTaps.Forward(shape, 2));
        var kernel = Kernel(shape, tz, ty, tx);
        var rows = shape.Groups * shape.Outputs * shape.Inputs;
        if (!accumulate)
        {
            new Span<T>(weights, rows * shape.Taps).Clear();
        }

        if (shape.Batch == 0 || rows == 0 || kernel.Length == 0)
        {
            return;
        }

        if (ChannelWeights<T>.Pays(shape, tx, Lanes<T>()))
        {
            CorrelateWeights(new ChannelWeights<T>(shape, tz, ty, tx, x, g, Lanes<T>()), weights);
            return;
        }

        var plan = new WeightCorrelation<T>(shape, tz, ty, tx, kernel.Length);
        var size = (nint)rows * kernel.Length;
        var sums = (T*)Scratch.Shared(plan.Chunks * size * sizeof(T));
        plan = new WeightCorrelation<T>(shape, tz, ty, tx, kernel.Length) { Source = x, Gradient = g, Sums = sums };
        CorrelateWeights(plan);
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

    private static T* First<T>(T[] pinned)
        where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

    private static void Correlate<T>(Correlation<T> plan)
        where T : unmanaged, INumber<T>
    {
        if (plan.Pieces == 0)
        {
            return;
        }

        if (plan is Correlation<float> single)
        {
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: Correlator<Vector512<float>, float, Floats512>.Run(single); break;
                case Instructions.Avx2: Correlator<Vector256<float>, float, Floats256>.Run(single); break;
                default: Correlator<Vector128<float>, float, Floats128>.Run(single); break;
            }
        }
        else if (plan is Correlation<double> wide)
        {
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: Correlator<Vector512<double>, double, Doubles512>.Run(wide); break;
                case Instructions.Avx2: Correlator<Vector256<double>, double, Doubles256>.Run(wide); break;
                default: Correlator<Vector128<double>, double, Doubles128>.Run(wide); break;
            }
        }
    }

    /// <summary>Elements of the processor's registers.</summary>
    private static int Lanes<T>()
        where T : unmanaged => MatrixProduct.Best switch { Instructions.Avx512 => 64, Instructions.Avx2 => 32, _ => 16 } / sizeof(T);

    private static void Correlate<T>(ChannelCorrelation<T> plan)
        where T : unmanaged, INumber<T>
    {
        if (plan.Pieces == 0)
        {
            return;
        }

        if (plan is ChannelCorrelation<float> single)
        {
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: ChannelCorrelator<Vector512<float>, float, Floats512>.Run(single); break;
                case Instructions.Avx2: ChannelCorrelator<Vector256<float>, float, Floats256>.Run(single); break;
                default: ChannelCorrelator<Vector128<float>, float, Floats128>.Run(single); break;
            }
        }
        else if (plan is ChannelCorrelation<double> wide)
        {
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: ChannelCorrelator<Vector512<double>, double, Doubles512>.Run(wide); break;
                case Instructions.Avx2: ChannelCorrelator<Vector256<double>, double, Doubles256>.Run(wide); break;
                default: ChannelCorrelator<Vector128<double>, double, Doubles128>.Run(wide); break;
            }
        }
    }

    private static void CorrelateWeights<T>(ChannelWeights<T> plan, T* weights)
        where T : unmanaged, INumber<T>
    {
        if (plan is ChannelWeights<float> single)
        {
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: ChannelWeightsRunner<Vector512<float>, float, Floats512>.Run(single, (float*)weights); break;
                case Instructions.Avx2: ChannelWeightsRunner<Vector256<float>, float, Floats256>.Run(single, (float*)weights); break;
                default: ChannelWeightsRunner<Vector128<float>, float, Floats128>.Run(single, (float*)weights); break;
            }
        }
        else if (plan is ChannelWeights<double> wide)
        {
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: ChannelWeightsRunner<Vector512<double>, double, Doubles512>.Run(wide, (double*)weights); break;
                case Instructions.Avx2: ChannelWeightsRunner<Vector256<double>, double, Doubles256>.Run(wide, (double*)weights); break;
                default: ChannelWeightsRunner<Vector128<double>, double, Doubles128>.Run(wide, (double*)weights); break;
            }
        }
    }

    private static void CorrelateWeights<T>(WeightCorrelation<T> plan)
        where T : unmanaged, INumber<T>
    {
        if (plan is WeightCorrelation<float> single)
        {
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: WeightCorrelator<Vector512<float>, float, Floats512>.Run(single); break;
                case Instructions.Avx2: WeightCorrelator<Vector256<float>, float, Floats256>.Run(single); break;
                default: WeightCorrelator<Vector128<float>, float, Floats128>.Run(single); break;
            }
        }
        else if (plan is WeightCorrelation<double> wide)
        {
            switch (MatrixProduct.Best)
            {
                case Instructions.Avx512: WeightCorrelator<Vector512<double>, double, Doubles512>.Run(wide); break;
                case Instructions.Avx2: WeightCorrelator<Vector256<double>, double, Doubles256>.Run(wide); break;
                default: WeightCorrelator<Vector128<double>, double, Doubles128>.Run(wide); break;
            }
        }
    }
}
