using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = cos x, y′ = −sin x</summary>
    internal readonly struct CosRule : IUnaryRule
    {
        public static string Name => "cos";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Cos(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => -N.Sin(x);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The cosine of an angle in radians, element by element.</summary>
        public Tensor Cos() => Elementwise.Apply<CosRule>(this);
    }
}
