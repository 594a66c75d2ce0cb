using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// loss[n] = −log_softmax(x[n])[label[n]] for logits x [n, c] and class indices [n]; 0 where the label is ignored.
    /// dx[n] = g[n] (softmax(x[n]) − onehot(label[n]))
    /// </summary>
    internal sealed unsafe class SoftmaxCrossEntropy(long ignoreIndex) : FusedOp
    {
        public override string Name => "softmax_cross_entropy";

        protected internal override Tensor Definition(in Operands inputs)
        {
            var (x, labels) = (inputs[0], inputs[1]);
            var counts = labels.NotEqualTo(Tensor.Scalar(ignoreIndex));
            var safe = Tensor.Where(counts, labels, Tensor.Scalar(0L));
            var losses = -x.LogSoftmax(1).Gather(1, safe.Unsqueeze(1)).Squeeze(1);
            return Tensor.Where(counts, losses, Tensor.Full([], 0, x.DType));
        }

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            CheckOperands(Name, inputs);
            return new ResultSpec(inputs[1].Layout.Dense(), inputs[0].DType);
        }

        internal override void CheckElements(in Operands inputs) => CheckLabels(Name, inputs, ignoreIndex);

        /// <summary>Checks shapes and element types of logits and labels.</summary>
        internal static void CheckOperands(string operation, in Operands inputs)
        {
            var (x, labels) = (inputs[0], inputs[1]);
            LastAxis.Check(operation, x);
            if (labels.DType != DType.Int64)
            {
                throw Error.DType(operation, labels.DType, "labels are class indices in int64.");
            }

            if (x.Rank != 2 || !labels.Layout.HasShape([x.Shape[0]]))
            {
                throw Error.Shape(operation, $"logits {Error.Text(x.Shape)} and labels {Error.Text(labels.Shape)} must be [samples, classes] and [samples].");
            }
        }

        /// <summary>Refuses labels that are neither a class nor the ignored one.</summary>
        internal static void CheckLabels(string operation, in Operands inputs, long ignoreIndex)
        {
            var (x, labels) = (inputs[0], inputs[1].Dense());
            fixed (byte* p = labels.Bytes())
            {
                var bad = Kernels.Softmax.FindBadLabel((long*)p, labels.Count, x.Shape[1], ignoreIndex);
                if (bad >= 0)
                {
                    throw Error.Range(operation, "label", ((long*)p)[bad], $"from 0 to {x.Shape[1] - 1}, a class (sample {bad})");
                }
            }
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var (x, labels) = (inputs[0].Dense(), inputs[1].Dense());
            var logSumExp = Tensor.Allocate(output.Layout, output.DType);
            fixed (byte* px = x.Bytes(), pl = labels.Bytes(), py = output.Bytes(), ps = logSumExp.Bytes())
            {
                if (x.DType == DType.Float32)
                {
                    Kernels.Softmax.CrossEntropy((float*)px, (long*)pl, (float*)py, (float*)ps, x.Shape[0], x.Shape[1], ignoreIndex);
                }
                else
                {
                    Kernels.Softmax.CrossEntropy((double*)px, (long*)pl, (double*)py, (double*)ps, x.Shape[0], x.Shape[1], ignoreIndex);
                }
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Inputs;

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            if (adjoint.Axis is { } axis)
            {
                adjoint.Along(axis);
            }
            else
            {
                base.DifferentiatePerSample(adjoint);
            }
        }

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var (x, labels, g) = (adjoint.Input(0).Dense(), adjoint.Input(1).Dense(), adjoint.Gradient);
            var single = g.Strides[0] == 0;
            g = single ? g : g.Dense();
            var target = adjoint.Buffer(0, out var accumulate);

            // Computed again: cheaper than keeping it beside what the node saves, which is checked and dropped.
            var logSumExp = Tensor.Allocate(labels.Layout.Dense(), x.DType);
            var offset = g.Layout.Offset * g.DType.Size();
            fixed (byte* px = x.Bytes(), pl = labels.Bytes(), ps = logSumExp.Bytes(), pg = &g.Storage.First(), dx = target.Bytes())
            {
                if (x.DType == DType.Float32)
                {
                    Kernels.Softmax.LogSumExp((float*)px, (float*)ps, x.Shape[0], x.Shape[1]);
                    Kernels.Softmax.CrossEntropyGradient((float*)px, (long*)pl, (float*)ps, (float*)(pg + offset), single ? 0 : 1,
                        (float*)dx, x.Shape[0], x.Shape[1], ignoreIndex, accumulate);
                }
                else
                {
                    Kernels.Softmax.LogSumExp((double*)px, (double*)ps, x.Shape[0], x.Shape[1]);
                    Kernels.Softmax.CrossEntropyGradient((double*)px, (long*)pl, (double*)ps, (double*)(pg + offset), single ? 0 : 1,
                        (double*)dx, x.Shape[0], x.Shape[1], ignoreIndex, accumulate);
                }
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Cross entropy of softmax(logits) against class indices, sample by sample, in one pass and without overflow.</summary>
        /// <param name="logits">[samples, classes].</param>
        /// <param name="labels">[samples], int64 (int32 is converted).</param>
        /// <param name="ignoreIndex">Samples with this label have loss and gradient 0.</param>
        /// <returns>[samples]; take the mean for the usual loss.</returns>
        /// <exception cref="ArgumentOutOfRangeException">A label that is no class.</exception>
        /// <exception cref="ShapeException">The shapes don't fit.</exception>
        public static Tensor SoftmaxCrossEntropy(Tensor logits, Tensor labels, long ignoreIndex = -100)
        {
            ArgumentNullException.ThrowIfNull(logits);
            ArgumentNullException.ThrowIfNull(labels);
            labels = labels.DType == DType.Int32 ? labels.To(DType.Int64) : labels;
            return new SoftmaxCrossEntropy(ignoreIndex).Run(new Operands(logits, labels));
        }
    }
}
