using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x where x &gt; 0, slope · x elsewhere</summary>
    internal readonly struct LeakyReluRule(double slope) : IParametricUnaryRule
    {
        public string Name => "leaky_relu";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Value<N>(N x)
            where N : IReal<N> => N.IfGreater(x, 0, x, slope * x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreater(x, 0, 1, slope);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x where x &gt; 0, <paramref name="slope"/> · x elsewhere.</summary>
        /// <param name="slope">The slope below 0.</param>
        public Tensor LeakyRelu(double slope = 0.01) => Elementwise.Apply(new LeakyReluRule(slope), this);
    }
}
