using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// y = x/2 (1 + tanh u), u = √(2/π) (x + 0.044715 x³). As x σ(2u), which keeps its digits where it is small; beyond ±25 the slope is constant, but
    /// x³ would overflow in it.
    /// </summary>
    internal readonly struct GeluTanhRule : IUnaryRule
    {
        private const double Far = 25;

        public static string Name => "gelu_tanh";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => x * Gate(x, x * x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N>
        {
            var near = N.IfGreater(x, Far, Far, N.IfGreater(-Far, x, -Far, x));
            var square = near * near;
            var gate = Gate(near, square);
            return gate + (near * gate * (1 - gate) * (1.5957691216057308 + (0.21406444881780073 * square)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static N Gate<N>(N x, N square)
            where N : IReal<N> => N.Sigmoid(x * (1.5957691216057308 + (0.07135481627260025 * square)));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The tanh approximation of <see cref="Gelu"/>: x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))).</summary>
        public Tensor GeluTanh() => Elementwise.Apply<GeluTanhRule>(this);
    }
}
