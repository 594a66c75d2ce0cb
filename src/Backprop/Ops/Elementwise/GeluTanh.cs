using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x/2 (1 + tanh u), u = √(2/π) (x + 0.044715 x³)</summary>
    internal readonly struct GeluTanhRule : IUnaryRule
    {
        public static string Name => "gelu_tanh";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => 0.5 * x * (1 + N.Tanh(0.7978845608028654 * (x + (0.044715 * x * x * x))));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => (0.5 * (1 + N.Tanh(0.7978845608028654 * (x + (0.044715 * x * x * x)))))
            + (0.5 * x * (1 - (N.Tanh(0.7978845608028654 * (x + (0.044715 * x * x * x))) * N.Tanh(0.7978845608028654 * (x + (0.044715 * x * x * x)))))
                * 0.7978845608028654 * (1 + (0.134145 * x * x)));
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
