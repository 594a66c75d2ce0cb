using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>p ← p − lr (g + λp), that is keep · p − rate · g.</summary>
internal readonly struct SgdRule : IUpdateRule
{
    private readonly double keep;
    private readonly double rate;

    /// <param name="group">The settings.</param>
    public SgdRule(SgdGroup group)
    {
        keep = 1 - (group.LearningRate * group.WeightDecay);
        rate = group.Maximize ? -group.LearningRate : group.LearningRate;
    }

    public static string Name => "sgd";

    public static int StateCount => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N> => new((keep * p) - (rate * g));
}

/// <summary>g ← g + λp;  v ← keep · v + take · g;  p ← p − lr (direct · g + through · v).</summary>
internal readonly struct MomentumRule : IUpdateRule
{
    public const string Momentum = "momentum";

    private readonly double rate;
    private readonly double decay;
    private readonly double sign;
    private readonly double keep;
    private readonly double take;
    private readonly double direct;
    private readonly double through;

    /// <param name="group">The settings.</param>
    /// <param name="first">Whether v begins: as the gradient itself, not damped.</param>
    public MomentumRule(SgdGroup group, bool first)
    {
        rate = group.LearningRate;
        decay = group.WeightDecay;
        sign = group.Maximize ? -1 : 1;
        keep = first ? 0 : group.Momentum;
        take = first ? 1 : 1 - group.Dampening;
        direct = group.Nesterov ? 1 : 0;
        through = group.Nesterov ? group.Momentum : 1;
    }

    public static string Name => "sgd";

    public static int StateCount => 1;

    public static string StateName(int index) => Momentum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        N rate = this.rate, decay = this.decay, sign = this.sign, keep = this.keep, take = this.take, direct = this.direct, through = this.through;
        g = (sign * g) + (decay * p);
        var v = Faint.ToZero((keep * state.First) + (take * g));
        return new(p - (rate * ((direct * g) + (through * v))), v);
    }
}
