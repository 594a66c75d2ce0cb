using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ln x, y′ = 1/x</summary>
    internal readonly struct LogRule : IUnaryRule
    {
        public static string Name => "log";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Log(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1 / x;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The natural logarithm, element by element; NaN below 0.</summary>
        public Tensor Log() => Elementwise.Apply<LogRule>(this);
    }
}
