using Backprop.Optimizers;

namespace Backprop.Tests.Optimizers;

/// <summary>An optimizer as a user would write it: m ← μ m + (1 − μ) g;  p ← p − lr · sign(m).</summary>
internal readonly struct SignRule(double rate, double momentum) : IUpdateRule
{
    public static string Name => "sign";

    public static int StateCount => 1;

    public static string StateName(int index) => "momentum";

    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        var m = momentum * state.First + (1 - momentum) * g;
        return new(p - N.IfGreater(m, 0, rate, N.IfGreater(0, m, -rate, 0)), m);
    }
}

internal sealed class SignSgd(IEnumerable<Tensor> parameters, double learningRate, double momentum = 0.9)
    : RuleOptimizer<SignRule>(parameters, learningRate)
{
    protected override SignRule Rule(ParameterGroup group, int step) => new(group.LearningRate, momentum);
}

/// <summary>Three states, each of which enters the step; so that all of the kernel is used.</summary>
internal readonly struct ThreeStateRule(double rate) : IUpdateRule
{
    public static string Name => "three";

    public static int StateCount => 3;

    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        var (a, b, c) = (state.First + g, 0.5 * state.Second + (g * g), N.Max(state.Third, N.Abs(g)));
        return new(p - (rate * (a / (1 + N.Sqrt(b)) + c)), a, b, c);
    }
}
