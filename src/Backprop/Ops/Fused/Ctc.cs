namespace Backprop.Ops
{
    /// <summary>
    /// loss[n] = −ln Σ Π x[t, n, path[t]] over the paths that are the labels of n with blanks between and frames repeated, for log-probabilities
    /// x [T, N, C], labels [N, S] or [Σ lengths], input lengths [N] and target lengths [N] (Graves et al., 2006).
    /// dx[t, n, c] = −g[n] P(frame t is c | labels); 0 where there are too few frames.
    /// </summary>
    internal sealed unsafe class Ctc(int blank) : FusedOp
    {
        public override string Name => "ctc";

        public override string Describe() => FormattableString.Invariant($"{Name} blank={blank}");

        protected internal override Tensor Definition(in Operands inputs) => CtcDefinition.Of(inputs[0], new CtcLabels(inputs), blank);

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            CtcLabels.Check(Name, inputs, blank);
            return new ResultSpec([inputs[0].Shape[1]], inputs[0].DType);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Dense();
            var labels = new CtcLabels(inputs);
            fixed (byte* px = x.Bytes(), py = output.Bytes())
            fixed (long* pl = labels.Labels, ps = labels.Starts, pi = labels.InputLengths, pt = labels.TargetLengths)
            {
                if (x.DType == DType.Float32)
                {
                    Kernels.Ctc.Losses(Problem((float*)px, x, pl, ps, pi, pt), (float*)py);
                }
                else
                {
                    Kernels.Ctc.Losses(Problem((double*)px, x, pl, ps, pi, pt), (double*)py);
                }
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Inputs;

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            // The forward recursion is run again: its rows are T times larger than anything the node saves.
            var x = adjoint.Input(0).Dense();
            var labels = new CtcLabels(new Operands((Tensor[])[x, adjoint.Input(1), adjoint.Input(2), adjoint.Input(3)]));
            var g = adjoint.Gradient.Dense();
            var target = adjoint.ZeroedBuffer(0);
            fixed (byte* px = x.Bytes(), pg = g.Bytes(), dx = target.Bytes())
            fixed (long* pl = labels.Labels, ps = labels.Starts, pi = labels.InputLengths, pt = labels.TargetLengths)
            {
                if (x.DType == DType.Float32)
                {
                    Kernels.Ctc.AddGradients(Problem((float*)px, x, pl, ps, pi, pt), (float*)pg, (float*)dx);
                }
                else
                {
                    Kernels.Ctc.AddGradients(Problem((double*)px, x, pl, ps, pi, pt), (double*)pg, (double*)dx);
                }
            }
        }

        /// <summary>About ten per frame and state, of which there are two per label and one.</summary>
        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
            inputs[0] is { } x && inputs[1] is { } labels ? 10.0 * x.Sizes[0] * (output.Count + (2.0 * labels.Count)) : double.NaN;

        private Kernels.Ctc.Problem<T> Problem<T>(T* x, Tensor shaped, long* labels, long* starts, long* inputLengths, long* targetLengths)
            where T : unmanaged => new()
            {
                LogProbabilities = x,
                Samples = shaped.Shape[1],
                Classes = shaped.Shape[2],
                Labels = labels,
                Starts = starts,
                InputLengths = inputLengths,
                TargetLengths = targetLengths,
                Blank = blank,
            };
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// Connectionist temporal classification, sample by sample: minus the log-probability of a sequence of labels, summed over all its alignments
        /// with the frames of a longer sequence of predictions (Graves et al., 2006).
        /// </summary>
        /// <param name="logProbabilities">[T, N, C]: T frames, N samples, C classes; or [T, C] for a single sample. −∞ is a legal element.</param>
        /// <param name="targets">
        /// Class numbers of int64 or int32 other than the blank: [N, S], what follows a sample's length is not looked at; or the labels of all samples
        /// one after the other; or [S] for a single sample.
        /// </param>
        /// <param name="inputLengths">How many frames each sample has, int64 or int32: [N], or a scalar for a single sample; at most T.</param>
        /// <param name="targetLengths">How many labels each sample has, int64 or int32: [N], or a scalar for a single sample; 0 for none.</param>
        /// <param name="blank">The class that stands for no label.</param>
        /// <returns>[N], or a scalar for a single sample; +∞, with a gradient of 0, where there are fewer frames than the labels need.</returns>
        /// <remarks>
        /// The gradient is that with respect to the log-probabilities alone; it doesn't take for granted that they come from a log-softmax, after which
        /// both conventions are the same. Derivatives of every order exist. <c>Losses.Ctc</c> reduces the result.
        /// </remarks>
        /// <exception cref="ShapeException">The shapes don't fit.</exception>
        /// <exception cref="DTypeException">The log-probabilities are not floating point, or targets or lengths not integers.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A length, a label or the blank is out of range, or a label is the blank.</exception>
        public static Tensor Ctc(Tensor logProbabilities, Tensor targets, Tensor inputLengths, Tensor targetLengths, int blank = 0)
        {
            ArgumentNullException.ThrowIfNull(logProbabilities);
            ArgumentNullException.ThrowIfNull(targets);
            ArgumentNullException.ThrowIfNull(inputLengths);
            ArgumentNullException.ThrowIfNull(targetLengths);
            var single = logProbabilities.Rank == 2;
            if (single)
            {
                if (targets.Rank != 1 || inputLengths.Count != 1 || targetLengths.Count != 1)
                {
                    throw Error.Shape("ctc", $"log-probabilities {Error.Text(logProbabilities.Shape)} of a single sample take targets [S] and one length "
                        + $"each, not {Error.Text(targets.Shape)}, {Error.Text(inputLengths.Shape)} and {Error.Text(targetLengths.Shape)}.");
                }

                (logProbabilities, targets) = (logProbabilities.Unsqueeze(1), targets.Unsqueeze(0));
                (inputLengths, targetLengths) = (inputLengths.Reshape(1), targetLengths.Reshape(1));
            }

            var loss = new Ops.Ctc(blank).Run(new Operands((Tensor[])[logProbabilities, Wide(targets), Wide(inputLengths), Wide(targetLengths)]));
            return single ? loss.Squeeze(0) : loss;

            static Tensor Wide(Tensor x) => x.DType == DType.Int32 ? x.To(DType.Int64) : x;
        }
    }
}
