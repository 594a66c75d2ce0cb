using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x − ln Σ eˣ along the last axis. dx = g − eʸ Σ g</summary>
    internal sealed unsafe class LogSoftmax : RowOp
    {
        public static readonly LogSoftmax Instance = new();

        public override string Name => "log_softmax";

        protected internal override Tensor Definition(in Operands inputs)
        {
            var x = inputs[0];
            var shifted = x - LastAxis.Shift(x);
            return shifted - shifted.Exp().Sum(-1, keepDimensions: true).Log();
        }

        protected override void Forward<T>(T* x, T* y, int rows, int columns) => Kernels.Softmax.LogForward(x, y, rows, columns);

        protected override void Backward<T>(T* y, T* g, T* dx, int rows, int columns, bool accumulate) =>
            Kernels.Softmax.LogGradient(y, g, dx, rows, columns, accumulate);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>x − ln Σ eˣ along an axis, without overflow: the logarithm of the softmax.</summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <remarks>
        /// Elements of −∞ (masked ones) stay −∞ and get the gradient 0. A row of −∞ alone is 0/0: value and gradient are NaN; clear it as told at
        /// <see cref="Softmax"/>.
        /// </remarks>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor LogSoftmax(int axis = -1) => LastAxis.Apply(Ops.LogSoftmax.Instance, Wide, axis).To(DType);
    }
}
