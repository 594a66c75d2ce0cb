using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x where x &gt; 0, α (eˣ − 1) elsewhere</summary>
    internal readonly struct EluRule(double alpha) : IParametricUnaryRule
    {
        public string Name => "elu";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Value<N>(N x)
            where N : IReal<N> => N.IfGreater(x, 0, x, alpha * N.Expm1(N.Min(x, 0)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreaterOrEqual(0, x, alpha * N.Exp(N.Min(x, 0)), 1);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x where x &gt; 0, α (eˣ − 1) elsewhere (Clevert et al. 2015).</summary>
        /// <param name="alpha">The limit at −∞, with its sign changed.</param>
        public Tensor Elu(double alpha = 1) => Elementwise.Apply(new EluRule(alpha), this);
    }
}
