using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>
/// g ← g + λp;  m ← β₁m + (1 − β₁) g;  v ← β₂v + (1 − β₂) g²;  p ← p − rate · m, divided by √v + ε once ρ is above 5.
/// </summary>
internal readonly struct RAdamRule : IUpdateRule
{
    private readonly double sign;
    private readonly double decay;
    private readonly double keepM;
    private readonly double keepV;
    private readonly double rate;
    private readonly double epsilon;
    private readonly double isScaled;

    /// <param name="group">The settings.</param>
    /// <param name="step">t, from 1.</param>
    public RAdamRule(RAdamGroup group, int step)
    {
        sign = group.Maximize ? -1 : 1;
        decay = group.WeightDecay;
        keepM = group.Beta1;
        keepV = group.Beta2;
        epsilon = group.Epsilon;
        rate = group.LearningRate / (1 - Math.Pow(group.Beta1, step));
        var power = Math.Pow(group.Beta2, step);
        var limit = (2 / (1 - group.Beta2)) - 1;
        var length = limit - (2 * step * power / (1 - power));
        if (length > 5)
        {
            isScaled = 1;
            rate *= Math.Sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length) * (1 - power));
        }
    }

    public static string Name => "radam";

    public static int StateCount => 2;

    public static string StateName(int index) => Names[index];

    internal static string[] Names { get; } = ["first_moment", "second_moment"];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        N sign = this.sign, decay = this.decay, keepM = this.keepM, takeM = 1 - this.keepM;
        N keepV = this.keepV, takeV = 1 - this.keepV, rate = this.rate, epsilon = this.epsilon;
        g = (sign * g) + (decay * p);
        var m = Faint.ToZero((keepM * state.First) + (takeM * g));
        var v = (keepV * state.Second) + (takeV * (g * g));
        return new(p - (rate * m / N.IfGreater(isScaled, 0, N.Sqrt(v) + epsilon, 1)), m, v);
    }
}
