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
            where N : IReal<N> => N.Log(Safe(x, y));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => x / Safe(x, y);

        /// <summary>y, but 1 where y is not positive and doesn't matter because x is 0.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static N Safe<N>(N x, N y)
            where N : IReal<N> => N.IfEqual(x, 0, N.IfGreater(y, 0, y, 1), y);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x ln y, element by element, broadcasting; 0 where x is 0, unless y is NaN. For entropies.</summary>
        /// <remarks>
        /// Where x is 0 and y is not above 0, both gradients are 0, so that p.XLogY(p) is differentiable at p = 0; p * p.Log() gives NaN there, in value and
        /// gradient. Where only y is 0, the gradients are infinite, as the value is.
        /// </remarks>
        public Tensor XLogY(Tensor y) => Elementwise.Apply<XLogYRule>(this, y);
    }
}
