using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = ⌊x/y⌋, z′ = 0</summary>
    internal readonly struct FloorDivideRule : IBinaryRule
    {
        public static string Name => "floor_divide";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N>
        {
            // x less its remainder is a multiple of y, which rounding can't push over the edge.
            var r = N.Fmod(x, y);
            var below = N.IfGreater(r, 0, N.IfGreater(0, y, r + y, r), N.IfGreater(0, r, N.IfGreater(y, 0, r + y, r), r));
            return N.IfEqual(y, 0, N.Quotient(x, y), N.Round(N.Quotient(x - below, y)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeX<N>(N x, N y, N z)
            where N : IReal<N> => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => 0;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The quotient rounded down, element by element, broadcasting: ⌊x/y⌋ of the exact quotient. The gradient is 0.</summary>
        /// <param name="divisor">Of the same dtype; shapes broadcast.</param>
        /// <remarks>For floating point, a divisor of 0 gives ±∞ or NaN. Integers wrap where the most negative number is divided by −1.</remarks>
        /// <exception cref="ArgumentOutOfRangeException">An integer is divided by 0.</exception>
        public Tensor FloorDivide(Tensor divisor) => IntegerDivision.Apply<FloorDivideRule>(this, divisor);

        /// <inheritdoc cref="FloorDivide(Tensor)"/>
        /// <param name="divisor">A number, which takes the tensor's dtype.</param>
        public Tensor FloorDivide(double divisor) => IntegerDivision.Apply<FloorDivideRule>(this, divisor);
    }
}
