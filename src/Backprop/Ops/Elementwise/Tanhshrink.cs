using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x − tanh x, y′ = tanh² x</summary>
    internal readonly struct TanhshrinkRule : IUnaryRule
    {
        public static string Name => "tanhshrink";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => x - N.Tanh(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N>
        {
            var t = N.Tanh(x);
            return t * t;
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x − tanh x, element by element.</summary>
        public Tensor Tanhshrink() => Elementwise.Apply<TanhshrinkRule>(this);
    }
}
