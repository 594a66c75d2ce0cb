using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>g ← g + λp;  v ← αv + (1 − α) g²;  p ← p − lr g / (√v + ε); the variants differ in the states they use.</summary>
internal readonly struct RmsPropRule : IUpdateRule
{
    private readonly double rate;
    private readonly double sign;
    private readonly double decay;
    private readonly double keep;
    private readonly double epsilon;
    private readonly double momentum;

    /// <param name="group">The settings.</param>
    public RmsPropRule(RmsPropGroup group)
    {
        rate = group.LearningRate;
        sign = group.Maximize ? -1 : 1;
        decay = group.WeightDecay;
        keep = group.Alpha;
        epsilon = group.Epsilon;
        momentum = group.Momentum;
    }

    public static string Name => "rmsprop";

    public static int StateCount => 1;

    public static string StateName(int index) => Names[index];

    internal static string[] Names { get; } = ["second_moment", "first_moment", "momentum"];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        var (v, _, step) = Scaled(p, g, state.First, state.First, centered: false);
        return new(Move(p, step), v);
    }

    /// <summary>v, m and g / (√v + ε).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal (N Second, N First, N Step) Scaled<N>(N p, N g, N v, N m, bool centered)
        where N : IReal<N>
    {
        N sign = this.sign, decay = this.decay, keep = this.keep, take = 1 - this.keep, epsilon = this.epsilon;
        g = (sign * g) + (decay * p);
        v = Faint.ToZero((keep * v) + (take * (g * g)));
        if (centered)
        {
            m = Faint.ToZero((keep * m) + (take * g));
        }

        // Rounding may take the variance of a gradient that hardly changes below 0.
        var square = centered ? N.Max(v - (m * m), 0) : v;
        return (v, m, g / (N.Sqrt(square) + epsilon));
    }

    /// <summary>p − lr b for b ← μb + step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal (N Parameter, N Buffer) Move<N>(N p, N step, N buffer)
        where N : IReal<N>
    {
        buffer = Faint.ToZero((momentum * buffer) + step);
        return (p - (rate * buffer), buffer);
    }

    /// <summary>p − lr step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal N Move<N>(N p, N step)
        where N : IReal<N> => p - (rate * step);
}

/// <summary>RMSprop by the variance.</summary>
internal readonly struct CenteredRmsPropRule(RmsPropRule rule) : IUpdateRule
{
    public static string Name => "rmsprop";

    public static int StateCount => 2;

    public static string StateName(int index) => RmsPropRule.Names[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        var (v, m, step) = rule.Scaled(p, g, state.First, state.Second, centered: true);
        return new(rule.Move(p, step), v, m);
    }
}

/// <summary>RMSprop with momentum.</summary>
internal readonly struct MomentumRmsPropRule(RmsPropRule rule) : IUpdateRule
{
    public static string Name => "rmsprop";

    public static int StateCount => 2;

    public static string StateName(int index) => RmsPropRule.Names[2 * index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        var (v, _, step) = rule.Scaled(p, g, state.First, state.Second, centered: false);
        var (moved, buffer) = rule.Move(p, step, state.Second);
        return new(moved, v, buffer);
    }
}

/// <summary>RMSprop by the variance and with momentum.</summary>
internal readonly struct CenteredMomentumRmsPropRule(RmsPropRule rule) : IUpdateRule
{
    public static string Name => "rmsprop";

    public static int StateCount => 3;

    public static string StateName(int index) => RmsPropRule.Names[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        var (v, m, step) = rule.Scaled(p, g, state.First, state.Second, centered: true);
        var (moved, buffer) = rule.Move(p, step, state.Third);
        return new(moved, v, m, buffer);
    }
}
