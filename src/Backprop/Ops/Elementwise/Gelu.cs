using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x Φ(x), y′ = Φ(x) + x φ(x)</summary>
    internal readonly struct GeluRule : IUnaryRule
    {
        public static string Name => "gelu";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => x * N.NormalDistribution(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N>
        {
            var (distribution, density) = N.Normal(x);
            return distribution + (x * density);
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x · Φ(x) with the normal distribution function Φ, element by element (Hendrycks and Gimpel 2016).</summary>
        public Tensor Gelu() => Elementwise.Apply<GeluRule>(this);
    }
}
