using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = λ x where x &gt; 0, λ α (eˣ − 1) elsewhere</summary>
    internal readonly struct SeluRule : IUnaryRule
    {
        public static string Name => "selu";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.IfGreater(x, 0, 1.0507009873554805 * x, 1.7580993408473766 * N.Expm1(N.Min(x, 0)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreaterOrEqual(0, x, 1.7580993408473766 * N.Exp(N.Min(x, 0)), 1.0507009873554805);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The scaled <see cref="Elu"/> whose constants keep activations at mean 0 and variance 1 (Klambauer et al. 2017).</summary>
        public Tensor Selu() => Elementwise.Apply<SeluRule>(this);
    }
}
