using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>g ← g + λp;  v ← ρv + (1 − ρ) g²;  Δ = √(u + ε) / √(v + ε) · g;  u ← ρu + (1 − ρ) Δ²;  p ← p − lr Δ.</summary>
internal readonly struct AdadeltaRule : IUpdateRule
{
    private readonly double rate;
    private readonly double sign;
    private readonly double decay;
    private readonly double keep;
    private readonly double epsilon;

    /// <param name="group">The settings.</param>
    public AdadeltaRule(AdadeltaGroup group)
    {
        rate = group.LearningRate;
        sign = group.Maximize ? -1 : 1;
        decay = group.WeightDecay;
        keep = group.Rho;
        epsilon = group.Epsilon;
    }

    public static string Name => "adadelta";

    public static int StateCount => 2;

    public static string StateName(int index) => Names[index];

    internal static string[] Names { get; } = ["mean_square_gradient", "mean_square_step"];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        N rate = this.rate, sign = this.sign, decay = this.decay, epsilon = this.epsilon;
        N keep = this.keep, take = 1 - this.keep;
        g = (sign * g) + (decay * p);
        var v = Faint.ToZero((keep * state.First) + (take * (g * g)));
        var step = N.Sqrt((state.Second + epsilon) / (v + epsilon)) * g;
        return new(p - (rate * step), v, Faint.ToZero((keep * state.Second) + (take * (step * step))));
    }
}
