using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = xʸ</summary>
    internal readonly struct PowRule : IBinaryRule
    {
        public static string Name => "pow";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N> => N.Pow(x, y);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeX<N>(N x, N y, N z)
            where N : IReal<N> => N.IfEqual(y, 0, 0, y * N.Pow(x, y - 1));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => N.IfEqual(x, 0, N.IfGreaterOrEqual(y, 0, 0, z * N.Log(x)), z * N.Log(x));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x to the power of <paramref name="exponent"/>, element by element.</summary>
        public Tensor Pow(double exponent) => exponent == 2 ? Square() : Elementwise.Apply<PowRule>(this, exponent);

        /// <summary>x to the power of y, element by element, broadcasting; NaN for a negative x and a fractional y.</summary>
        public Tensor Pow(Tensor exponent) => Elementwise.Apply<PowRule>(this, exponent);
    }
}
