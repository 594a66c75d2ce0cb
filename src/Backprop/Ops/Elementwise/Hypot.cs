using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = √(x² + y²)</summary>
    internal readonly struct HypotRule : IBinaryRule
    {
        public static string Name => "hypot";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N>
        {
            // Scaled by the larger, so that squares neither overflow nor vanish.
            var (a, b) = (N.Abs(x), N.Abs(y));
            var large = N.Max(a, b);
            var ratio = N.Min(a, b) / large;
            var z = large * N.Sqrt(1 + (ratio * ratio));
            return N.IfEqual(large, 0, 0, N.IfEqual(large, double.PositiveInfinity, large, z));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeX<N>(N x, N y, N z)
            where N : IReal<N> => N.IfEqual(z, 0, 0, x / N.IfEqual(z, 0, 1, z));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => N.IfEqual(z, 0, 0, y / N.IfEqual(z, 0, 1, z));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>√(x² + y²) without overflow, element by element, broadcasting.</summary>
        /// <remarks>The gradient at the origin is 0, and so are its derivatives: no ε is needed.</remarks>
        public Tensor Hypot(Tensor other) => Elementwise.Apply<HypotRule>(this, other);
    }
}
