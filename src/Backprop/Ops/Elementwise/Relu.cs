using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = max(x, 0), y′ = 1 where y &gt; 0</summary>
    internal readonly struct ReluRule : IUnaryRule
    {
        public static string Name => "relu";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Max(x, 0);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreaterOrEqual(0, y, 0, 1);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>max(x, 0), element by element. The gradient at 0 is 0, at NaN 1.</summary>
        public Tensor Relu() => Elementwise.Apply<ReluRule>(this);
    }
}
