using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = x where x &gt; 0, y x elsewhere</summary>
    internal readonly struct PReluRule : IBinaryRule
    {
        public static string Name => "prelu";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N> => N.IfGreater(x, 0, x, y * x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeX<N>(N x, N y, N z)
            where N : IReal<N> => N.IfGreater(x, 0, 1, y);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => N.IfGreater(x, 0, 0, x);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x where x &gt; 0, weight · x elsewhere: a <see cref="LeakyRelu"/> that learns its slope (He et al. 2015).</summary>
        /// <param name="weight">The slope below 0: a scalar or vector with one element, or a vector with one per channel, along axis 1.</param>
        /// <exception cref="ShapeException">The weight is neither.</exception>
        public Tensor PRelu(Tensor weight)
        {
            ArgumentNullException.ThrowIfNull(weight);
            var channels = Rank > 1 ? Shape[1] : 1;
            if (weight.Rank > 1 || (weight.Count != 1 && weight.Count != channels))
            {
                throw Error.Shape(
                    "prelu", $"the weight {Error.Text(weight.Shape)} must have one element, or {channels}, one per channel of {Error.Text(Shape)}.");
            }

            var perChannel = weight.Count == 1 ? weight.Reshape() : weight.Reshape([weight.Count, .. Enumerable.Repeat(1, Rank - 2)]);
            return Elementwise.Apply<PReluRule>(this, perChannel);
        }
    }
}
