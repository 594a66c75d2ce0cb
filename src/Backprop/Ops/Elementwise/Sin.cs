using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = sin x, y′ = cos x</summary>
    internal readonly struct SinRule : IUnaryRule
    {
        public static string Name => "sin";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Sin(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => N.Cos(x);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The sine of an angle in radians, element by element.</summary>
        public Tensor Sin() => Elementwise.Apply<SinRule>(this);
    }
}
