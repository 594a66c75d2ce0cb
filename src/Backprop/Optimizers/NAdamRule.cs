using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>
/// g ← g + λp;  m ← β₁m + (1 − β₁) g;  v ← β₂v + (1 − β₂) g²;  p ← p − (direct · g + through · m) / (√(v / (1 − β₂ᵗ)) + ε).
/// </summary>
internal readonly struct NAdamRule : IUpdateRule
{
    private readonly double sign;
    private readonly double decay;
    private readonly double keepM;
    private readonly double keepV;
    private readonly double direct;
    private readonly double through;
    private readonly double correction;
    private readonly double epsilon;

    /// <param name="group">The settings.</param>
    /// <param name="step">t, from 1.</param>
    /// <param name="product">μ(1) · … · μ(t).</param>
    public NAdamRule(NAdamGroup group, int step, double product)
    {
        sign = group.Maximize ? -1 : 1;
        decay = group.WeightDecay;
        keepM = group.Beta1;
        keepV = group.Beta2;
        var (now, next) = (group.MomentumAt(step), group.MomentumAt(step + 1.0));
        direct = group.LearningRate * (1 - now) / (1 - product);
        through = group.LearningRate * next / (1 - (product * now * next));
        correction = 1 / (1 - Math.Pow(group.Beta2, step));
        epsilon = group.Epsilon;
    }

    public static string Name => "nadam";

    public static int StateCount => 2;

    public static string StateName(int index) => Names[index];

    internal static string[] Names { get; } = ["first_moment", "second_moment"];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        N sign = this.sign, decay = this.decay, keepM = this.keepM, takeM = 1 - this.keepM, keepV = this.keepV, takeV = 1 - this.keepV;
        N direct = this.direct, through = this.through, correction = this.correction, epsilon = this.epsilon;
        g = (sign * g) + (decay * p);
        var m = Faint.ToZero((keepM * state.First) + (takeM * g));
        var v = (keepV * state.Second) + (takeV * (g * g));
        return new(p - (((direct * g) + (through * m)) / (N.Sqrt(correction * v) + epsilon)), m, v);
    }
}
