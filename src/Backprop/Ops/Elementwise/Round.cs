using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = nearest integer, y′ = 0</summary>
    internal readonly struct RoundRule : IUnaryRule
    {
        public static string Name => "round";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Round(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 0;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The nearest integer, halves to even, element by element. The gradient is 0.</summary>
        public Tensor Round() => Elementwise.Apply<RoundRule>(this);
    }
}
