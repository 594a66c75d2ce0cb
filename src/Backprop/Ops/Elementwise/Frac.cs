using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x − trunc x, y′ = 1</summary>
    internal readonly struct FracRule : IUnaryRule
    {
        public static string Name => "frac";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => x - N.IfGreater(x, 0, N.Floor(x), -N.Floor(-x));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 1;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>What <see cref="Truncate"/> leaves off, with the sign of x, element by element. The gradient passes through; integers give 0.</summary>
        public Tensor Frac() => Elementwise.Apply<FracRule>(this);
    }
}
