using Backprop.Layers;
using Reduction = Backprop.Layers.Reduction;

namespace Backprop.Tests.Golden;

internal static partial class GoldenOps
{
    private static void AddLosses(OpTable table)
    {
        table.One("mse_loss", c => Losses.MeanSquaredError(c.Input, c["target"], ReductionOf(c)));
        table.One("l1_loss", c => Losses.L1(c.Input, c["target"], ReductionOf(c)));
        table.One("huber_loss", c => Losses.Huber(c.Input, c["target"], c.Arguments.Number("delta", 1), ReductionOf(c)));
        table.One("smooth_l1_loss", c => Losses.SmoothL1(c.Input, c["target"], c.Arguments.Number("beta", 1), ReductionOf(c)));
        table.One("binary_cross_entropy_with_logits", c =>
            Losses.BinaryCrossEntropyWithLogits(c.Input, c["target"], c.Optional("weight"), c.Optional("pos_weight"), ReductionOf(c)));
        table.One("nll_loss", c => Losses.NegativeLogLikelihood(c.Input, c["target"], c.Optional("weight"), IgnoreIndexOf(c), ReductionOf(c)));
        table.One("cross_entropy", c => Losses.CrossEntropy(
            c.Input, c["target"], c.Optional("weight"), IgnoreIndexOf(c), c.Arguments.Number("label_smoothing", 0), ReductionOf(c)));
        AddLikelihoods(table);
        AddMargins(table);
        AddDistances(table);
    }

    private static void AddLikelihoods(OpTable table)
    {
        table.One("binary_cross_entropy", c => Losses.BinaryCrossEntropy(c.Input, c["target"], c.Optional("weight"), ReductionOf(c)));
        table.One("kl_div", c => Losses.KlDivergence(c.Input, c["target"], c.Arguments.Flag("log_target"), ReductionOf(c)));
        table.One("kl_div_batchmean", c => Losses.KlDivergence(c.Input, c["target"], c.Arguments.Flag("log_target"), ReductionOf(c)));
        table.One("poisson_nll_loss", c => Losses.PoissonNll(
            c.Input, c["target"], c.Arguments.Flag("log_input"), c.Arguments.Flag("full"), c.Arguments.Number("eps", 1e-8), ReductionOf(c)));
        table.One("gaussian_nll_loss", c => Losses.GaussianNll(
            c.Input, c["target"], c["var"], c.Arguments.Flag("full"), c.Arguments.Number("eps", 1e-6), ReductionOf(c)));
        table.One("ctc_loss", c => Losses.Ctc(
            c["logits"].LogSoftmax(2),
            c["targets"],
            c["input_lengths"],
            c["target_lengths"],
            c.Arguments.Integer("blank", 0),
            ReductionOf(c),
            c.Arguments.Flag("zero_infinity")));
    }

    private static void AddMargins(OpTable table)
    {
        table.One("soft_margin_loss", c => Losses.SoftMargin(c.Input, c["target"], ReductionOf(c)));
        table.One("hinge_embedding_loss", c => Losses.HingeEmbedding(c.Input, c["target"], c.Arguments.Number("margin", 1), ReductionOf(c)));
        table.One("margin_ranking_loss", c =>
            Losses.MarginRanking(c["input1"], c["input2"], c["target"], c.Arguments.Number("margin", 0), ReductionOf(c)));
        table.One("multi_margin_loss", c => Losses.MultiMargin(
            c.Input, c["target"], c.Arguments.Integer("p", 1), c.Arguments.Number("margin", 1), c.Optional("weight"), ReductionOf(c)));
    }

    private static void AddDistances(OpTable table)
    {
        table.One("cosine_similarity", c => c["x1"].CosineSimilarity(c["x2"], c.Axis, c.Arguments.Number("eps", 1e-8)));
        table.One("pairwise_distance", c =>
            c["x1"].PairwiseDistance(c["x2"], c.Arguments.Number("p", 2), c.Arguments.Number("eps", 1e-6), c.KeepDimensions));
        table.One("cosine_embedding_loss", c =>
            Losses.CosineEmbedding(c["input1"], c["input2"], c["target"], c.Arguments.Number("margin", 0), ReductionOf(c)));
        table.One("triplet_margin_loss", c => Losses.TripletMargin(
            c["anchor"],
            c["positive"],
            c["negative"],
            c.Arguments.Number("margin", 1),
            c.Arguments.Number("p", 2),
            c.Arguments.Number("eps", 1e-6),
            c.Arguments.Flag("swap"),
            ReductionOf(c)));
    }

    private static long IgnoreIndexOf(GoldenCall c) => c.Arguments.Integer("ignore_index", (int)Losses.DefaultIgnoreIndex);

    private static Reduction ReductionOf(GoldenCall c) => c.Arguments.Text("reduction", "mean") switch
    {
        "mean" => Reduction.Mean,
        "sum" => Reduction.Sum,
        "none" => Reduction.None,
        "batchmean" => Reduction.BatchMean,
        var other => throw new NotSupportedException($"The golden files know no reduction '{other}'."),
    };
}
