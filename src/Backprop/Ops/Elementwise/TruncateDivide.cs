using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = trunc(x/y), z′ = 0</summary>
    internal readonly struct TruncateDivideRule : IBinaryRule
    {
        public static string Name => "truncate_divide";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N> =>
            N.IfEqual(y, 0, N.Quotient(x, y), N.Round(N.Quotient(x - N.Fmod(x, y), y)));

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
        /// <summary>The quotient rounded towards 0, element by element, broadcasting, as C#'s / of integers. The gradient is 0.</summary>
        /// <param name="divisor">Of the same dtype; shapes broadcast.</param>
        /// <remarks>For floating point, a divisor of 0 gives ±∞ or NaN. Integers wrap where the most negative number is divided by −1.</remarks>
        /// <exception cref="ArgumentOutOfRangeException">An integer is divided by 0.</exception>
        public Tensor TruncateDivide(Tensor divisor) => IntegerDivision.Apply<TruncateDivideRule>(this, divisor);

        /// <inheritdoc cref="TruncateDivide(Tensor)"/>
        /// <param name="divisor">A number, which takes the tensor's dtype.</param>
        public Tensor TruncateDivide(double divisor) => IntegerDivision.Apply<TruncateDivideRule>(this, divisor);
    }
}
