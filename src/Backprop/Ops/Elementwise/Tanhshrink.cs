using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x − tanh x, y′ = tanh² x</summary>
    internal readonly struct TanhshrinkRule : IUnaryRule
    {
        public static string Name => "tanhshrink";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N>
        {
            // Near 0 the difference would lose its digits: there its series, x³/3 − 2x⁵/15 + …
            var square = x * x;
            N p = -1.5918905069328964e-5;
            p = (p * square) + 3.927832388331683e-5;
            p = (p * square) - 9.691537956929451e-5;
            p = (p * square) + 0.00023912911424355248;
            p = (p * square) - 0.000590027440945586;
            p = (p * square) + 0.0014558343870513183;
            p = (p * square) - 0.003592128036572481;
            p = (p * square) + 0.008863235529902197;
            p = (p * square) - 0.021869488536155203;
            p = (p * square) + 0.05396825396825397;
            p = (p * square) - 0.13333333333333333;
            p = (p * square) + 0.3333333333333333;
            return N.IfGreater(0.3, N.Abs(x), p * square * x, x - N.Tanh(x));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N>
        {
            var t = N.Tanh(x);
            return t * t;
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x − tanh x, element by element.</summary>
        public Tensor Tanhshrink() => Elementwise.Apply<TanhshrinkRule>(this);
    }
}
