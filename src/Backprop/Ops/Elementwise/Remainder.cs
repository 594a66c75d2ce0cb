using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = x − y ⌊x/y⌋, exactly</summary>
    internal readonly struct RemainderRule : IBinaryRule
    {
        public static string Name => "remainder";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N>
        {
            var r = N.Fmod(x, y);
            return N.IfGreater(r, 0, N.IfGreater(0, y, r + y, r), N.IfGreater(0, r, N.IfGreater(y, 0, r + y, r), r));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeX<N>(N x, N y, N z)
            where N : IReal<N> => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => N.Round((z - x) / y);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The remainder of the division rounded down, with the sign of the divisor, as Python's %: element by element, broadcasting.</summary>
        /// <param name="divisor">Of the same dtype; shapes broadcast.</param>
        /// <remarks>The slope along the divisor is −⌊x/y⌋. For floating point, a divisor of 0 gives NaN.</remarks>
        /// <exception cref="ArgumentOutOfRangeException">An integer is divided by 0.</exception>
        public Tensor Remainder(Tensor divisor) => IntegerDivision.Apply<RemainderRule>(this, divisor);

        /// <inheritdoc cref="Remainder(Tensor)"/>
        /// <param name="divisor">A number, which takes the tensor's dtype.</param>
        public Tensor Remainder(double divisor) => IntegerDivision.Apply<RemainderRule>(this, divisor);
    }
}
