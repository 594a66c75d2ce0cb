using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x^(−1/2), y′ = −y³/2</summary>
    internal readonly struct ReciprocalSqrtRule : IUnaryRule
    {
        public static string Name => "reciprocal_sqrt";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => 1 / N.Sqrt(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => -0.5 * y * y * y;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>1/√x, element by element.</summary>
        public Tensor ReciprocalSqrt() => Elementwise.Apply<ReciprocalSqrtRule>(this);
    }
}
