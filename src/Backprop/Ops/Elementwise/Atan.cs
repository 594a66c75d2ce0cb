using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = arctan x, y′ = 1/(1 + x²)</summary>
    internal readonly struct AtanRule : IUnaryRule
    {
        public static string Name => "atan";

        /// <remarks>
        /// Reduced to |r| ≤ 0.66 by arctan x = π/2 − arctan 1/x and = π/4 + arctan (x − 1)/(x + 1), then a rational approximation
        /// (Cephes, Moshier 1984). The errors of π/2 and π/4 are added back.
        /// </remarks>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N>
        {
            const double Large = 2.414213562373095;
            var a = N.Abs(x);
            var r = N.IfGreater(a, Large, -1 / a, N.IfGreater(a, 0.66, (a - 1) / (a + 1), a));
            var start = N.IfGreater(a, Large, 1.5707963267948966, N.IfGreater(a, 0.66, 0.7853981633974483, 0));
            var rest = N.IfGreater(a, Large, 6.123233995736766e-17, N.IfGreater(a, 0.66, 3.061616997868383e-17, 0));
            var z = r * r;
            var p = (((((((-0.8750608600031904 * z) - 16.157537187333652) * z) - 75.00855792314705) * z) - 122.88666844901361) * z) - 64.85021904942025;
            var q = ((((((((z + 24.858464901423062) * z) + 165.02700983169885) * z) + 432.88106049129027) * z) + 485.3903996359137) * z) + 194.5506571482614;
            var y = start + (r + ((r * z * p / q) + rest));
            return N.IfGreater(0, x, -y, y);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1 / (1 + (x * x));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The angle from −π/2 to π/2 with this tangent, element by element.</summary>
        public Tensor Atan() => Elementwise.Apply<AtanRule>(this);
    }
}
