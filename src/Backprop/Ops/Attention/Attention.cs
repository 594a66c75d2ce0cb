using Backprop.Kernels.Attention;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// softmax(scale · Q Kᵀ + mask) V for Q [..., l, e], K [..., s, e], V [..., s, v] and a mask [..., l, s] that is boolean (true: may attend) or
    /// added; all leading axes are equal. The gradient computes the weights again, block by block, so the matrix of weights is never in memory.
    /// </summary>
    internal sealed unsafe class Attention(bool isCausal, double scale, double keep, GeneratorState random) : FusedOp
    {
        public override string Name => "scaled_dot_product_attention";

        public override string Describe() =>
            FormattableString.Invariant($"{Name}(scale={scale:g4}{(isCausal ? ", causal" : "")}{(keep < 1 ? $", dropout={1 - keep:g4}" : "")})");

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
            inputs[0] is { } query && inputs[2] is { } value
                ? 2.0 * query.Count * value.Sizes[^2] + 2.0 * output.Count * value.Sizes[^2]
                : double.NaN;

        protected internal override ResultSpec Infer(in Operands inputs) =>
            new([.. inputs[0].Shape[..^1], inputs[2].Shape[^1]], inputs[0].DType);

        protected internal override Tensor Definition(in Operands inputs)
        {
            var weights = AttentionScores.Weights(inputs[0], inputs[1], inputs.Count == 4 ? inputs[3] : null, isCausal, scale);
            if (keep < 1)
            {
                weights *= AttentionScores.DropoutMask(weights.Shape, keep, random).To(weights.DType);
            }

            return weights.MatMul(inputs[2]);
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var parts = new AttentionParts(inputs[0], inputs[1], inputs[2], inputs.Count == 4 ? inputs[3] : null);
            if (output.DType == DType.Float32)
            {
                Forward<float>(parts, output);
            }
            else
            {
                Forward<double>(parts, output);
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Inputs;

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            // Leading axes are those of all inputs alike.
            if (adjoint.IsAlong(adjoint.Gradient.Rank - 2, out var axis))
            {
                adjoint.Along(axis, axis, axis, adjoint.InputCount == 4 ? axis : null);
            }
            else
            {
                base.DifferentiatePerSample(adjoint);
            }
        }

        protected internal override void ComputeGradients(Adjoint adjoint)
        {
            var parts = new AttentionParts(adjoint.Input(0), adjoint.Input(1), adjoint.Input(2), adjoint.InputCount == 4 ? adjoint.Input(3) : null);
            if (adjoint.Gradient.DType == DType.Float32)
            {
                Backward<float>(adjoint, parts);
            }
            else
            {
                Backward<double>(adjoint, parts);
            }
        }

        private void Forward<T>(AttentionParts parts, Tensor output)
            where T : unmanaged
        {
            fixed (byte* pq = &parts.Query.Storage.First(), pk = &parts.Key.Storage.First(), pv = &parts.Value.Storage.First(),
                pm = &(parts.Mask ?? parts.Query).Storage.First(), po = output.Bytes())
            fixed (nint* at = parts.Starts)
            {
                var plan = Plan<T>(parts, pq, pk, pv, pm, at);
                plan.Output = (T*)po;
                AttentionKernel.Forward(plan);
            }
        }

        private void Backward<T>(Adjoint adjoint, AttentionParts parts)
            where T : unmanaged
        {
            var g = adjoint.Gradient.Dense();
            var targets = new Tensor?[4];
            for (var i = 0; i < adjoint.InputCount; i++)
            {
                targets[i] = adjoint.Needs(i) ? adjoint.ZeroedBuffer(i) : null;
            }

            fixed (byte* pq = &parts.Query.Storage.First(), pk = &parts.Key.Storage.First(), pv = &parts.Value.Storage.First(),
                pm = &(parts.Mask ?? parts.Query).Storage.First(), pg = g.Bytes(), dq = Bytes(targets[0]), dk = Bytes(targets[1]), dv = Bytes(targets[2]),
                dm = Bytes(targets[3]))
            fixed (nint* at = parts.Starts)
            {
                var plan = Plan<T>(parts, pq, pk, pv, pm, at);
                plan.Gradient = (T*)pg;
                plan.QueryGradient = (T*)dq;
                plan.KeyGradient = (T*)dk;
                plan.ValueGradient = (T*)dv;
                plan.MaskGradient = (T*)dm;
                AttentionKernel.Backward(plan);
            }
        }

        private AttentionPlan<T> Plan<T>(AttentionParts parts, byte* query, byte* key, byte* value, byte* mask, nint* at)
            where T : unmanaged
        {
            var heads = parts.Heads;
            var plan = new AttentionPlan<T>
            {
                Heads = heads,
                Rows = parts.Query.Shape[^2],
                Columns = parts.Key.Shape[^2],
                Inner = parts.Query.Shape[^1],
                Width = parts.Value.Shape[^1],
                Query = new HeadRows<T> { Start = (T*)query, At = at, Row = AttentionParts.RowStride(parts.Query) },
                Key = new HeadRows<T> { Start = (T*)key, At = at + heads, Row = AttentionParts.RowStride(parts.Key) },
                Value = new HeadRows<T> { Start = (T*)value, At = at + (2 * heads), Row = AttentionParts.RowStride(parts.Value) },
                Scale = scale,
                Causal = isCausal,
                Keep = keep,
                Seed = random.Seed,
                Counter = random.Counter,
            };
            if (parts.Mask is { } given)
            {
                plan.Allowed = given.DType == DType.Bool ? mask : null;
                plan.Added = given.DType == DType.Bool ? null : (T*)mask;
                plan.MaskAt = at + (3 * heads);
                plan.MaskRow = given.Strides[^2];
                plan.MaskColumn = given.Strides[^1];
            }

            return plan;
        }

        private static Span<byte> Bytes(Tensor? tensor) => tensor is null ? [] : tensor.Bytes();
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// Attention: softmax(scale · Q Kᵀ + mask) V (Vaswani et al., 2017), computed in blocks of queries, so that the matrix of weights is never in
        /// memory as a whole, neither forward nor backward.
        /// </summary>
        /// <remarks>
        /// Leading axes are batches and broadcast: give keys and values that several heads share an axis of 1. A query that may attend to nothing gets
        /// zeros, and no gradient.
        /// </remarks>
        /// <param name="query">Q: [..., queries, size].</param>
        /// <param name="key">K: [..., keys, size].</param>
        /// <param name="value">V: [..., keys, width].</param>
        /// <param name="mask">
        /// What broadcasts to [..., queries, keys]: bool, true where a query may attend to a key; or of Q's dtype, added to the scores:
        /// 0 and large negative numbers or −∞. Zeros and ones alone are refused (in up to 2²² elements, and unless the mask requires a gradient): truth
        /// values are meant, mask > 0.
        /// </param>
        /// <param name="isCausal">Whether query i may attend to keys 0 … i only, in addition to what the mask says.</param>
        /// <param name="scale">What scores are multiplied by; 1/√size if not given.</param>
        /// <param name="dropout">The chance of a weight to be dropped; the others are divided by 1 − dropout. Drop in training only.</param>
        /// <param name="generator">Where the choice of what to drop comes from; <see cref="Generator.Default"/> if not given.</param>
        /// <returns>[..., queries, width].</returns>
        /// <exception cref="ShapeException">The shapes don't fit.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point, or the mask holds 0 and 1 instead of truth values.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The dropout is no probability, or the scale is not finite.</exception>
        public static Tensor ScaledDotProductAttention(
            Tensor query, Tensor key, Tensor value, Tensor? mask = null, bool isCausal = false, double? scale = null, double dropout = 0,
            Generator? generator = null)
        {
            const string Operation = "scaled_dot_product_attention";
            ArgumentNullException.ThrowIfNull(value);
            var lead = AttentionScores.Check(Operation, query, key, value, mask, scale);
            if (!(dropout is >= 0 and <= 1))
            {
                throw Error.Range(Operation, nameof(dropout), dropout, "from 0 to 1");
            }

            var (rows, columns) = (query.Shape[^2], key.Shape[^2]);
            Tensor[] inputs = [query.ExpandTo([.. lead, .. query.Shape[^2..]]), key.ExpandTo([.. lead, .. key.Shape[^2..]]),
                value.ExpandTo([.. lead, .. value.Shape[^2..]])];
            inputs = mask is null ? inputs : [.. inputs, mask.ExpandTo([.. lead, rows, columns])];
            var random = dropout > 0 ? AttentionScores.Reserve(generator ?? Generator.Default, lead, rows, columns) : default;
            return new Attention(isCausal, scale ?? AttentionScores.DefaultScale(query), 1 - dropout, random).Apply(inputs);
        }

        /// <summary>The weights of attention as a tensor, for looking at them: softmax(scale · Q Kᵀ + mask).</summary>
        /// <remarks>Queries that may attend to nothing get zeros. See <see cref="ScaledDotProductAttention"/>, which needs far less memory.</remarks>
        /// <param name="query">Q: [..., queries, size].</param>
        /// <param name="key">K: [..., keys, size].</param>
        /// <param name="mask">
        /// What broadcasts to [..., queries, keys]: bool, true where a query may attend to a key; or of Q's dtype, added to the scores:
        /// 0 and large negative numbers or −∞. Zeros and ones alone are refused (in up to 2²² elements, and unless the mask requires a gradient): truth
        /// values are meant, mask > 0.
        /// </param>
        /// <param name="isCausal">Whether query i may attend to keys 0 … i only, in addition to what the mask says.</param>
        /// <param name="scale">What scores are multiplied by; 1/√size if not given.</param>
        /// <returns>[..., queries, keys]; a row of weights sums up to 1.</returns>
        /// <exception cref="ShapeException">The shapes don't fit.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point, or the mask holds 0 and 1 instead of truth values.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The scale is not finite.</exception>
        public static Tensor AttentionWeights(Tensor query, Tensor key, Tensor? mask = null, bool isCausal = false, double? scale = null)
        {
            AttentionScores.Check("attention_weights", query, key, null, mask, scale);
            return AttentionScores.Weights(query.Wide, key.Wide, mask?.Wide, isCausal, scale ?? AttentionScores.DefaultScale(query)).To(query.DType);
        }

        private Tensor ExpandTo(int[] shape) => Shape.SequenceEqual(shape) ? this : Expand(shape);
    }
}
