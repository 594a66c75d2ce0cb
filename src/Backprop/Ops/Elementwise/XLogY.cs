using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = x ln y, and 0 where x = 0, whatever number y is</summary>
    internal readonly struct XLogYRule : IBinaryRule
    {
        public static string Name => "xlogy";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N> => N.IfEqual(x, 0, N.IfEqual(y, y, 0, y), x * N.Log(y));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeX<N>(N x, N y, N z)
            where N : IReal<N> => N.IfEqual(x, 0, N.IfGreater(y, 0, N.Log(y), 0), N.Log(y));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => x / y;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x ln y, element by element, broadcasting; 0 where x is 0, unless y is NaN. For entropies.</summary>
        public Tensor XLogY(Tensor y) => Elementwise.Apply<XLogYRule>(this, y);
    }
}
