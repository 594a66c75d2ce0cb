using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = eˣ − 1, y′ = y + 1</summary>
    internal readonly struct Expm1Rule : IUnaryRule
    {
        public static string Name => "expm1";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Expm1(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => y + 1;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>eˣ − 1, accurate near 0, element by element.</summary>
        public Tensor Expm1() => Elementwise.Apply<Expm1Rule>(this);
    }
}
