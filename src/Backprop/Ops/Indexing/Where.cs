using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>condition ? a : b, element by element, broadcasting. The gradient goes to the chosen branch.</summary>
    internal sealed class Where : Op
    {
        public static readonly Where Instance = new();

        public override string Name => "where";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var (condition, a, b) = (inputs[0], inputs[1], inputs[2]);
            if (condition.DType != DType.Bool)
            {
                throw Error.DType(Name, condition.DType, "the condition must be bool; compare first, or convert with To(DType.Bool).");
            }

            if (a.DType != b.DType)
            {
                throw Error.DTypesDiffer(Name, a.DType, b.DType);
            }

            var shape = Layout.Broadcast(Name, Layout.Broadcast(Name, condition.Shape, a.Shape), b.Shape);
            var layout = Layout.Contiguous(Name, shape);
            var isLast = (a.Layout.RunsByChannels && a.Layout.HasShape(shape)) || (b.Layout.RunsByChannels && b.Layout.HasShape(shape));
            return new ResultSpec(isLast ? layout.ChannelsLast() : layout, a.DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            switch (output.DType.Size())
            {
                case 4: Launch.Run(default(WhereRun<int>), output, inputs[0], inputs[1], inputs[2]); break;
                case 8: Launch.Run(default(WhereRun<long>), output, inputs[0], inputs[1], inputs[2]); break;
                default: Launch.Run(default(WhereRun<byte>), output, inputs[0], inputs[1], inputs[2]); break;
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Input0;

        internal override void DifferentiatePerSample(SampleAdjoint adjoint) => adjoint.Broadcast();

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var zero = Tensor.Full([], 0, adjoint.Gradient.DType);
            if (adjoint.Needs(1))
            {
                adjoint.Add(1, Instance.Apply(adjoint.Input(0), adjoint.Gradient, zero));
            }

            if (adjoint.Needs(2))
            {
                adjoint.Add(2, Instance.Apply(adjoint.Input(0), zero, adjoint.Gradient));
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary><paramref name="condition"/> ? <paramref name="a"/> : <paramref name="b"/>, element by element, broadcasting.</summary>
        /// <remarks>
        /// The branch that was not chosen gets a gradient of exactly 0 here, but 0 times an infinite slope further back is NaN. Where a branch has a
        /// forbidden argument, make the argument harmless first: <c>Where(x > 0, Where(x > 0, x, 1).Log(), 0)</c>.
        /// </remarks>
        public static Tensor Where(Tensor condition, Tensor a, Tensor b)
        {
            ArgumentNullException.ThrowIfNull(condition);
            (a, b) = Broadcasting.Adopt("where", a, b);
            return Ops.Where.Instance.Run(new Operands(condition, a, b));
        }
    }
}
