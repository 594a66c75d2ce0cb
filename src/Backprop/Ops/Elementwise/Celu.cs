using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x where x &gt; 0, α (e^(x/α) − 1) elsewhere</summary>
    internal readonly struct CeluRule(double alpha) : IParametricUnaryRule
    {
        public string Name => "celu";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Value<N>(N x)
            where N : IReal<N> => N.IfGreater(x, 0, x, alpha * N.Expm1(N.Min(x, 0) / alpha));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreaterOrEqual(0, x, N.Exp(N.Min(x, 0) / alpha), 1);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x where x &gt; 0, α (e^(x/α) − 1) elsewhere: an <see cref="Elu"/> whose slope is continuous for every α (Barron 2017).</summary>
        /// <param name="alpha">The limit at −∞, with its sign changed; positive.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="alpha"/> is not positive and finite.</exception>
        public Tensor Celu(double alpha = 1) => alpha > 0 && double.IsFinite(alpha)
            ? Elementwise.Apply(new CeluRule(alpha), this)
            : throw Error.Range("celu", nameof(alpha), alpha, "positive and finite");
    }
}
