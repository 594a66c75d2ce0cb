namespace Backprop.Tests.Catalog.Operations;

/// <summary>Tables of rows, bags of rows, and bilinear maps.</summary>
internal sealed class EmbeddingSamples : ICatalogEntry
{
    private static readonly Type shape = typeof(ShapeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type range = typeof(ArgumentOutOfRangeException);

    public IEnumerable<Sample> Samples() =>
    [
        new("embedding", "a matrix of positions", [Values.Positions(5, 2, 3), Values.Reals(5, 4)], t => Tensor.Embedding(t[0], t[1]))
        {
            IsComposite = true,
            Large = () => [Values.Positions(900, 40, 30), Values.Reals(900, 40)],
        },
        new("embedding", "one position", [Tensor.Scalar(2L), Values.Reals(3, 4)], t => Tensor.Embedding(t[0], t[1])) { IsComposite = true },
        new("scaled_gradient", "no row occurs twice, none is padding", [Positions(3, 0, 2), Values.Reals(5, 3)],
            t => Tensor.Embedding(t[0], t[1], paddingIndex: 4, scaleGradientByFrequency: true)),
        new("embedding_shares", "no row occurs twice, none is padding", [Positions(3, 0, 2), Values.Reals(5, 3)],
            t => Tensor.Embedding(t[0], t[1], paddingIndex: 4, scaleGradientByFrequency: true))
        {
            Large = () => [Values.Positions(900, 40, 30), Values.Reals(900, 40)],
        },
        new("embedding_bag", "means", [Values.Positions(5, 2, 3), Values.Reals(5, 3)], t => Tensor.EmbeddingBag(t[0], t[1])) { IsComposite = true },
        new("embedding_bag", "sums with weights and offsets", [Positions(4, 0, 2, 2, 1), Values.Reals(5, 3), Positions(0, 2, 2), Values.Others(5)],
            t => Tensor.EmbeddingBag(t[0], t[1], t[2], BagMode.Sum, t[3]))
        {
            IsComposite = true,
        },
        new("embedding_bag", "the largest, with padding and an empty bag", [Positions(4, 0, 2, 2, 1), Values.Reals(5, 3), Positions(0, 2, 2, 5)],
            t => Tensor.EmbeddingBag(t[0], t[1], t[2], BagMode.Max, includeLastOffset: true, paddingIndex: 2))
        {
            IsComposite = true,
        },
        new("bilinear", "with a bias", [Values.Reals(3, 2), Values.Others(3, 4), Values.Reals(2, 2, 4), Values.Others(2)],
            t => Tensor.Bilinear(t[0], t[1], t[2], t[3]))
        {
            IsComposite = true,
            Large = () => [Values.Reals(90, 20), Values.Others(90, 25), Values.Reals(30, 20, 25), Values.Others(30)],
        },
        new("bilinear", "two vectors", [Values.Reals(2), Values.Others(3), Values.Reals(2, 2, 3)], t => Tensor.Bilinear(t[0], t[1], t[2]))
        {
            IsComposite = true,
        },
    ];

    public IEnumerable<ErrorCase> Errors() =>
    [
        new("embedding", "a position beyond the table", range, [Positions(1, 5), Values.Reals(5, 2)], t => Tensor.Embedding(t[0], t[1]),
            ["position 5 at [1] of the input [2]", "from 0 to 4, for 5 entries"]),
        new("embedding", "a negative position", range, [Positions(1, 0, 2, -1).Reshape(2, 2), Values.Reals(5, 2)],
            t => Tensor.Embedding(t[0], t[1], paddingIndex: -1), ["position -1 at [1, 1] of the input [2, 2]", "from 0 to 4"]),
        new("embedding", "an empty table", range, [Tensor.Scalar(0L), Tensor.Zeros([0, 2])], t => Tensor.Embedding(t[0], t[1]),
            ["position 0", "the table has no entries"]),
        new("embedding_bag", "a negative position", range, [Positions(1, -2, 3), Values.Reals(5, 2), Positions(0, 1)],
            t => Tensor.EmbeddingBag(t[0], t[1], t[2]), ["position -2 at [1] of the input [3]", "from 0 to 4"]),
        new("embedding", "positions that are no integers", type, [Values.Reals(2), Values.Reals(5, 2)], t => Tensor.Embedding(t[0], t[1]), ["float64", "int64"]),
        new("embedding", "a table of integers", type, [Positions(1), Values.Positions(9, 5, 2)], t => Tensor.Embedding(t[0], t[1]), ["int64"]),
        new("embedding", "a weight of one axis", shape, [Positions(1), Values.Reals(5)], t => Tensor.Embedding(t[0], t[1]), ["[5]", "[entries, features]"]),
        new("embedding", "padding beyond the table", range, [Positions(1), Values.Reals(5, 2)], t => Tensor.Embedding(t[0], t[1], 5), ["paddingIndex", "5", "4"]),
        new("embedding", "a norm of 0", range, [Positions(1), Values.Reals(5, 2)], t => Tensor.Embedding(t[0], t[1], maxNorm: 0), ["maxNorm", "0"]),
        new("embedding_bag", "a vector without offsets", shape, [Positions(1, 2), Values.Reals(5, 2)], t => Tensor.EmbeddingBag(t[0], t[1]), ["[2]", "offsets"]),
        new("embedding_bag", "a matrix with offsets", shape, [Values.Positions(5, 2, 2), Values.Reals(5, 2), Positions(0)],
            t => Tensor.EmbeddingBag(t[0], t[1], t[2]), ["[2, 2]", "vectors"]),
        new("embedding_bag", "offsets that fall", range, [Positions(1, 2, 3), Values.Reals(5, 2), Positions(0, 2, 1)],
            t => Tensor.EmbeddingBag(t[0], t[1], t[2]), ["offset", "1", "from 2"]),
        new("embedding_bag", "offsets that don't begin at 0", range, [Positions(1, 2, 3), Values.Reals(5, 2), Positions(1)],
            t => Tensor.EmbeddingBag(t[0], t[1], t[2]), ["offset", "1", "0"]),
        new("embedding_bag", "weights of another shape", shape, [Values.Positions(5, 2, 2), Values.Reals(5, 2), Values.Reals(4)],
            t => Tensor.EmbeddingBag(t[0], t[1], mode: BagMode.Sum, perSampleWeights: t[2]), ["[4]", "[2, 2]"]),
        new("embedding_bag", "weights for a mean", typeof(ArgumentException), [Values.Positions(5, 2, 2), Values.Reals(5, 2), Values.Reals(2, 2)],
            t => Tensor.EmbeddingBag(t[0], t[1], perSampleWeights: t[2]), ["perSampleWeights", "Sum"]),
        new("embedding_bag", "no such mode", range, [Values.Positions(5, 2, 2), Values.Reals(5, 2)],
            t => Tensor.EmbeddingBag(t[0], t[1], mode: (BagMode)7), ["mode", "7"]),
        new("bilinear", "sizes that don't fit", shape, [Values.Reals(3, 2), Values.Reals(3, 2), Values.Reals(4, 2, 3)],
            t => Tensor.Bilinear(t[0], t[1], t[2]), ["[3, 2]", "[4, 2, 3]"]),
        new("bilinear", "dtypes that differ", type, [Values.Reals(3, 2), Values.Reals(3, 3), Tensor.Ones([4, 2, 3])],
            t => Tensor.Bilinear(t[0], t[1], t[2]), ["float64", "float32"]),
    ];

    private static Tensor Positions(params long[] positions) => Tensor.From(positions);
}
