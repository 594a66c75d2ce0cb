using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ⌊x⌋, y′ = 0</summary>
    internal readonly struct FloorRule : IUnaryRule
    {
        public static string Name => "floor";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Floor(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 0;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The largest integer not above x, element by element. The gradient is 0.</summary>
        public Tensor Floor() => Elementwise.Apply<FloorRule>(this);
    }
}
