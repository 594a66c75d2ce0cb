using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = max(x, y); a tie shares the gradient</summary>
    internal readonly struct MaximumRule : IBinaryRule
    {
        public static string Name => "maximum";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N> => N.Max(x, y);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeX<N>(N x, N y, N z)
            where N : IReal<N> => N.IfGreater(y, x, 0, N.IfEqual(x, y, 0.5, 1));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => N.IfGreater(x, y, 0, N.IfEqual(x, y, 0.5, 1));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The larger of two elements, broadcasting; NaN if either is NaN. A tie shares the gradient half and half.</summary>
        public Tensor Maximum(Tensor other) => Elementwise.Apply<MaximumRule>(this, other);
    }
}
