using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x min(max(x + 3, 0), 6)/6</summary>
    internal readonly struct HardswishRule : IUnaryRule
    {
        public static string Name => "hardswish";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => x * (N.Min(N.Max(x + 3, 0), 6) / 6);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreater(-3, x, 0, N.IfGreaterOrEqual(3, x, (x / 3) + 0.5, 1));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x · <see cref="Hardsigmoid"/>, element by element (Howard et al. 2019).</summary>
        public Tensor Hardswish() => Elementwise.Apply<HardswishRule>(this);
    }
}
