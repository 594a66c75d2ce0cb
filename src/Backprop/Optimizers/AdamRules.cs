using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>
/// g ← g + λp (Adam) or p ← p − lr λ p (AdamW);  m ← β₁m + (1 − β₁) g;  v ← β₂v + (1 − β₂) g²;
/// p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).
/// </summary>
internal readonly struct AdamRule : IUpdateRule
{
    private readonly double decay;
    private readonly double keepM;
    private readonly double takeM;
    private readonly double keepV;
    private readonly double takeV;
    private readonly double shrink;
    private readonly double rate;
    private readonly double epsilon;

    /// <param name="group">The settings.</param>
    /// <param name="step">t, from 1.</param>
    /// <param name="decoupled">Whether weights decay directly and not through the gradient.</param>
    public AdamRule(AdamGroup group, int step, bool decoupled)
    {
        // To climb, −g takes the place of g: m changes its sign, and so does decay within it; v doesn't see signs.
        var sign = group.Maximize ? -1 : 1;
        decay = decoupled ? 0 : sign * group.WeightDecay;
        keepM = group.Beta1;
        takeM = sign * (1 - group.Beta1);
        keepV = group.Beta2;
        takeV = 1 - group.Beta2;
        shrink = decoupled ? 1 - (group.LearningRate * group.WeightDecay) : 1;

        // √(1 − β₂ᵗ) multiplies numerator and denominator.
        var correction = Math.Sqrt(1 - Math.Pow(group.Beta2, step));
        rate = group.LearningRate * correction / (1 - Math.Pow(group.Beta1, step));
        epsilon = group.Epsilon * correction;
    }

    public static string Name => "adam";

    public static int StateCount => 2;

    public static string StateName(int index) => Names[index];

    internal static string[] Names { get; } = ["first_moment", "second_moment", "largest_second_moment"];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N> => Step(p, g, state, amsGrad: false);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Updated<N> Step<N>(N p, N g, States<N> state, bool amsGrad)
        where N : IReal<N>
    {
        // Each constant becomes a register first, apart from the arithmetic: measurably faster than converting them in between.
        N decay = this.decay, keepM = this.keepM, takeM = this.takeM, keepV = this.keepV, takeV = this.takeV;
        N shrink = this.shrink, rate = this.rate, epsilon = this.epsilon;
        g += decay * p;
        var m = Faint.ToZero((keepM * state.First) + (takeM * g));
        var v = (keepV * state.Second) + (takeV * (g * g));
        var largest = amsGrad ? N.Max(state.Third, v) : v;
        return new((shrink * p) - (rate * m / (N.Sqrt(largest) + epsilon)), m, v, largest);
    }
}

/// <summary>Adam with the largest v so far in the place of v (AMSGrad).</summary>
internal readonly struct AmsGradRule(AdamRule adam) : IUpdateRule
{
    public static string Name => "adam";

    public static int StateCount => 3;

    public static string StateName(int index) => AdamRule.Names[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N> => adam.Step(p, g, state, amsGrad: true);
}
