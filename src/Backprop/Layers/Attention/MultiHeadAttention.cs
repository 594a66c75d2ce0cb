namespace Backprop.Layers;

/// <summary>
/// Attention by several heads: queries, keys and values are mapped linearly, each head attends with its share of the features, and the heads' results,
/// side by side, are mapped once more (Vaswani et al., 2017). See <see cref="Tensor.ScaledDotProductAttention"/>.
/// </summary>
/// <remarks>
/// Parameters have PyTorch's names, shapes and first values: <c>in_proj_weight</c> [3 · features, features], the maps of queries, keys and values one
/// above the other (Xavier), <c>in_proj_bias</c> [3 · features] (zeros), <c>out_proj.weight</c> [features, features], <c>out_proj.bias</c> (zeros).
/// Masks have the library's sense, true where a query may attend; PyTorch's module has the opposite one.
/// </remarks>
/// <example><code>
/// var attention = new MultiHeadAttention(features: 64, heads: 8);
/// var y = attention.Forward(x);                               // each position attends to all: x, y [batch, positions, 64]
/// var z = attention.Forward(x, isCausal: true);               // and here to itself and those before
/// var (across, weights) = attention.AttendWithWeights(x, memory, memory);
/// </code></example>
public sealed class MultiHeadAttention : Module
{
    private const string Operation = "multi_head_attention";

    private readonly Linear output;
    private readonly Generator? generator;

    /// <summary>A layer with random weights.</summary>
    /// <param name="features">The size of the last axis of queries, keys, values and result; at least 1.</param>
    /// <param name="heads">How many heads share the features; a divisor of them.</param>
    /// <param name="bias">Whether biases are added.</param>
    /// <param name="dropout">The chance of a weight of attention to be dropped in training.</param>
    /// <param name="batchFirst">Whether inputs and result are [batch, positions, …] rather than [positions, batch, …].</param>
    /// <param name="generator">Where first weights and dropout come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, the heads don't divide the features, or the dropout is no probability.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public MultiHeadAttention(
        int features, int heads, bool bias = true, double dropout = 0, bool batchFirst = true, Generator? generator = null, DType dtype = DType.Float32)
    {
        TransformerSettings.CheckHeads(Operation, features, heads, dropout, dtype);
        (Features, Heads, Dropout, IsBatchFirst, this.generator) = (features, heads, dropout, batchFirst, generator);
        InWeight = Register("in_proj_weight", Initialize.XavierUniform(Parameter([checked(3 * features), features], dtype), generator: generator));
        InBias = bias ? Register("in_proj_bias", Parameter([3 * features], dtype)) : null;
        output = Register("out_proj", new Linear(features, features, bias, generator, dtype));
        if (output.Bias is { } outBias)
        {
            Initialize.Constant(outBias, 0);
        }
    }

    /// <summary>The size of the last axis of queries, keys, values and result.</summary>
    public int Features { get; }

    /// <summary>How many heads share the features.</summary>
    public int Heads { get; }

    /// <summary>The chance of a weight of attention to be dropped in training.</summary>
    public double Dropout { get; }

    /// <summary>Whether inputs and result are [batch, positions, …] rather than [positions, batch, …].</summary>
    public bool IsBatchFirst { get; }

    /// <summary>The weights of the maps of queries, keys and values, [3 · features, features].</summary>
    public Tensor InWeight { get; }

    /// <summary>Their biases, [3 · features]; null where there are none.</summary>
    public Tensor? InBias { get; }

    /// <summary>The weight of the map of the results, [features, features].</summary>
    public Tensor OutWeight => output.Weight;

    /// <summary>Its bias, [features]; null where there is none.</summary>
    public Tensor? OutBias => output.Bias;

    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"{Features}, {Heads} heads") + (InBias is null ? ", no bias" : "")
        + (Dropout > 0 ? FormattableString.Invariant($", dropout {Dropout}") : "") + (IsBatchFirst ? "" : ", positions first");

    /// <summary>Self-attention: each position attends to all of its sequence.</summary>
    /// <param name="x">[batch, positions, features], or [positions, features] for one sequence.</param>
    /// <returns>In the shape of the input.</returns>
    /// <exception cref="ShapeException">The shape doesn't fit.</exception>
    /// <exception cref="DTypeException">The dtype is not the weights'.</exception>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return Attend(x, x, x);
    }

    /// <summary>Self-attention under a mask.</summary>
    /// <param name="x">[batch, positions, features], or [positions, batch, features] where the batch is not first, or [positions, features].</param>
    /// <param name="mask">
    /// [positions, positions], or what broadcasts to [batch, heads, positions, positions]: bool, true where a position may attend to another; or of the
    /// weights' dtype, added to the scores: 0 and large negative numbers or −∞, not 0 and 1.
    /// </param>
    /// <param name="padding">[batch, positions] of bool ([positions] for one sequence), true where a position is padding, to which nothing attends.</param>
    /// <param name="isCausal">Whether a position may attend to itself and those before only.</param>
    /// <returns>In the shape of the input.</returns>
    /// <exception cref="ShapeException">The shapes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes are not the weights', the padding is not bool, or the mask holds 0 and 1 in numbers.</exception>
    public Tensor Forward(Tensor x, Tensor? mask = null, Tensor? padding = null, bool isCausal = false)
    {
        using var region = Enter();
        return Attend(x, x, x, mask, padding, isCausal);
    }

    /// <summary>The attention of queries to keys.</summary>
    /// <param name="query">[batch, queries, features], or [queries, batch, features] where the batch is not first, or [queries, features].</param>
    /// <param name="key">[batch, keys, features], or as the queries are.</param>
    /// <param name="value">[batch, keys, features], or as the queries are.</param>
    /// <param name="mask">
    /// [queries, keys], or what broadcasts to [batch, heads, queries, keys]: bool, true where a query may attend to a key; or of the weights' dtype,
    /// added to the scores: 0 and large negative numbers or −∞, not 0 and 1.
    /// </param>
    /// <param name="padding">[batch, keys] of bool ([keys] for one sequence), true where a key is padding, to which nothing attends.</param>
    /// <param name="isCausal">Whether query i may attend to keys 0 … i only.</param>
    /// <returns>In the shape of the queries. Where all keys are ruled out the heads give zeros, and the result is the bias.</returns>
    /// <exception cref="ShapeException">The shapes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes are not the weights', the padding is not bool, or the mask holds 0 and 1 in numbers.</exception>
    public Tensor Attend(Tensor query, Tensor key, Tensor value, Tensor? mask = null, Tensor? padding = null, bool isCausal = false) =>
        Finish(Prepare(query, key, value, mask, padding), isCausal);

    /// <summary>The attention of queries to keys, and the weights with which they attend, which costs memory for all pairs.</summary>
    /// <param name="query">[batch, queries, features], or [queries, batch, features] where the batch is not first, or [queries, features].</param>
    /// <param name="key">[batch, keys, features], or as the queries are.</param>
    /// <param name="value">[batch, keys, features], or as the queries are.</param>
    /// <param name="mask">As in <see cref="Attend"/>.</param>
    /// <param name="padding">[batch, keys] of bool ([keys] for one sequence), true where a key is padding, to which nothing attends.</param>
    /// <param name="isCausal">Whether query i may attend to keys 0 … i only.</param>
    /// <param name="averageHeads">Whether the weights are the mean over the heads.</param>
    /// <returns>
    /// The result, and the weights before dropout: [batch, queries, keys], or [batch, heads, queries, keys] where not averaged; without the batch for one
    /// sequence.
    /// </returns>
    /// <exception cref="ShapeException">The shapes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes are not the weights', the padding is not bool, or the mask holds 0 and 1 in numbers.</exception>
    public (Tensor Output, Tensor Weights) AttendWithWeights(
        Tensor query, Tensor key, Tensor value, Tensor? mask = null, Tensor? padding = null, bool isCausal = false, bool averageHeads = true)
    {
        var parts = Prepare(query, key, value, mask, padding);
        var weights = Tensor.AttentionWeights(parts.Query, parts.Key, parts.Mask, isCausal);
        weights = averageHeads ? weights.Mean(1) : weights;
        return (Finish(parts, isCausal), parts.IsSingle ? weights.Squeeze(0) : weights);
    }

    private Tensor Finish(in Parts parts, bool isCausal)
    {
        var y = Tensor.ScaledDotProductAttention(
            parts.Query, parts.Key, parts.Value, parts.Mask, isCausal, dropout: IsTraining ? Dropout : 0, generator: generator);

        // [batch, heads, queries, size] → [batch, queries, features], or the other way round.
        y = (IsBatchFirst ? y.Transpose(1, 2) : y.Permute(2, 0, 1, 3)).Flatten(2);
        y = output.Forward(y);
        return parts.IsSingle ? y.Squeeze(IsBatchFirst ? 0 : 1) : y;
    }

    /// <summary>Checks everything, maps, and splits into heads.</summary>
    private Parts Prepare(Tensor query, Tensor key, Tensor value, Tensor? mask, Tensor? padding)
    {
        AttentionChecks.Inputs(Operation, this, query, key, value, Location);
        var single = query.Rank == 2;
        var axis = IsBatchFirst ? 1 : 0;
        var same = (ReferenceEquals(query, key), ReferenceEquals(key, value));
        var (batch, queries, keys) = single ? (1, query.Shape[0], key.Shape[0]) : (query.Shape[1 - axis], query.Shape[axis], key.Shape[axis]);
        mask = AttentionChecks.Mask(Operation, mask, padding, [batch, Heads, queries, keys], InWeight.DType, single, Location);
        if (single)
        {
            (query, key, value) = (query.Unsqueeze(1 - axis), key.Unsqueeze(1 - axis), value.Unsqueeze(1 - axis));
        }

        Tensor[] heads = same switch
        {
            (true, true) => Mapped(query, 0, 3),
            (_, true) => [.. Mapped(query, 0, 1), .. Mapped(key, 1, 2)],
            _ => [.. Mapped(query, 0, 1), .. Mapped(key, 1, 1), .. Mapped(value, 2, 1)],
        };
        return new Parts(heads[0], heads[1], heads[2], mask, single);
    }

    /// <summary>The maps <paramref name="first"/> … of one input in one product, split into heads: [batch, heads, positions, size] each.</summary>
    private Tensor[] Mapped(Tensor x, int first, int count)
    {
        var weight = count == 3 ? InWeight : InWeight.Narrow(0, first * Features, count * Features);
        var bias = count == 3 || InBias is null ? InBias : InBias.Narrow(0, first * Features, count * Features);
        var all = Tensor.Linear(x, weight, bias).Reshape(x.Shape[0], x.Shape[1], count, Heads, Features / Heads);

        // The permutation comes first: in the gradient the parts are then written side by side, and put in order by one copy.
        all = IsBatchFirst ? all.Permute(2, 0, 3, 1, 4) : all.Permute(2, 1, 3, 0, 4);
        var results = new Tensor[count];
        for (var i = 0; i < count; i++)
        {
            results[i] = all.Select(0, i);
        }

        return results;
    }

    private readonly record struct Parts(Tensor Query, Tensor Key, Tensor Value, Tensor? Mask, bool IsSingle);
}
