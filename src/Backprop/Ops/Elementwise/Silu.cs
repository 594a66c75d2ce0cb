using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x σ(x), y′ = σ(x) (1 + x (1 − σ(x)))</summary>
    internal readonly struct SiluRule : IUnaryRule
    {
        public static string Name => "silu";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => x * N.Sigmoid(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => N.Sigmoid(x) * (1 + (x * (1 - N.Sigmoid(x))));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x · sigmoid(x), element by element; also called swish (Elfwing et al. 2017).</summary>
        public Tensor Silu() => Elementwise.Apply<SiluRule>(this);
    }
}
