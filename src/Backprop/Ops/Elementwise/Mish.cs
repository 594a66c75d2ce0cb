using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x tanh(ln(1 + eˣ))</summary>
    internal readonly struct MishRule : IUnaryRule
    {
        public static string Name => "mish";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => x * N.Tanh(N.Max(x, 0) + N.Log1p(N.Exp(-N.Abs(x))));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N>
        {
            var t = N.Tanh(N.Max(x, 0) + N.Log1p(N.Exp(-N.Abs(x))));
            return t + (x * (1 - (t * t)) * N.Sigmoid(x));
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x · tanh(softplus(x)), element by element (Misra 2019).</summary>
        public Tensor Mish() => Elementwise.Apply<MishRule>(this);
    }
}
