using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = erf x, y′ = 2/√π · e^(−x²)</summary>
    internal readonly struct ErfRule : IUnaryRule
    {
        public static string Name => "erf";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Erf(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1.1283791670955126 * N.Exp(-(x * x));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The error function, element by element.</summary>
        public Tensor Erf() => Elementwise.Apply<ErfRule>(this);
    }
}
