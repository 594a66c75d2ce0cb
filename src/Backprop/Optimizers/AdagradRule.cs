using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>g ← g + λp;  s ← s + g²;  p ← p − lr / (1 + (t − 1) η) · g / (√s + ε).</summary>
internal readonly struct AdagradRule : IUpdateRule
{
    private readonly double rate;
    private readonly double sign;
    private readonly double decay;
    private readonly double epsilon;

    /// <param name="group">The settings.</param>
    /// <param name="step">t, from 1.</param>
    public AdagradRule(AdagradGroup group, int step)
    {
        rate = group.LearningRate / (1 + ((step - 1) * group.LearningRateDecay));
        sign = group.Maximize ? -1 : 1;
        decay = group.WeightDecay;
        epsilon = group.Epsilon;
    }

    public static string Name => "adagrad";

    public static int StateCount => 1;

    public static string StateName(int index) => Names[index];

    internal static string[] Names { get; } = ["sum_of_squares"];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        N rate = this.rate, sign = this.sign, decay = this.decay, epsilon = this.epsilon;
        g = (sign * g) + (decay * p);
        var sum = state.First + (g * g);
        return new(p - (rate * g / (N.Sqrt(sum) + epsilon)), sum);
    }
}
