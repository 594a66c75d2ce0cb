using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = 2ˣ, y′ = y ln 2</summary>
    internal readonly struct Exp2Rule : IUnaryRule
    {
        public static string Name => "exp2";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Pow(2, x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 0.6931471805599453 * y;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>2ˣ, element by element.</summary>
        public Tensor Exp2() => Elementwise.Apply<Exp2Rule>(this);
    }
}
