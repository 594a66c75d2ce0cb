using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x where x is finite, given numbers elsewhere, y′ = 1 and 0</summary>
    internal readonly struct NanToNumberRule(double nan, double positive, double negative) : IParametricUnaryRule
    {
        public string Name => "nan_to_number";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Value<N>(N x)
            where N : IReal<N>
        {
            var infinite = N.IfGreater(x, 0, positive, negative);
            return N.IfEqual(x, x, N.IfGreater(double.PositiveInfinity, N.Abs(x), x, infinite), nan);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreater(double.PositiveInfinity, N.Abs(x), 1, 0);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x with numbers in place of NaN and the infinities. The gradient is 0 there.</summary>
        /// <param name="nan">What NaN becomes.</param>
        /// <param name="positiveInfinity">What ∞ becomes; if not given, the largest number of the dtype.</param>
        /// <param name="negativeInfinity">What −∞ becomes; if not given, the smallest number of the dtype.</param>
        public Tensor NanToNumber(double nan = 0, double? positiveInfinity = null, double? negativeInfinity = null)
        {
            var largest = DType == DType.Float32 ? float.MaxValue : double.MaxValue;
            return Elementwise.Apply(new NanToNumberRule(nan, positiveInfinity ?? largest, negativeInfinity ?? -largest), this);
        }
    }
}
