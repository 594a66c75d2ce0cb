using Backprop.Layers;
using Reduction = Backprop.Layers.Reduction;

namespace Backprop.Tests.Catalog.Operations;

/// <summary>Losses with margins, distances of vectors, and what is made of them.</summary>
internal sealed class MarginLossSamples : ICatalogEntry
{
    private static readonly Type shape = typeof(ShapeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type range = typeof(ArgumentOutOfRangeException);

    public IEnumerable<Sample> Samples() => [.. Signs(), .. Classes(), .. Distances(), .. Vectors()];

    public IEnumerable<ErrorCase> Errors() => [.. SignErrors(), .. ClassErrors(), .. DistanceErrors(), .. VectorErrors()];

    private static IEnumerable<Sample> Signs() =>
    [
        Constant(1, Of("soft_margin", "the mean", [Values.Reals(3, 4), Targets(3, 4)], t => Losses.SoftMargin(t[0], t[1]))) with
        {
            Large = () => [Values.Reals(150, 200), Targets(150, 200)],
        },
        Constant(1, Of("soft_margin", "each", [Values.Reals(5), Targets(5)], t => Losses.SoftMargin(t[0], t[1], Reduction.None))),
        Constant(1, Of("hinge_embedding", "the mean", [Values.Reals(3, 4), Targets(3, 4)], t => Losses.HingeEmbedding(t[0], t[1]))),
        Constant(1, Of("hinge_embedding", "a margin, each", [Values.Reals(5), Targets(5)],
            t => Losses.HingeEmbedding(t[0], t[1], 0.4, Reduction.None))),
        Constant(2, Of("margin_ranking", "the mean", [Values.Reals(6), Values.Others(6), Targets(6)], t => Losses.MarginRanking(t[0], t[1], t[2]))),
        Constant(2, Of("margin_ranking", "a margin, the sum", [Values.Reals(2, 3), Values.Others(2, 3), Targets(2, 3)],
            t => Losses.MarginRanking(t[0], t[1], t[2], 0.7, Reduction.Sum))),
    ];

    private static IEnumerable<Sample> Classes() =>
    [
        Of("multi_margin", "the mean", [Values.Reals(4, 3), Values.Positions(3, 4)], t => Losses.MultiMargin(t[0], t[1])),
        Constant(1, Of("multi_margin", "squares, a margin and weights, each", [Values.Reals(4, 3), Values.Positives(3), Values.Positions(3, 4)],
            t => Losses.MultiMargin(t[0], t[2], 2, 0.6, t[1], Reduction.None))),
        Of("multi_margin", "a single sample", [Values.Reals(5), Tensor.Scalar(3L)], t => Losses.MultiMargin(t[0], t[1])),
        Of("multi_margin", "an axis more", [Values.Reals(2, 3, 2), Values.Positions(3, 2, 2)], t => Losses.MultiMargin(t[0], t[1], reduction: Reduction.Sum)),
        Of("multi_label_margin", "two, one and no labels", [Values.Reals(3, 4), Tensor.From([3L, 0, -1, 1, 2, -1, 0, 0, -1, 0, 0, 0], 3, 4)],
            t => Losses.MultiLabelMargin(t[0], t[1])),
        Of("multi_label_margin", "a single sample", [Values.Reals(4), Tensor.From([1L, 3, -1, -1])],
            t => Losses.MultiLabelMargin(t[0], t[1], Reduction.None)),
        Of("multi_label_soft_margin", "the mean", [Values.Reals(3, 4), Values.Probabilities(3, 4)], t => Losses.MultiLabelSoftMargin(t[0], t[1])),
        Constant(2, Of("multi_label_soft_margin", "weights, each", [Values.Reals(3, 2), Values.Probabilities(3, 2), Values.Positives(2)],
            t => Losses.MultiLabelSoftMargin(t[0], t[1], t[2], Reduction.None))),
    ];

    private static IEnumerable<Sample> Distances() =>
    [
        Of("cosine_similarity", "rows", [Values.Reals(3, 4), Values.Others(3, 4)], t => t[0].CosineSimilarity(t[1])) with
        {
            Large = () => [Values.Reals(300, 100), Values.Others(300, 100)],
        },
        Of("cosine_similarity", "the first axis", [Values.Reals(3, 2, 2), Values.Others(3, 2, 2)], t => t[0].CosineSimilarity(t[1], axis: 0)),
        Of("cosine_similarity", "every row with every row", [Values.Reals(2, 1, 3), Values.Others(4, 3)], t => t[0].CosineSimilarity(t[1])),
        Of("cosine_similarity", "an axis that only one has", [Values.Reals(3, 2), Values.Others(2)], t => t[0].CosineSimilarity(t[1], axis: 0)),
        Of("pairwise_distance", "Euclid's", [Values.Reals(3, 4), Values.Others(3, 4)], t => t[0].PairwiseDistance(t[1])) with
        {
            Large = () => [Values.Reals(300, 100), Values.Others(300, 100)],
        },
        Of("pairwise_distance", "in blocks, the axis kept", [Values.Reals(2, 3), Values.Others(2, 3)],
            t => t[0].PairwiseDistance(t[1], p: 1, keepDimensions: true)),
        Of("pairwise_distance", "the third power", [Values.Reals(2, 3), Values.Others(2, 3)], t => t[0].PairwiseDistance(t[1], p: 3)),
        Of("pairwise_distance", "the largest difference", [Values.Reals(2, 3), Values.Others(2, 3)],
            t => t[0].PairwiseDistance(t[1], double.PositiveInfinity)),
        Of("pairwise_distance", "two vectors", [Values.Reals(3), Values.Others(3)], t => t[0].PairwiseDistance(t[1], epsilon: 0)),
    ];

    private static IEnumerable<Sample> Vectors() =>
    [
        Constant(2, Of("cosine_embedding", "the mean", [Values.Reals(4, 3), Values.Others(4, 3), Targets(4)],
            t => Losses.CosineEmbedding(t[0], t[1], t[2]))),
        Constant(2, Of("cosine_embedding", "a margin, each", [Values.Reals(4, 3), Values.Others(4, 3), Targets(4)],
            t => Losses.CosineEmbedding(t[0], t[1], t[2], -0.3, Reduction.None))),
        Constant(2, Of("cosine_embedding", "a single pair", [Values.Reals(3), Values.Others(3), Targets()],
            t => Losses.CosineEmbedding(t[0], t[1], t[2]))),
        Of("triplet_margin", "the mean", [Values.Reals(3, 3), Values.Others(3, 3), Values.Positives(3, 3)], t => Losses.TripletMargin(t[0], t[1], t[2])),
        Of("triplet_margin", "swapped, in blocks, each", [Values.Reals(3, 3), Values.Others(3, 3), Values.Positives(3, 3)],
            t => Losses.TripletMargin(t[0], t[1], t[2], margin: 2, p: 1, swap: true, reduction: Reduction.None)),
        Of("triplet_margin", "a distance of one's own", [Values.Reals(3, 3), Values.Others(3, 3), Values.Positives(3, 3)],
            t => Losses.TripletMargin(t[0], t[1], t[2], (x, y) => 1 - x.CosineSimilarity(y), swap: true, reduction: Reduction.Sum)),
    ];

    private static IEnumerable<ErrorCase> SignErrors() =>
    [
        new("soft_margin", "a target of 0", range, [F(2), Tensor.From([1f, 0f])], t => Losses.SoftMargin(t[0], t[1]), ["target is 0 at position 1", "1 or -1"]),
        new("soft_margin", "shapes that would broadcast", shape, [F(2), F(2, 1)], t => Losses.SoftMargin(t[0], t[1]), ["[2]", "[2, 1]"]),
        new("soft_margin", "integer targets", type, [F(2), I(2)], t => Losses.SoftMargin(t[0], t[1]), ["int64"]),
        new("hinge_embedding", "a target of 2", range, [F(2), Tensor.From([2f, 1f])], t => Losses.HingeEmbedding(t[0], t[1]), ["target is 2 at position 0"]),
        new("hinge_embedding", "a margin that is none", range, [F(2), F(2)], t => Losses.HingeEmbedding(t[0], t[1], double.NaN), ["margin is NaN", "finite"]),
        new("hinge_embedding", "shapes that would broadcast", shape, [F(2), F()], t => Losses.HingeEmbedding(t[0], t[1]), ["[2]", "[]"]),
        new("hinge_embedding", "dtypes that differ", type, [F(2), D(2)], t => Losses.HingeEmbedding(t[0], t[1]), ["float32", "float64"]),
        new("margin_ranking", "a target of 0", range, [D(2), D(2), Tensor.From([1.0, 0.0])], t => Losses.MarginRanking(t[0], t[1], t[2]), ["position 1"]),
        new("margin_ranking", "targets that would broadcast", shape, [F(2), F(2), F(1)], t => Losses.MarginRanking(t[0], t[1], t[2]), ["[2]", "[1]"]),
        new("margin_ranking", "a margin that is none", range, [F(2), F(2), F(2)],
            t => Losses.MarginRanking(t[0], t[1], t[2], double.NegativeInfinity), ["margin is -Infinity"]),
        new("margin_ranking", "integers", type, [I(2), I(2), I(2)], t => Losses.MarginRanking(t[0], t[1], t[2]), ["int64"]),
    ];

    private static IEnumerable<ErrorCase> ClassErrors() =>
    [
        new("multi_margin", "a label that is no class", range, [F(2, 3), Tensor.From([0L, 3L])],
            t => Losses.MultiMargin(t[0], t[1]), ["label 3 at position 1", "from 0 to 2."]),
        new("multi_margin", "the third power", range, [F(2, 3), I(2)], t => Losses.MultiMargin(t[0], t[1], 3), ["p is 3", "1 or 2"]),
        new("multi_margin", "a margin that is none", range, [F(2, 3), I(2)], t => Losses.MultiMargin(t[0], t[1], 1, double.NaN), ["margin", "finite"]),
        new("multi_margin", "weights of other classes", shape, [F(2, 3), I(2), F(2)], t => Losses.MultiMargin(t[0], t[1], weight: t[2]), ["[2]", "[3]"]),
        new("multi_margin", "labels of other samples", shape, [F(2, 3), I(3)], t => Losses.MultiMargin(t[0], t[1]), ["[3]", "[2, 3]"]),
        new("multi_margin", "labels that are no integers", type, [F(2, 3), F(2)], t => Losses.MultiMargin(t[0], t[1]), ["float32", "int64"]),
        new("multi_margin", "a scalar", shape, [F(), I()], t => Losses.MultiMargin(t[0], t[1]), ["[]", "[N, C]"]),
        new("multi_label_margin", "a label that is no class", range, [F(2, 2), Tensor.From([0L, -1, 1, 2], 2, 2)],
            t => Losses.MultiLabelMargin(t[0], t[1]), ["label is 2", "from 0 to 1", "sample 1, position 1"]),
        new("multi_label_margin", "labels of other samples", shape, [F(2, 3), I(2)], t => Losses.MultiLabelMargin(t[0], t[1]), ["[2]", "[2, 3]"]),
        new("multi_label_margin", "an axis too many", shape, [F(2, 3, 2), I(2, 3, 2)], t => Losses.MultiLabelMargin(t[0], t[1]), ["[2, 3, 2]", "[N, C]"]),
        new("multi_label_margin", "labels that are no integers", type, [F(2, 3), F(2, 3)], t => Losses.MultiLabelMargin(t[0], t[1]), ["float32", "int64"]),
        new("multi_label_soft_margin", "weights of other classes", shape, [F(2, 3), F(2, 3), F(2)],
            t => Losses.MultiLabelSoftMargin(t[0], t[1], t[2]), ["[2]", "[3]"]),
        new("multi_label_soft_margin", "a scalar", shape, [F(), F()], t => Losses.MultiLabelSoftMargin(t[0], t[1]), ["[]", "[N, C]"]),
        new("multi_label_soft_margin", "integer targets", type, [F(2, 3), I(2, 3)], t => Losses.MultiLabelSoftMargin(t[0], t[1]), ["int64"]),
    ];

    private static IEnumerable<ErrorCase> DistanceErrors() =>
    [
        new("cosine_similarity", "shapes that don't broadcast", shape, [F(2, 3), F(2)], t => t[0].CosineSimilarity(t[1]), ["[2, 3]", "[2]"]),
        new("cosine_similarity", "no such axis", range, [F(2, 3), F(2, 3)], t => t[0].CosineSimilarity(t[1], axis: 2), ["axis 2", "rank 2"]),
        new("cosine_similarity", "scalars", range, [F(), F()], t => t[0].CosineSimilarity(t[1]), ["scalar"]),
        new("cosine_similarity", "no epsilon", range, [F(2), F(2)], t => t[0].CosineSimilarity(t[1], epsilon: 0), ["epsilon is 0"]),
        new("cosine_similarity", "integers", type, [I(2), I(2)], t => t[0].CosineSimilarity(t[1]), ["int64"]),
        new("pairwise_distance", "shapes that would broadcast", shape, [F(2, 3), F(3)], t => t[0].PairwiseDistance(t[1]), ["[2, 3]", "[3]"]),
        new("pairwise_distance", "scalars", shape, [F(), F()], t => t[0].PairwiseDistance(t[1]), ["[]", "[N, D]"]),
        new("pairwise_distance", "no power", range, [F(2), F(2)], t => t[0].PairwiseDistance(t[1], p: 0), ["p is 0", "above 0"]),
        new("pairwise_distance", "a negative epsilon", range, [F(2), F(2)], t => t[0].PairwiseDistance(t[1], epsilon: -1), ["epsilon is -1"]),
        new("pairwise_distance", "dtypes that differ", type, [F(2), D(2)], t => t[0].PairwiseDistance(t[1]), ["float32", "float64"]),
    ];

    private static IEnumerable<ErrorCase> VectorErrors() =>
    [
        new("cosine_embedding", "targets of other pairs", shape, [F(2, 3), F(2, 3), F(3)],
            t => Losses.CosineEmbedding(t[0], t[1], t[2]), ["target [3]", "[2]"]),
        new("cosine_embedding", "scalars", shape, [F(), F(), F()], t => Losses.CosineEmbedding(t[0], t[1], t[2]), ["[]", "[N, D]"]),
        new("cosine_embedding", "a target of 0", range, [F(2, 3), F(2, 3), Tensor.Zeros([2])],
            t => Losses.CosineEmbedding(t[0], t[1], t[2]), ["target is 0 at position 0"]),
        new("cosine_embedding", "a margin above 1", range, [F(2, 3), F(2, 3), F(2)],
            t => Losses.CosineEmbedding(t[0], t[1], t[2], 1.5), ["margin is 1.5", "from -1 to 1"]),
        new("cosine_embedding", "integer targets", type, [F(2, 3), F(2, 3), I(2)], t => Losses.CosineEmbedding(t[0], t[1], t[2]), ["int64"]),
        new("triplet_margin", "a negative of another shape", shape, [F(2, 3), F(2, 3), F(3)],
            t => Losses.TripletMargin(t[0], t[1], t[2]), ["anchor [2, 3]", "negative [3]"]),
        new("triplet_margin", "scalars", shape, [F(), F(), F()], t => Losses.TripletMargin(t[0], t[1], t[2]), ["[]", "[N, D]"]),
        new("triplet_margin", "no margin", range, [F(2), F(2), F(2)], t => Losses.TripletMargin(t[0], t[1], t[2], 0), ["margin is 0"]),
        new("triplet_margin", "no power", range, [F(2), F(2), F(2)], t => Losses.TripletMargin(t[0], t[1], t[2], p: -1), ["p is -1"]),
        new("triplet_margin", "dtypes that differ", type, [F(2), D(2), F(2)], t => Losses.TripletMargin(t[0], t[1], t[2]), ["float32", "float64"]),
        new("triplet_margin", "distances of two shapes", shape, [F(2, 3), F(2, 3), F(2, 3)],
            t => Losses.TripletMargin(t[0], t[1], t[2], (x, y) => ReferenceEquals(y, t[1]) ? x.Sum() : x.Sum(1)), ["[]", "[2]"]),
    ];

    private static Sample Of(string operation, string situation, Tensor[] inputs, Func<Tensor[], Tensor> call) =>
        new(operation, situation, inputs, call) { IsComposite = true };

    private static Sample Constant(int input, Sample sample) => sample with { Constants = [input] };

    /// <summary>1 and −1.</summary>
    private static Tensor Targets(params ReadOnlySpan<int> sizes) => Tensor.Where(Values.Mask(sizes), Tensor.Ones(sizes, DType.Float64), -1);

    private static Tensor F(params ReadOnlySpan<int> sizes) => Tensor.Ones(sizes);

    private static Tensor D(params ReadOnlySpan<int> sizes) => Tensor.Ones(sizes, DType.Float64);

    private static Tensor I(params ReadOnlySpan<int> sizes) => Tensor.Ones(sizes, DType.Int64);
}
