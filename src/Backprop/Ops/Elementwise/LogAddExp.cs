using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>z = ln(eˣ + eʸ), ∂z/∂x = σ(x − y)</summary>
    internal readonly struct LogAddExpRule : IBinaryRule
    {
        /// <summary>Stands for −∞ where −∞ − −∞ would be NaN; float32 has it too.</summary>
        private const double Lowest = -1e38;

        public static string Name => "log_add_exp";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N Value<N>(N x, N y)
            where N : IReal<N>
        {
            var large = N.Max(x, y);
            return N.IfEqual(N.Abs(large), double.PositiveInfinity, large, large + N.Log1p(N.Exp(-N.Abs(x - y))));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeX<N>(N x, N y, N z)
            where N : IReal<N> => N.Sigmoid(x - N.Max(y, Lowest));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static N SlopeY<N>(N x, N y, N z)
            where N : IReal<N> => N.Sigmoid(y - N.Max(x, Lowest));
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>ln(eˣ + eʸ) without overflow, element by element, broadcasting.</summary>
        /// <remarks>Where both are −∞ the value is −∞ and both gradients are 0: no NaN arises.</remarks>
        public Tensor LogAddExp(Tensor other) => Elementwise.Apply<LogAddExpRule>(this, other);
    }
}
