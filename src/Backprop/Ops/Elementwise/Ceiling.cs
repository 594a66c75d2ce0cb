using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ⌈x⌉, y′ = 0</summary>
    internal readonly struct CeilingRule : IUnaryRule
    {
        public static string Name => "ceiling";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => -N.Floor(-x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 0;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The smallest integer not below x, element by element. The gradient is 0.</summary>
        public Tensor Ceiling() => Elementwise.Apply<CeilingRule>(this);
    }
}
