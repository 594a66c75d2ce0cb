using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>Step sizes grow where gradients keep their sign and shrink where they change it; p ← p − s · sign(g).</summary>
internal readonly struct RpropRule : IUpdateRule
{
    public const string StepSize = "step_size";

    private readonly double sign;
    private readonly double decay;
    private readonly double shrink;
    private readonly double grow;
    private readonly double smallest;
    private readonly double largest;

    /// <param name="group">The settings.</param>
    public RpropRule(RpropGroup group)
    {
        sign = group.Maximize ? -1 : 1;
        decay = group.WeightDecay;
        shrink = group.Shrink;
        grow = group.Grow;
        smallest = group.SmallestStep;
        largest = group.LargestStep;
    }

    public static string Name => "rprop";

    public static int StateCount => 2;

    public static string StateName(int index) => Names[index];

    internal static string[] Names { get; } = ["previous_gradient", StepSize];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Updated<N> Update<N>(N p, N g, States<N> state)
        where N : IReal<N>
    {
        N sign = this.sign, decay = this.decay, shrink = this.shrink, grow = this.grow, smallest = this.smallest, largest = this.largest;
        g = (sign * g) + (decay * p);

        // A product of signs, because one of small gradients would vanish.
        var agreement = Sign(g) * Sign(state.First);
        var size = state.Second * N.IfGreater(agreement, 0, grow, N.IfGreater(0, agreement, shrink, 1));
        size = N.Min(N.Max(size, smallest), largest);
        g = N.IfGreater(0, agreement, 0, g);
        return new(p - (size * Sign(g)), g, size);
    }

    /// <summary>−1, 0 or 1; NaN stays, so that it shows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static N Sign<N>(N x)
        where N : IReal<N> => N.IfGreater(x, 0, 1, N.IfGreater(0, x, -1, N.IfEqual(x, 0, 0, x)));
}
