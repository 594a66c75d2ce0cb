using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>
/// g ← g + λp (Adam) or p ← p − lr λ p (AdamW);  m ← β₁m + (1 − β₁) g;  v ← β₂v + (1 − β₂) g²;
/// p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).
/// </summary>
internal readonly struct AdamRule : IUpdateRule
{
    private readonly double beta1;
    private readonly double beta2;
    private readonly double rate;
    private readonly double rootScale;
    private readonly double epsilon;
    private readonly double decay;
    private readonly double shrink;
    private readonly double sign;

    /// <param name="group">The settings.</param>
    /// <param name="step">t, from 1.</param>
    /// <param name="decoupled">Whether weights decay directly and not through the gradient.</param>
    public AdamRule(AdamGroup group, int step, bool decoupled)
    {
        beta1 = group.Beta1;
        beta2 = group.Beta2;
        rate = group.LearningRate / (1 - Math.Pow(beta1, step));
        rootScale = 1 / Math.Sqrt(1 - Math.Pow(beta2, step));
        epsilon = group.Epsilon;
        decay = decoupled ? 0 : group.WeightDecay;
        shrink = decoupled ? 1 - (group.LearningRate * group.WeightDecay) : 1;
        sign = group.Maximize ? -1 : 1;
    }

    public static string Name => "adam";

    public static int StateCount => 2;

    public static string StateName(int index) => Names[index];

    internal static string[] Names { get; } = ["first_moment", "second_moment", "largest_second_moment"];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : struct, IReal<N>
    {
        var (m, v) = Moments(p, g, state);
        return new(Move(p, m, v), m, v);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (N M, N V) Moments<N>(N p, N g, States<N> state)
        where N : struct, IReal<N>
    {
        g = (sign * g) + (decay * p);
        return ((beta1 * state.First) + ((1 - beta1) * g), (beta2 * state.Second) + ((1 - beta2) * (g * g)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public N Move<N>(N p, N m, N v)
        where N : struct, IReal<N> => (shrink * p) - (rate * m / ((rootScale * N.Sqrt(v)) + epsilon));
}

/// <summary>Adam with the largest v so far in the place of v (AMSGrad).</summary>
internal readonly struct AmsGradRule(AdamRule adam) : IUpdateRule
{
    public static string Name => "adam";

    public static int StateCount => 3;

    public static string StateName(int index) => AdamRule.Names[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : struct, IReal<N>
    {
        var (m, v) = adam.Moments(p, g, state);
        var largest = N.Max(state.Third, v);
        return new(adam.Move(p, m, largest), m, v, largest);
    }
}
