using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = ln(1 + e^(β x)) / β, and x where β x exceeds the threshold</summary>
    internal readonly struct SoftplusRule(double beta, double threshold) : IParametricUnaryRule
    {
        public string Name => "softplus";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Value<N>(N x)
            where N : IReal<N> => N.IfGreater(beta * x, threshold, x, N.Log1p(N.Exp(N.Min(beta * x, threshold))) / beta);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreater(beta * x, threshold, 1, N.Sigmoid(beta * x));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>ln(1 + e^(β x)) / β, element by element: a smooth <see cref="Relu"/>.</summary>
        /// <param name="beta">The sharpness, not 0.</param>
        /// <param name="threshold">Where β x exceeds it, the result is x itself.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="beta"/> is 0 or not finite.</exception>
        public Tensor Softplus(double beta = 1, double threshold = 20) => beta != 0 && double.IsFinite(beta)
            ? Elementwise.Apply(new SoftplusRule(beta, threshold), this)
            : throw Error.Range("softplus", nameof(beta), beta, "finite and not 0");
    }
}
