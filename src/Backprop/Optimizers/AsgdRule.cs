using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>g ← g + λp;  p ← (1 − Λη) p − ηg;  a ← (1 − μ) a + μp.</summary>
internal readonly struct AsgdRule : IUpdateRule
{
    private readonly double sign;
    private readonly double decay;
    private readonly double keep;
    private readonly double rate;
    private readonly double mix;

    /// <param name="group">The settings.</param>
    /// <param name="step">t, from 1.</param>
    public AsgdRule(AsgdGroup group, int step)
    {
        sign = group.Maximize ? -1 : 1;
        decay = group.WeightDecay;
        rate = group.LearningRate / Math.Pow(1 + (group.Lambda * group.LearningRate * (step - 1)), group.Power);
        keep = 1 - (group.Lambda * rate);
        mix = 1 / Math.Max(1, step - 1 - group.Start);
    }

    public static string Name => "asgd";

    public static int StateCount => 1;

    public static string StateName(int index) => Names[index];

    internal static string[] Names { get; } = ["average"];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        N sign = this.sign, decay = this.decay, keep = this.keep, rate = this.rate;
        N mix = this.mix, rest = 1 - this.mix;
        g = (sign * g) + (decay * p);
        p = (keep * p) - (rate * g);
        return new(p, (rest * state.First) + (mix * p));
    }
}
