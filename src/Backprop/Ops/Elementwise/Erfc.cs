using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = erfc x = 1 − erf x, y′ = −2/√π · e^(−x²)</summary>
    internal readonly struct ErfcRule : IUnaryRule
    {
        public static string Name => "erfc";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Erfc(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => -1.1283791670955126 * N.Exp(-(x * x));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The complementary error function 1 − erf x, element by element, accurate where it is small.</summary>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor Erfc() => Elementwise.Apply<ErfcRule>(this);
    }
}
