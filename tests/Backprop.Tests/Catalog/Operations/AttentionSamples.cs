namespace Backprop.Tests.Catalog.Operations;

/// <summary>Attention and its weights. Inputs: queries, keys, values, and the mask where there is one.</summary>
internal sealed class AttentionSamples : ICatalogEntry
{
    private const string Operation = "scaled_dot_product_attention";

    /// <summary>The second query may attend to nothing.</summary>
    private static readonly Tensor Deaf = Tensor.From([true, false, true, false, false, false]).Reshape(2, 3);

    private static readonly Tensor Infinite = Tensor.From([0.5, double.NegativeInfinity, -1, double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity])
        .Reshape(2, 3);

    public IEnumerable<Sample> Samples() => [.. Plain(), .. Masked(), .. Weights()];

    public IEnumerable<ErrorCase> Errors()
    {
        ErrorCase Case(string situation, Type exception, int index, Tensor wrong, params string[] says)
        {
            Tensor[] t = [Values.Reals(2, 4, 3), Values.Others(2, 5, 3), Values.Reals(2, 5, 6), Values.Mask(4, 5)];
            t[index] = wrong;
            return new(Operation, situation, exception, t, u => Tensor.ScaledDotProductAttention(u[0], u[1], u[2], u[3]), says);
        }

        yield return Case("a query that is a vector", typeof(ShapeException), 0, Values.Reals(3), "query", "[3]", "[..., positions, size]");
        yield return Case("keys of another size", typeof(ShapeException), 1, Values.Reals(2, 5, 4), "[2, 4, 3]", "[2, 5, 4]", "3 ≠ 4");
        yield return Case("fewer values than keys", typeof(ShapeException), 2, Values.Reals(2, 4, 6), "[2, 5, 3]", "[2, 4, 6]", "5 ≠ 4");
        yield return Case("leading axes that do not broadcast", typeof(ShapeException), 0, Values.Reals(3, 4, 3), "[3]", "[2]", "query", "key");
        yield return Case("values of another batch", typeof(ShapeException), 2, Values.Reals(3, 5, 6), "[3]", "[2]", "value");
        yield return Case("a mask for other keys", typeof(ShapeException), 3, Values.Mask(4, 4), "[4, 4]", "[2, 4, 5]", "[..., queries, keys]");
        yield return Case("a mask that would add queries", typeof(ShapeException), 3, Values.Mask(4, 5, 5), "[4, 5, 5]", "[2, 4, 5]");
        yield return Case("a mask of integers", typeof(DTypeException), 3, Values.Positions(2, 4, 5), "int64", "bool (true: may attend) or float64");
        yield return Case("a mask of another dtype", typeof(DTypeException), 3, Values.Reals(4, 5).To(DType.Float32), "float32", "float64");
        yield return Case("a mask of truth values in numbers", typeof(DTypeException), 3, Values.Mask(4, 5).To(DType.Float64),
            "float64 [4, 5]", "only 0 and 1", "mask > 0");
        yield return Case("integers", typeof(DTypeException), 0, Values.Positions(3, 2, 4, 3), "int64", "To(DType.Float32)");
        yield return Case("keys of another dtype", typeof(DTypeException), 1, Values.Reals(2, 5, 3).To(DType.Float32), "float32", "float64");
        Tensor[] three = [Values.Reals(4, 3), Values.Others(5, 3), Values.Reals(5, 6)];
        yield return new(Operation, "a dropout above 1", typeof(ArgumentOutOfRangeException), three,
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2], dropout: 1.5), ["dropout", "1.5", "from 0 to 1"]);
        yield return new(Operation, "a scale that is no number", typeof(ArgumentOutOfRangeException), three,
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2], scale: double.NaN), ["scale", "NaN", "finite"]);
        yield return new("attention_weights", "keys of another size", typeof(ShapeException), [Values.Reals(4, 3), Values.Reals(5, 4)],
            t => Tensor.AttentionWeights(t[0], t[1]), ["[4, 3]", "[5, 4]"]);
        yield return new("attention_weights", "a scale without end", typeof(ArgumentOutOfRangeException), three,
            t => Tensor.AttentionWeights(t[0], t[1], scale: double.PositiveInfinity), ["scale", "finite"]);
    }

    private static IEnumerable<Sample> Plain() =>
    [
        new(Operation, "plain", [Values.Reals(3, 2), Values.Others(4, 2), Values.Reals(4, 3)], t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2]))
        {
            Large = () => [Values.Reals(3, 150, 16), Values.Others(3, 600, 16), Values.Reals(3, 600, 24)],
        },
        new(Operation, "causal, a scale", [Values.Reals(2, 3, 2), Values.Others(2, 3, 2), Values.Reals(2, 3, 1)],
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2], isCausal: true, scale: 0.4))
        {
            Large = () => [Values.Reals(3, 400, 16), Values.Others(3, 400, 16), Values.Reals(3, 400, 16)],
        },
        new(Operation, "causal, more queries than keys", [Values.Reals(4, 2), Values.Others(2, 2), Values.Reals(2, 2)],
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2], isCausal: true)),
        new(Operation, "keys and values that several heads share", [Values.Reals(2, 2, 3, 1), Values.Others(2, 1, 3, 1), Values.Reals(1, 3, 2)],
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2])),
        new(Operation, "heads side by side in one row", [Values.Reals(3, 4), Values.Others(3, 4), Values.Reals(3, 4)],
            t => Tensor.ScaledDotProductAttention(Heads(t[0]), Heads(t[1]), Heads(t[2]))),
        new(Operation, "dropout", [Values.Reals(2, 3, 2), Values.Others(2, 4, 2), Values.Reals(2, 4, 2)],
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2], dropout: 0.4, generator: new Generator(5)))
        {
            Large = () => [Values.Reals(3, 150, 16), Values.Others(3, 600, 16), Values.Reals(3, 600, 24)],
        },
        new(Operation, "one query, one key", [Values.Reals(1, 2), Values.Others(1, 2), Values.Reals(1, 2)],
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2])),
        new(Operation, "no keys", [Values.Reals(2, 2), Values.Others(0, 2), Values.Reals(0, 3)], t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2])),
        new(Operation, "no queries", [Values.Reals(0, 2), Values.Others(2, 2), Values.Reals(2, 3)],
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2])),
        new(Operation, "queries of size 0", [Values.Reals(2, 0), Values.Others(3, 0), Values.Reals(3, 2)],
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2])),
    ];

    private static IEnumerable<Sample> Masked() =>
    [
        new(Operation, "a mask of truth values, a query without keys", [Values.Reals(2, 2, 2), Values.Others(2, 3, 2), Values.Reals(2, 3, 2), Deaf],
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2], t[3])),
        new(Operation, "an added mask", [Values.Reals(2, 2, 2), Values.Others(2, 3, 2), Values.Reals(2, 3, 2), Values.Others(1, 3)],
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2], t[3]))
        {
            Large = () => [Values.Reals(3, 150, 16), Values.Others(3, 600, 16), Values.Reals(3, 600, 24), Values.Others(150, 600)],
        },
        new(Operation, "a mask that adds −∞", [Values.Reals(2, 2), Values.Others(3, 2), Values.Reals(3, 2)],
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2], Infinite.To(t[0].DType))),
        new(Operation, "a mask for each head, causal, dropout", [Values.Reals(3, 2), Values.Others(3, 2), Values.Reals(3, 2), Values.Mask(2, 3, 3)],
            t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2], t[3], isCausal: true, dropout: 0.3, generator: new Generator(8))),
    ];

    private static IEnumerable<Sample> Weights() =>
    [
        new("attention_weights", "plain", [Values.Reals(3, 2), Values.Others(4, 2)], t => Tensor.AttentionWeights(t[0], t[1])) { IsComposite = true },
        new("attention_weights", "causal, masked", [Values.Reals(2, 2, 2), Values.Others(2, 3, 2), Deaf],
            t => Tensor.AttentionWeights(t[0], t[1], t[2], isCausal: true, scale: 0.7)) { IsComposite = true },
        new("attention_weights", "an added mask", [Values.Reals(2, 2), Values.Others(3, 2), Values.Reals(3)],
            t => Tensor.AttentionWeights(t[0], t[1], t[2])) { IsComposite = true },
    ];

    /// <summary>[positions, 4] as [2, positions, 2].</summary>
    private static Tensor Heads(Tensor x) => x.Reshape(x.Shape[0], 2, 2).Transpose(0, 1);
}
