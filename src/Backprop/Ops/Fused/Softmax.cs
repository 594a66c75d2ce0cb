using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = eˣ / Σ eˣ along the last axis. dx = y (g − Σ g y)</summary>
    internal sealed unsafe class Softmax : RowOp
    {
        public static readonly Softmax Instance = new();

        public override string Name => "softmax";

        protected internal override Tensor Definition(in Operands inputs)
        {
            var x = inputs[0];
            var e = (x - LastAxis.Shift(x)).Exp();
            return e / e.Sum(-1, keepDimensions: true);
        }

        protected override void Forward<T>(T* x, T* y, int rows, int columns) => Kernels.Softmax.Forward(x, y, rows, columns);

        protected override void Backward<T>(T* y, T* g, T* dx, int rows, int columns, bool accumulate) =>
            Kernels.Softmax.Gradient(y, g, dx, rows, columns, accumulate);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>eˣ / Σ eˣ along an axis, without overflow.</summary>
        /// <param name="axis">The axis; negative counts from the end.</param>
        /// <remarks>
        /// Elements of −∞ (masked ones) get 0, in value and gradient. A row of −∞ alone is 0/0: value and gradient are NaN. Where a whole row may be masked,
        /// clear it before and after: <c>var any = mask.Any(-1, true); Where(any, Where(any, scores, 0).Softmax(), 0)</c>.
        /// </remarks>
        /// <exception cref="DTypeException">The tensor is not floating point.</exception>
        public Tensor Softmax(int axis = -1) => LastAxis.Apply(Ops.Softmax.Instance, this, axis);
    }
}
