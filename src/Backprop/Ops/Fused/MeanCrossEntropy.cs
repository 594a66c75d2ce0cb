using System.Numerics;
using Backprop.Kernels;
using Backprop.Kernels.Products;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// loss = Σ −log_softmax(x[n])[label[n]] / m over the m samples whose label is not ignored, for logits x [n, c] and class indices [n].
    /// dx[n] = g / m (softmax(x[n]) − onehot(label[n])), 0 where the label is ignored.
    /// </summary>
    internal sealed unsafe class MeanCrossEntropy(long ignoreIndex) : FusedOp
    {
        public override string Name => "mean_cross_entropy";

        protected internal override Tensor Definition(in Operands inputs)
        {
            var losses = Tensor.SoftmaxCrossEntropy(inputs[0], inputs[1], ignoreIndex);
            return losses.Sum() / inputs[1].NotEqualTo(Tensor.Scalar(ignoreIndex)).Sum().To(losses.DType);
        }

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            SoftmaxCrossEntropy.CheckOperands(Name, inputs);
            return new ResultSpec(Layout.Scalar, inputs[0].DType);
        }

        internal override void CheckElements(in Operands inputs) => SoftmaxCrossEntropy.CheckLabels(Name, inputs, ignoreIndex);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var (x, labels) = (inputs[0].Dense(), inputs[1].Dense());
            if (output.DType == DType.Float32)
            {
                Compute<float>(x, labels, output);
            }
            else
            {
                Compute<double>(x, labels, output);
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => inputs[0]?.Count ?? double.NaN;

        protected internal override Saved Saves(int needs) => Saved.Inputs;

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var (x, labels) = (adjoint.Input(0).Dense(), adjoint.Input(1).Dense());
            var target = adjoint.Buffer(0, out var accumulate);
            if (x.DType == DType.Float32)
            {
                Differentiate(x, labels, adjoint.Gradient.Item<float>(), target, accumulate);
            }
            else
            {
                Differentiate(x, labels, adjoint.Gradient.Item<double>(), target, accumulate);
            }
        }

        private void Compute<T>(Tensor x, Tensor labels, Tensor output)
            where T : unmanaged, INumber<T>
        {
            int rows = x.Shape[0], columns = x.Shape[1];
            var sum = T.Zero;
            var losses = (T*)Scratch.Shared(2 * (nint)rows * sizeof(T));
            fixed (byte* px = x.Bytes(), pl = labels.Bytes())
            {
                Kernels.Softmax.CrossEntropy((T*)px, (long*)pl, losses, losses + rows, rows, columns, ignoreIndex);
            }

            if (rows > 0)
            {
                Reductions.Sum(losses, &sum, 1, rows, 1);
            }

            // Without any sample 0 / 0: the mean of nothing is NaN.
            output.Storage.Span<T>()[0] = sum / T.CreateChecked(Counted(labels));
        }

        private void Differentiate<T>(Tensor x, Tensor labels, T gradient, Tensor target, bool accumulate)
            where T : unmanaged, INumber<T>
        {
            int rows = x.Shape[0], columns = x.Shape[1];
            var scale = gradient * T.CreateTruncating(1.0 / Counted(labels));
            var logSumExp = (T*)Scratch.Shared((nint)rows * sizeof(T));
            fixed (byte* px = x.Bytes(), pl = labels.Bytes(), dx = target.Bytes())
            {
                Kernels.Softmax.LogSumExp((T*)px, logSumExp, rows, columns);
                Kernels.Softmax.CrossEntropyGradient((T*)px, (long*)pl, logSumExp, &scale, 0, (T*)dx, rows, columns, ignoreIndex, accumulate);
            }
        }

        /// <summary>How many samples count.</summary>
        private int Counted(Tensor labels) => labels.Count - labels.AsSpan<long>().Count(ignoreIndex);
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// The mean of <see cref="SoftmaxCrossEntropy"/> over the samples that count: the usual loss of a classifier, in one operation.
        /// </summary>
        /// <param name="logits">[samples, classes].</param>
        /// <param name="labels">[samples], int64 (int32 is converted).</param>
        /// <param name="ignoreIndex">Samples with this label count for nothing, neither in the sum nor in the mean.</param>
        /// <returns>A scalar; NaN where no sample counts.</returns>
        /// <exception cref="ArgumentOutOfRangeException">A label that is no class.</exception>
        /// <exception cref="ShapeException">The shapes don't fit.</exception>
        public static Tensor MeanCrossEntropy(Tensor logits, Tensor labels, long ignoreIndex = -100)
        {
            ArgumentNullException.ThrowIfNull(logits);
            ArgumentNullException.ThrowIfNull(labels);
            labels = labels.DType == DType.Int32 ? labels.To(DType.Int64) : labels;
            return new MeanCrossEntropy(ignoreIndex).Run(new Operands(logits, labels));
        }
    }
}
