using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = √x, y′ = 1/(2y)</summary>
    internal readonly struct SqrtRule : IUnaryRule
    {
        public static string Name => "sqrt";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Sqrt(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 0.5 / y;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>√x, element by element. The gradient at 0 is infinite.</summary>
        public Tensor Sqrt() => Elementwise.Apply<SqrtRule>(this);
    }
}
