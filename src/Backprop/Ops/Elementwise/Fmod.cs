using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = x − y trunc(x/y), exactly</summary>
    internal readonly struct FmodRule : IBinaryRule
    {
        public static string Name => "fmod";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N> => N.Fmod(x, y);

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
        /// <summary>The remainder of the division rounded towards 0, with the sign of x, as C#'s %: exact, element by element, broadcasting.</summary>
        /// <param name="divisor">Of the same dtype; shapes broadcast.</param>
        /// <remarks>The slope along the divisor is −trunc(x/y). For floating point, a divisor of 0 gives NaN.</remarks>
        /// <exception cref="ArgumentOutOfRangeException">An integer is divided by 0.</exception>
        public Tensor Fmod(Tensor divisor) => IntegerDivision.Apply<FmodRule>(this, divisor);

        /// <inheritdoc cref="Fmod(Tensor)"/>
        /// <param name="divisor">A number, which takes the tensor's dtype.</param>
        public Tensor Fmod(double divisor) => IntegerDivision.Apply<FmodRule>(this, divisor);
    }
}
