using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = 1/x, y′ = −y²</summary>
    internal readonly struct ReciprocalRule : IUnaryRule
    {
        public static string Name => "reciprocal";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => 1 / x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => -(y * y);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>1/x, element by element.</summary>
        public Tensor Reciprocal() => Elementwise.Apply<ReciprocalRule>(this);
    }
}
