using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x towards 0, y′ = 0</summary>
    internal readonly struct TruncateRule : IUnaryRule
    {
        public static string Name => "truncate";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.IfGreater(x, 0, N.Floor(x), -N.Floor(-x));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 0;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x without its fraction, element by element. The gradient is 0.</summary>
        public Tensor Truncate() => Elementwise.Apply<TruncateRule>(this);
    }
}
