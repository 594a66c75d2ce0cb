using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x/(1 + |x|), y′ = 1/(1 + |x|)²</summary>
    internal readonly struct SoftsignRule : IUnaryRule
    {
        public static string Name => "softsign";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => x / (1 + N.Abs(x));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1 / ((1 + N.Abs(x)) * (1 + N.Abs(x)));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x/(1 + |x|), element by element.</summary>
        public Tensor Softsign() => Elementwise.Apply<SoftsignRule>(this);
    }
}
