using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = min(max(x, 0), 6)</summary>
    internal readonly struct Relu6Rule : IUnaryRule
    {
        public static string Name => "relu6";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x)
            where N : IReal<N> => N.Min(N.Max(x, 0), 6);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Slope<N>(N x, N y)
            where N : IReal<N> => N.IfGreater(y, 0, N.IfGreater(6, y, 1, 0), 0);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>min(max(x, 0), 6), element by element. The gradient at 0 and 6 is 0.</summary>
        public Tensor Relu6() => Elementwise.Apply<Relu6Rule>(this);
    }
}
