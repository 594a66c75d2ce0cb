using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>g ← g + λp;  m ← β₁m + (1 − β₁) g;  u ← max(β₂u, |g| + ε);  p ← p − lr / (1 − β₁ᵗ) · m / u.</summary>
internal readonly struct AdamaxRule : IUpdateRule
{
    private readonly double rate;
    private readonly double sign;
    private readonly double decay;
    private readonly double keepM;
    private readonly double keepU;
    private readonly double epsilon;

    /// <param name="group">The settings.</param>
    /// <param name="step">t, from 1.</param>
    public AdamaxRule(AdamaxGroup group, int step)
    {
        rate = group.LearningRate / (1 - Math.Pow(group.Beta1, step));
        sign = group.Maximize ? -1 : 1;
        decay = group.WeightDecay;
        keepM = group.Beta1;
        keepU = group.Beta2;
        epsilon = group.Epsilon;
    }

    public static string Name => "adamax";

    public static int StateCount => 2;

    public static string StateName(int index) => Names[index];

    internal static string[] Names { get; } = ["first_moment", "largest"];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        N rate = this.rate, sign = this.sign, decay = this.decay, epsilon = this.epsilon;
        N keepM = this.keepM, takeM = 1 - this.keepM, keepU = this.keepU;
        g = (sign * g) + (decay * p);
        var m = Faint.ToZero((keepM * state.First) + (takeM * g));
        var u = N.Max(keepU * state.Second, N.Abs(g) + epsilon);
        return new(p - (rate * m / u), m, u);
    }
}
