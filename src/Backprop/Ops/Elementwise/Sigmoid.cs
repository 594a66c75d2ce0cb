using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = 1/(1 + e⁻ˣ), y′ = y (1 − y)</summary>
    internal readonly struct SigmoidRule : IUnaryRule
    {
        public static string Name => "sigmoid";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Sigmoid(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => y * (1 - y);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The logistic function 1/(1 + e⁻ˣ), element by element.</summary>
        public Tensor Sigmoid() => Elementwise.Apply<SigmoidRule>(this);
    }
}
