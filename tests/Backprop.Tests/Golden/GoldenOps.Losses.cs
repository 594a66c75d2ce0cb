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
    }

    private static int IgnoreIndexOf(GoldenCall c) => c.Arguments.Integer("ignore_index", Losses.DefaultIgnoreIndex);

    private static Reduction ReductionOf(GoldenCall c) => c.Arguments.Text("reduction", "mean") switch
    {
        "mean" => Reduction.Mean,
        "sum" => Reduction.Sum,
        "none" => Reduction.None,
        var other => throw new NotSupportedException($"The golden files know no reduction '{other}'."),
    };
}
