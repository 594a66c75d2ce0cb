using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = min(max(x + 3, 0), 6)/6</summary>
    internal readonly struct HardsigmoidRule : IUnaryRule
    {
        public static string Name => "hardsigmoid";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Min(N.Max(x + 3, 0), 6) / 6;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreater(x, -3, N.IfGreater(3, x, 1.0 / 6, 0), 0);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>min(max(x + 3, 0), 6)/6, element by element: a <see cref="Sigmoid"/> of straight lines. The gradient at ±3 is 0.</summary>
        public Tensor Hardsigmoid() => Elementwise.Apply<HardsigmoidRule>(this);
    }
}
