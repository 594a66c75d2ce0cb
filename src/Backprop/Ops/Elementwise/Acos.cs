using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = arccos x = 2 arctan √((1 − x)/(1 + x)), y′ = −1/√(1 − x²)</summary>
    internal readonly struct AcosRule : IUnaryRule
    {
        public static string Name => "acos";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => 2 * AtanRule.Value(N.Sqrt((1 - x) / (1 + x)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => -1 / N.Sqrt((1 - x) * (1 + x));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The angle from 0 to π with this cosine, element by element; NaN outside [−1, 1].</summary>
        public Tensor Acos() => Elementwise.Apply<AcosRule>(this);
    }
}
