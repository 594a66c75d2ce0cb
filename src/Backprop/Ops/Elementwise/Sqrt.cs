using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = √x, y′ = 1/(2y)</summary>
    internal readonly struct SqrtRule : IUnaryRule
    {
        public static string Name => "sqrt";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Sqrt(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => 0.5 / y;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>√x, element by element; NaN below 0.</summary>
        /// <remarks>
        /// The gradient at 0 is infinite, and 0 · ∞ further back is NaN: x.Square().Sum().Sqrt() has no gradient at 0. For lengths use
        /// <see cref="Norm(double)"/>, <see cref="Hypot"/> or <see cref="StandardDeviation()"/>, whose gradient at 0 is 0; otherwise take the
        /// zeros away and put them back: <c>Where(x > 0, Where(x > 0, x, 1).Sqrt(), 0)</c>.
        /// </remarks>
        public Tensor Sqrt() => Elementwise.Apply<SqrtRule>(this);
    }
}
