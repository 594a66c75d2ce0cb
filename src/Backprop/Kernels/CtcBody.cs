using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Backprop.Kernels;

/// <summary>One sample of <see cref="Ctc"/>. The states of a frame depend on those of the frame before only, so they are computed in registers.</summary>
internal readonly unsafe struct CtcBody<N, T>(Ctc.Problem<T> problem) : IBlockBody
    where N : struct, ILanes<N, double>, IReal<N>
    where T : unmanaged, INumber<T>
{
    /// <summary>Room on either side of a row of states: registers are read two states early or late, and beyond the end.</summary>
    private const int Margin = 16;

    /// <summary>What stands for ln 0: far below the logarithm of anything possible, and unlike −∞ safe to subtract and fast in exponentials.</summary>
    private const double Never = -1e300;

    /// <summary>The least exponent worth looking at: e^−700 times anything is lost in rounding.</summary>
    private const double Least = -700;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int block)
    {
        var labels = problem.Labels + problem.Starts[block];
        var (count, frames) = (problem.TargetLengths[block], problem.InputLengths[block]);
        var gradient = problem.Gradients is null ? T.Zero : problem.G[block];
        if (problem.Gradients is not null && T.IsZero(gradient))
        {
            return;
        }

        if (frames == 0 || Ctc.FramesNeeded(labels, count) > frames)
        {
            if (problem.Gradients is null)
            {
                problem.Losses[block] = T.CreateTruncating(count == 0 ? 0 : double.PositiveInfinity);
            }

            return;
        }

        var states = (nint)((2 * count) + 1);
        var width = states + (2 * Margin);

        // Rows: skips, emissions, two of the backward recursion, and the forward recursion's: all of them for gradients, else two.
        var rows = 4 + (problem.Gradients is null ? 2 : (nint)frames);
        var memory = (double*)NativeMemory.Alloc(checked((nuint)(rows * width)), sizeof(double));
        try
        {
            new Span<double>(memory, checked((int)(4 * width))).Fill(Never);
            var skips = memory + Margin;
            var emissions = skips + width;
            var forward = memory + (4 * width) + Margin;
            for (nint s = 3; s < states; s += 2)
            {
                skips[s] = labels[s / 2] != labels[(s / 2) - 1] ? 0 : Never;
            }

            var likelihood = Forward(block, labels, states, width, (nint)frames, skips, emissions, forward);
            if (problem.Gradients is null)
            {
                problem.Losses[block] = T.CreateTruncating(likelihood <= Never / 2 ? double.PositiveInfinity : -likelihood);
            }
            else if (!(likelihood <= Never / 2))
            {
                Backward(block, labels, states, width, (nint)frames, skips, emissions, forward, likelihood, double.CreateTruncating(gradient));
            }
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    /// <summary>Fills the rows of α, the log-probability of all ways to be in a state after a frame, and returns ln P(labels).</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private double Forward(int block, long* labels, nint states, nint width, nint frames, double* skips, double* emissions, double* forward)
    {
        var all = problem.Gradients is not null;
        var now = forward;
        for (nint t = 0; t < frames; t++)
        {
            Emit(block, t, labels, states, emissions);
            var before = now;
            now = forward + ((all ? t : t & 1) * width);
            if (t <= 1 || all)
            {
                new Span<double>(now - Margin, checked((int)width)).Fill(Never);
            }

            if (t == 0)
            {
                now[0] = emissions[0];
                now[1] = emissions[1];
                continue;
            }

            for (nint s = 0; s < states; s += N.Count)
            {
                var sum = LogSum(N.Load(ref before[s]), N.Load(ref before[s - 1]), N.Load(ref before[s - 2]) + N.Load(ref skips[s]));
                N.Store(N.Max(sum + N.Load(ref emissions[s]), Never), ref now[s]);
            }
        }

        return LogSum(now[states - 1], now[states - 2]);
    }

    /// <summary>
    /// Runs β, the log-probability of all ways from a state after a frame to the end, and adds −g e^(α + β − ln P) to the gradients.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Backward(
        int block,
        long* labels,
        nint states,
        nint width,
        nint frames,
        double* skips,
        double* emissions,
        double* forward,
        double likelihood,
        double gradient)
    {
        var backward = emissions + width;
        var next = backward + width;     // β of the frame after with its emission
        N shift = likelihood;
        for (var t = frames - 1; t >= 0; t--)
        {
            if (t == frames - 1)
            {
                backward[states - 1] = 0;
                if (states > 1)
                {
                    backward[states - 2] = 0;
                }
            }
            else
            {
                Emit(block, t + 1, labels, states, emissions);
                for (nint s = 0; s < states; s += N.Count)
                {
                    N.Store(N.Max(N.Load(ref backward[s]) + N.Load(ref emissions[s]), Never), ref next[s]);
                }

                for (nint s = 0; s < states; s += N.Count)
                {
                    var sum = LogSum(N.Load(ref next[s]), N.Load(ref next[s + 1]), N.Load(ref next[s + 2]) + N.Load(ref skips[s + 2]));
                    N.Store(sum, ref backward[s]);
                }
            }

            // The row of α is not used again: it takes the probabilities of the states.
            var row = forward + (t * width);
            for (nint s = 0; s < states; s += N.Count)
            {
                var power = N.Load(ref row[s]) + (N.Load(ref backward[s]) - shift);
                N.Store(N.IfGreater(Least, power, 0, N.Exp(N.Max(power, Least))), ref row[s]);
            }

            var target = problem.Gradients + ((((nint)t * problem.Samples) + block) * problem.Classes);
            var blanks = row[0];
            for (nint s = 1; s < states; s += 2)
            {
                target[labels[s / 2]] -= T.CreateTruncating(gradient * row[s]);
                blanks += row[s + 1];
            }

            target[problem.Blank] -= T.CreateTruncating(gradient * blanks);
        }
    }

    /// <summary>The log-probabilities of the states' classes in a frame. Beyond the last state they are <see cref="Never"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private void Emit(int block, nint t, long* labels, nint states, double* emissions)
    {
        var source = problem.LogProbabilities + (((t * problem.Samples) + block) * problem.Classes);
        var blank = Math.Max(double.CreateTruncating(source[problem.Blank]), Never);
        emissions[0] = blank;
        for (nint s = 1; s < states; s += 2)
        {
            emissions[s] = Math.Max(double.CreateTruncating(source[labels[s / 2]]), Never);
            emissions[s + 1] = blank;
        }
    }

    /// <summary>ln(eᵃ + eᵇ + eᶜ): the largest of them is taken out, which leaves two exponentials.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static N LogSum(N a, N b, N c)
    {
        var (high, low) = (N.Max(a, b), N.Min(a, b));
        var most = N.Max(high, c);
        var middle = N.Max(low, N.Min(high, c));
        var least = N.Min(low, c);
        return most + N.Log(1 + N.Exp(N.Max(middle - most, Least)) + N.Exp(N.Max(least - most, Least)));
    }

    private static double LogSum(double a, double b)
    {
        var large = Math.Max(a, b);
        return large + Math.Log(Math.Exp(a - large) + Math.Exp(b - large));
    }
}
