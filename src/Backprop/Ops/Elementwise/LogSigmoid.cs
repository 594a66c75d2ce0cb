using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ln σ(x), y′ = σ(−x)</summary>
    internal readonly struct LogSigmoidRule : IUnaryRule
    {
        public static string Name => "log_sigmoid";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Min(x, 0) - N.Log1p(N.Exp(-N.Abs(x)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => N.Sigmoid(-x);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>ln(1/(1 + e⁻ˣ)), element by element, without overflow.</summary>
        public Tensor LogSigmoid() => Elementwise.Apply<LogSigmoidRule>(this);
    }
}
