using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Backprop.Kernels;

/// <summary>
/// The forward and backward recursions of connectionist temporal classification, in the logarithmic domain and in double whatever the element type.
/// </summary>
/// <remarks>
/// The states of a sample with the labels l₁ … l_L are blank, l₁, blank, …, l_L, blank: 2L + 1 of them. A state is reached from itself, from the one
/// before, and past a blank from the one before that if the two labels differ.
/// </remarks>
internal static unsafe class Ctc
{
    /// <summary>losses[n] = −ln P(labels of n); +∞ where there are fewer frames than the labels need.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Losses<T>(in Problem<T> problem, T* losses)
        where T : unmanaged, INumber<T> => Run(problem with { Losses = losses });

    /// <summary>
    /// Adds −g[n] P(frame t of n is class c | labels) to the gradients [T, N, C]; nothing where there are too few frames.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddGradients<T>(in Problem<T> problem, T* g, T* gradients)
        where T : unmanaged, INumber<T> => Run(problem with { G = g, Gradients = gradients });

    /// <summary>How many frames labels need: one each, and one for a blank between equal neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long FramesNeeded(long* labels, long count)
    {
        var needed = count;
        for (long i = 1; i < count; i++)
        {
            needed += labels[i] == labels[i - 1] ? 1 : 0;
        }

        return needed;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<T>(in Problem<T> problem)
        where T : unmanaged, INumber<T>
    {
        var cells = 0.0;
        for (var n = 0; n < problem.Samples; n++)
        {
            cells += problem.InputLengths[n] * ((2.0 * problem.TargetLengths[n]) + 1);
        }

        var nanoseconds = cells * (problem.Gradients is null ? 8 : 20);
        if (Vector512.IsHardwareAccelerated)
        {
            Workers.Run(new CtcBody<Lanes512<double>, T>(problem), problem.Samples, nanoseconds);
        }
        else
        {
            Workers.Run(new CtcBody<Lanes256<double>, T>(problem), problem.Samples, nanoseconds);
        }
    }

    /// <summary>What the kernels work on. Lengths and labels are checked.</summary>
    internal readonly struct Problem<T>
        where T : unmanaged
    {
        /// <summary>[frames, samples, classes].</summary>
        public T* LogProbabilities { get; init; }

        public int Samples { get; init; }

        public int Classes { get; init; }

        /// <summary>The labels of all samples.</summary>
        public long* Labels { get; init; }

        /// <summary>Where a sample's labels begin, [samples].</summary>
        public long* Starts { get; init; }

        public long* InputLengths { get; init; }

        public long* TargetLengths { get; init; }

        public int Blank { get; init; }

        /// <summary>[samples]; null where gradients are wanted.</summary>
        public T* Losses { get; init; }

        public T* G { get; init; }

        /// <summary>[frames, samples, classes]; null where losses are wanted.</summary>
        public T* Gradients { get; init; }
    }
}
