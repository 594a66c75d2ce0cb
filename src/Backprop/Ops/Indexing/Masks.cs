using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Where a mask is true: positions in row-major order, an int32 vector. A plan over all axes of the mask.</summary>
    internal sealed class MaskPlan : Op
    {
        public static readonly MaskPlan Instance = new();

        public override string Name => "mask_plan";

        /// <summary>How many elements are true.</summary>
        public static int CountTrue(Tensor mask) => mask.Count - System.MemoryExtensions.Count(mask.Dense().Bytes(), (byte)0);

        protected internal override ResultSpec Infer(in Operands inputs) => new([CountTrue(inputs[0])], DType.Int32);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            ReadOnlySpan<byte> mask = inputs[0].Dense().Bytes();
            var positions = output.Storage.Span<int>();
            for (int i = 0, at = 0; at < output.Count; i++)
            {
                if (mask[i] != 0)
                {
                    positions[at++] = i;
                }
            }
        }

        protected internal override void Differentiate(Adjoint adjoint)
        {
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;
    }

    /// <summary>Where elements are not 0: one row of positions (int64) per element, in row-major order.</summary>
    internal sealed class NonZero : Op
    {
        public static readonly NonZero Instance = new();

        public override string Name => "non_zero";

        protected internal override ResultSpec Infer(in Operands inputs) => new([MaskPlan.CountTrue(inputs[0]), inputs[0].Rank], DType.Int64);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            ReadOnlySpan<byte> mask = inputs[0].Dense().Bytes();
            var shape = inputs[0].Shape;
            var positions = output.Storage.Span<long>();
            for (int i = 0, row = 0; row < output.Shape[0]; i++)
            {
                if (mask[i] == 0)
                {
                    continue;
                }

                var rest = i;
                for (var axis = shape.Length - 1; axis >= 0; axis--)
                {
                    positions[(row * shape.Length) + axis] = rest % shape[axis];
                    rest /= shape[axis];
                }

                row++;
            }
        }

        protected internal override void Differentiate(Adjoint adjoint)
        {
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Where elements are not 0 (or are true): an int64 matrix with one row of positions per element, in row-major order.</summary>
        public Tensor NonZero() => Ops.NonZero.Instance.Run(new Operands(DType == DType.Bool ? this : Detach().To(DType.Bool)));

        /// <summary>
        /// Where <paramref name="condition"/> is true: one int64 vector of positions per axis, to be used as an index:
        /// <c>var p = Tensor.Where(x > 0); x[p[0], p[1]]</c>.
        /// </summary>
        /// <exception cref="DTypeException">The condition is not bool.</exception>
        public static Tensor[] Where(Tensor condition)
        {
            ArgumentNullException.ThrowIfNull(condition);
            return condition.CheckMask("where").NonZero().Unbind(1);
        }

        /// <summary>The elements where <paramref name="mask"/> is true, as a vector in row-major order. Mask and tensor broadcast.</summary>
        /// <exception cref="DTypeException">The mask is not bool.</exception>
        /// <exception cref="ShapeException">The shapes don't broadcast.</exception>
        public Tensor MaskedSelect(Tensor mask)
        {
            ArgumentNullException.ThrowIfNull(mask);
            mask.CheckMask("masked_select");
            var shape = Layout.Broadcast("masked_select", Shape, mask.Shape);
            var plan = MaskPlan.Instance.Run(new Operands(mask.Expand(shape)));
            return new IndexRead("masked_select", IndexWalk.All(shape.Length)).Run(new Operands(Expand(shape), plan));
        }

        /// <summary><paramref name="value"/> where <paramref name="mask"/> is true, else this tensor's element. Mask and tensor broadcast.</summary>
        /// <param name="mask">Truth values.</param>
        /// <param name="value">A number, or a scalar tensor, to which a gradient flows.</param>
        /// <exception cref="DTypeException">The mask is not bool.</exception>
        /// <exception cref="ShapeException">The shapes don't broadcast, or the value is no scalar.</exception>
        public Tensor MaskedFill(Tensor mask, Tensor value)
        {
            ArgumentNullException.ThrowIfNull(mask);
            mask.CheckMask("masked_fill");
            value = ScalarFor("masked_fill", value);
            if (value.DType != DType)
            {
                throw Error.DTypesDiffer("masked_fill", DType, value.DType);
            }

            Layout.Broadcast("masked_fill", Shape, mask.Shape);
            return Where(mask, value, this);
        }

        private Tensor CheckMask(string operation) => DType == DType.Bool
            ? this
            : throw Error.DType(operation, DType, "a mask must be bool; compare first, or convert with To(DType.Bool).");
    }
}
