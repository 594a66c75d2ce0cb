using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = arcsin x, y′ = 1/√(1 − x²)</summary>
    internal readonly struct AsinRule : IUnaryRule
    {
        public static string Name => "asin";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => AtanRule.Value(x / N.Sqrt((1 - x) * (1 + x)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1 / N.Sqrt((1 - x) * (1 + x));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The angle from −π/2 to π/2 with this sine, element by element; NaN outside [−1, 1].</summary>
        public Tensor Asin() => Elementwise.Apply<AsinRule>(this);
    }
}
