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
            where N : IReal<N> => N.IfEqual(x, 0, N.IfGreaterOrEqual(y, 0, 0, double.NegativeInfinity), z * N.Log(N.IfEqual(x, 0, 1, x)));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x to the power of <paramref name="exponent"/>, element by element; NaN for a negative x and a fractional exponent.</summary>
        /// <remarks>
        /// At x = 0 the gradient is 0 for the exponent 0 and for exponents above 1, 1 for the exponent 1, and infinite for others below 1. Where that must
        /// not be, take the zeros away and put them back: <c>Where(x > 0, Where(x > 0, x, 1).Pow(0.5), 0)</c>.
        /// </remarks>
        /// <exception cref="DTypeException">The tensor is not floating point; for integers multiply, or convert with To(DType.Float64).</exception>
        public Tensor Pow(double exponent) => exponent == 2 ? Square() : Elementwise.Apply<PowRule>(this, exponent);

        /// <summary>x to the power of y, element by element, broadcasting; NaN for a negative x and a fractional y.</summary>
        /// <remarks>
        /// 0⁰ is 1. At x = 0 the gradient of x is as for a number as exponent, and that of y is 0 for y ≥ 0, −∞ below. For a negative x the gradient of y is
        /// NaN, even where y is whole.
        /// </remarks>
        /// <exception cref="DTypeException">The tensors are not floating point, or the dtypes differ.</exception>
        public Tensor Pow(Tensor exponent) => Elementwise.Apply<PowRule>(this, exponent);
    }
}
