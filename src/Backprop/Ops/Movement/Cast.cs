using System.Numerics;
using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>The same values in another element type. The gradient is converted back.</summary>
    internal sealed class Cast(DType to) : Op
    {
        public override string Name => "cast";

        protected internal override ResultSpec Infer(in Operands inputs) => new(inputs[0].Layout.DenseInOrder(), to);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0];
            if (x.DType.IsSixteen())
            {
                if (output.DType == DType.Float32)
                {
                    Sixteen.Widen(x, output);
                    return;
                }

                x = Sixteen.Widen(x);
            }

            if (output.DType.IsSixteen())
            {
                if (x.DType != DType.Float32)
                {
                    // Rounded twice, but as if once.
                    var single = Tensor.Allocate(output.Layout, DType.Float32);
                    switch (x.DType)
                    {
                        case DType.Float64: Launch.Run(default(RoundToOddRun<double>), single, x); break;
                        case DType.Int64: Launch.Run(default(RoundToOddRun<long>), single, x); break;
                        case DType.Int32: Launch.Run(default(RoundToOddRun<int>), single, x); break;
                        default: Convert(x, single); break;
                    }

                    x = single;
                }

                Sixteen.Narrow(x, output);
                return;
            }

            Convert(x, output);
        }

        internal override bool TakesSixteen => true;

        private static void Convert(Tensor from, Tensor output)
        {
            switch (from.DType)
            {
                case DType.Float32: From<float>(from, output); break;
                case DType.Float64: From<double>(from, output); break;
                case DType.Int32: From<int>(from, output); break;
                case DType.Int64: From<long>(from, output); break;
                default: From<byte>(from, output); break;
            }
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, adjoint.Gradient.To(adjoint.DTypeOf(0)));

        internal override void DifferentiatePerSample(SampleAdjoint adjoint) => adjoint.Broadcast();

        private static void From<T>(Tensor from, Tensor output)
            where T : unmanaged, INumberBase<T>
        {
            switch (output.DType)
            {
                case DType.Float32: Launch.Run(default(ConvertRun<T, float>), output, from); break;
                case DType.Float64: Launch.Run(default(ConvertRun<T, double>), output, from); break;
                case DType.Int32: Launch.Run(default(ConvertRun<T, int>), output, from); break;
                case DType.Int64: Launch.Run(default(ConvertRun<T, long>), output, from); break;
                default: Launch.Run(default(TruthRun<T>), output, from); break;
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The same values in another element type; this very tensor if it has that type already.</summary>
        /// <remarks>
        /// To integers the fraction is dropped, values out of range become the nearest bound and NaN 0. To bool: whether not 0.
        /// To 16 bits: the nearest, by way of float32.
        /// </remarks>
        public Tensor To(DType dtype) => dtype.Check() == DType ? this : new Cast(dtype).Run(new Operands(this));

        /// <summary>A literal in the dtype of its partner; other tensors as they are.</summary>
        internal Tensor Adopt(string operation, DType dtype)
        {
            if (Literal is not { } value || DType == dtype || Storage.Version != 0)
            {
                return this;
            }

            if (Node is not null)
            {
                return To(dtype);
            }

            CheckConstant(operation, value, dtype);
            return Full([], value, dtype);
        }
    }
}
