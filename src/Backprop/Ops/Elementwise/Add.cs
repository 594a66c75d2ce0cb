using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = x + y</summary>
    internal readonly struct AddRule : IBinaryRule
    {
        public static string Name => "add";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N> => x + y;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeX<N>(N x, N y, N z)
            where N : IReal<N> => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => 1;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Sum, element by element, broadcasting.</summary>
        public static Tensor operator +(Tensor x, Tensor y) => Elementwise.Apply<AddRule>(x, y);

        /// <summary>Sum with a number, which takes the tensor's dtype.</summary>
        /// <remarks>The number is a double: whole ones beyond 2⁵³ are rounded. For those write Tensor.Scalar(9007199254740993L).</remarks>
        public static Tensor operator +(Tensor x, double y) => Elementwise.Apply<AddRule>(x, y);

        /// <summary>Sum with a number, which takes the tensor's dtype.</summary>
        /// <remarks>The number is a double: whole ones beyond 2⁵³ are rounded. For those write Tensor.Scalar(9007199254740993L).</remarks>
        public static Tensor operator +(double x, Tensor y) => Elementwise.Apply<AddRule>(x, y);
    }
}
