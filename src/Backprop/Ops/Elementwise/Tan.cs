using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = tan x, y′ = 1 + y²</summary>
    internal readonly struct TanRule : IUnaryRule
    {
        public static string Name => "tan";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Sin(x) / N.Cos(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1 + (y * y);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The tangent of angles in radians, element by element.</summary>
        public Tensor Tan() => Elementwise.Apply<TanRule>(this);
    }
}
