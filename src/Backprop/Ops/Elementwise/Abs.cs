using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = |x|, y′ = sign x</summary>
    internal readonly struct AbsRule : IUnaryRule
    {
        public static string Name => "abs";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Abs(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreater(x, 0, 1, N.IfGreater(0, x, -1, 0));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>|x|, element by element. The gradient at 0 is 0.</summary>
        public Tensor Abs() => Elementwise.Apply<AbsRule>(this);
    }
}
