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
        /// <summary>The natural logarithm, element by element; −∞ at 0, NaN below.</summary>
        /// <remarks>
        /// The gradient at 0 is infinite, and 0 · ∞ is NaN: p * p.Log() at 0 for one. Use <see cref="XLogY"/> there, <see cref="LogSoftmax"/>,
        /// <see cref="LogSigmoid"/> and <see cref="LogSumExp()"/> for logarithms of exponentials, or x.Clamp(1e-12).Log(), whose gradient is 0 below the bound.
        /// </remarks>
        public Tensor Log() => Elementwise.Apply<LogRule>(this);
    }
}
