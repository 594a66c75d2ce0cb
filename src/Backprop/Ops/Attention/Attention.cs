using System.Runtime.CompilerServices;
using Backprop.Kernels.Attention;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// softmax(scale · Q Kᵀ + mask) V for Q [..., l, e], K [..., s, e], V [..., s, v] and a mask [..., l, s] that is boolean (true: may attend) or
    /// added; all leading axes are equal. The gradient computes the weights again, block by block, so the matrix of weights is never in memory.
    /// </summary>
    internal sealed unsafe class Attention(bool isCausal, double scale, double keep, RandomStretch random) : FusedOp
    {
        private HeadStarts? queryHeads, keyHeads, valueHeads, maskHeads, outputHeads, gradientHeads, queryTargets, keyTargets, valueTargets;

        private static readonly Func<Layout, bool> fits = AttentionPart.Fits;

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
            var mask = inputs.Count == 4 ? inputs[3] : null;
            if (output.DType == DType.Float32)
            {
                Forward<float>(inputs[0], inputs[1], inputs[2], mask, output);
            }
            else
            {
                Forward<double>(inputs[0], inputs[1], inputs[2], mask, output);
            }
        }

        /// <summary>In the order that the queries' axes have in memory: where heads were split off, they are put together again without a copy.</summary>
        private protected override Tensor Allocate(in Operands inputs, in ResultSpec spec) =>
            Tensor.Allocate(spec.Layout.InOrderOf(inputs[0].Layout), spec.DType);

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
            if (adjoint.Gradient.DType == DType.Float32)
            {
                Backward<float>(adjoint);
            }
            else
            {
                Backward<double>(adjoint);
            }
        }

        private void Forward<T>(Tensor query, Tensor key, Tensor value, Tensor? mask, Tensor output)
            where T : unmanaged
        {
            var heads = Heads(query);
            var q = AttentionPart.Operand(query, heads, ref queryHeads);
            var k = AttentionPart.Operand(key, heads, ref keyHeads);
            var v = AttentionPart.Operand(value, heads, ref valueHeads);
            var m = Mask(mask, heads);
            var o = new AttentionPart(output, heads, ref outputHeads);
            fixed (byte* pq = &First(q), pk = &First(k), pv = &First(v), pm = &First(m), po = &First(o))
            fixed (nint* aq = q.Starts, ak = k.Starts, av = v.Starts, am = m?.Starts, ao = o.Starts)
            {
                var plan = Plan(q.Tensor, v.Tensor, heads, q.Rows<T>(pq, aq), k.Rows<T>(pk, ak), v.Rows<T>(pv, av), m, pm, am);
                plan.Output = o.Rows<T>(po, ao);
                AttentionKernel.Forward(plan);
            }
        }

        private void Backward<T>(Adjoint adjoint)
            where T : unmanaged
        {
            var heads = Heads(adjoint.Input(0));
            var q = AttentionPart.Operand(adjoint.Input(0), heads, ref queryHeads);
            var k = AttentionPart.Operand(adjoint.Input(1), heads, ref keyHeads);
            var v = AttentionPart.Operand(adjoint.Input(2), heads, ref valueHeads);
            var m = Mask(adjoint.InputCount == 4 ? adjoint.Input(3) : null, heads);
            var g = AttentionPart.Operand(adjoint.Gradient, heads, ref gradientHeads);
            var dq = Target(adjoint, 0, heads, ref queryTargets);
            var dk = Target(adjoint, 1, heads, ref keyTargets);
            var dv = Target(adjoint, 2, heads, ref valueTargets);
            var masks = adjoint.InputCount == 4 && adjoint.Needs(3) ? adjoint.ZeroedBuffer(3) : null;
            fixed (byte* pq = &First(q), pk = &First(k), pv = &First(v), pm = &First(m), pg = &First(g), tq = &First(dq), tk = &First(dk), tv = &First(dv),
                tm = masks is null ? [] : masks.Bytes())
            fixed (nint* aq = q.Starts, ak = k.Starts, av = v.Starts, am = m?.Starts, ag = g.Starts, bq = dq?.Starts, bk = dk?.Starts, bv = dv?.Starts)
            {
                var plan = Plan(q.Tensor, v.Tensor, heads, q.Rows<T>(pq, aq), k.Rows<T>(pk, ak), v.Rows<T>(pv, av), m, pm, am);
                plan.Gradient = g.Rows<T>(pg, ag);
                plan.QueryGradient = dq is null ? default : dq.Value.Rows<T>(tq, bq);
                plan.KeyGradient = dk is null ? default : dk.Value.Rows<T>(tk, bk);
                plan.ValueGradient = dv is null ? default : dv.Value.Rows<T>(tv, bv);
                plan.MaskGradient = (T*)tm;
                AttentionKernel.Backward(plan);
            }
        }

        private AttentionPlan<T> Plan<T>(
            Tensor query, Tensor value, int heads, HeadRows<T> queries, HeadRows<T> keys, HeadRows<T> values, AttentionPart? mask, byte* maskStart,
            nint* maskStarts)
            where T : unmanaged
        {
            var plan = new AttentionPlan<T>
            {
                Heads = heads,
                Rows = query.Shape[^2],
                Columns = value.Shape[^2],
                Inner = query.Shape[^1],
                Width = value.Shape[^1],
                Query = queries,
                Key = keys,
                Value = values,
                Scale = scale,
                Causal = isCausal,
                Keep = keep,
                Seed = random.Begin.Seed,
                Counter = random.Begin.Counter,
            };
            if (mask?.Tensor is { } given)
            {
                plan.Allowed = given.DType == DType.Bool ? maskStart : null;
                plan.Added = given.DType == DType.Bool ? null : (T*)maskStart;
                plan.MaskAt = maskStarts;
                plan.MaskRow = given.Strides[^2];
                plan.MaskColumn = given.Strides[^1];
            }

            return plan;
        }

        /// <summary>All leading axes together.</summary>
        private int Heads(Tensor query) => Layout.CheckedCount(Name, query.Shape[..^2]);

        /// <summary>Where the gradient of an input is added; null where nobody wants it.</summary>
        private static AttentionPart? Target(Adjoint adjoint, int index, int heads, ref HeadStarts? known) =>
            adjoint.Needs(index) ? new AttentionPart(adjoint.PlaceToAdd(index, null, fits), heads, ref known) : null;

        private AttentionPart? Mask(Tensor? mask, int heads)
        {
            mask?.CheckAlive();
            return mask is null ? null : new AttentionPart(mask, heads, ref maskHeads);
        }

        private static ref byte First(AttentionPart? part)
        {
            if (part is null)
            {
                return ref Unsafe.NullRef<byte>();
            }

            return ref part.Value.Tensor.Storage.First();
        }
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
            var random = AttentionScores.Reserve(dropout > 0 ? generator ?? Generator.Default : null, lead, rows, columns);
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
