using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = the angle of the point (y, x): arctan x/y in the right quadrant. The first argument is the ordinate.</summary>
    internal readonly struct Atan2Rule : IBinaryRule
    {
        public static string Name => "atan2";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N>
        {
            // Equal sizes apart, or 0/0 and ∞/∞ are NaN. The reciprocal of a zero tells its sign.
            N infinity = double.PositiveInfinity;
            var (a, b) = (N.Abs(x), N.Abs(y));
            var ratio = N.IfEqual(a, b, N.IfEqual(a, 0, a, N.IfEqual(a, infinity, 1, a / b)), a / b);
            var angle = AtanRule.Value(ratio);
            angle = N.IfGreater(0, N.IfEqual(y, 0, 1 / y, y), Math.PI - angle, angle);
            return N.IfGreater(0, N.IfEqual(x, 0, 1 / x, x), -angle, angle);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeX<N>(N x, N y, N z)
            where N : IReal<N> => y / ((x * x) + (y * y));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => -x / ((x * x) + (y * y));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The angles from −π to π of points with these ordinates, element by element, broadcasting.</summary>
        /// <param name="x">The abscissas.</param>
        /// <remarks>
        /// At the origin the value is 0 (±π with a negative zero as abscissa) and both gradients are NaN, for no angle is near. Where the origin can occur,
        /// move it first: <c>y.Atan2(Where(y.EqualTo(0) &amp; x.EqualTo(0), 1, x))</c> has the same value there, and finite gradients.
        /// </remarks>
        public Tensor Atan2(Tensor x) => Elementwise.Apply<Atan2Rule>(this, x);
    }
}
