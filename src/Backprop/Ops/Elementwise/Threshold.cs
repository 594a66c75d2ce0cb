using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x where x &gt; t, v elsewhere (NaN stays), y′ = 1 and 0</summary>
    internal readonly struct ThresholdRule(double threshold, double value) : IParametricUnaryRule
    {
        public string Name => "threshold";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Value<N>(N x)
            where N : IReal<N> => N.IfGreaterOrEqual(threshold, x, value, x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreaterOrEqual(threshold, x, 0, 1);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x where x &gt; <paramref name="threshold"/>, <paramref name="value"/> elsewhere; the gradient there is 0. NaN stays.</summary>
        /// <exception cref="ArgumentOutOfRangeException">Numbers that the dtype can't hold.</exception>
        public Tensor Threshold(double threshold, double value)
        {
            CheckConstant("threshold", threshold, DType);
            CheckConstant("threshold", value, DType);
            return Elementwise.Apply(new ThresholdRule(threshold, value), this);
        }
    }
}
