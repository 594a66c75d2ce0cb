namespace Backprop.Tests.Golden;

internal static partial class GoldenOps
{
    private static void AddReductions(OpTable table)
    {
        table.One("sum", c => c.Input.Sum(c.Axes, c.KeepDimensions));
        table.One("mean", c => c.Input.Mean(c.Axes, c.KeepDimensions));
        table.One("var", c => c.Input.Variance(c.Axes, c.Arguments.Flag("unbiased", true) ? 1 : 0, c.KeepDimensions));
        table.One("std", c => c.Input.StandardDeviation(c.Axes, c.Arguments.Flag("unbiased", true) ? 1 : 0, c.KeepDimensions));
        table.One("amax", c => c.Input.Max(c.Axes, c.KeepDimensions));
        table.One("amin", c => c.Input.Min(c.Axes, c.KeepDimensions));
        table.Several("max", c => c.Axes.Length == 0
            ? [c.Input.Max()]
            : Picked(c, c.Input.ArgMax(c.Axis, keepDimensions: true), c.Input.ArgMax(c.Axis, c.KeepDimensions)));
        table.Several("min", c => c.Axes.Length == 0
            ? [c.Input.Min()]
            : Picked(c, c.Input.ArgMin(c.Axis, keepDimensions: true), c.Input.ArgMin(c.Axis, c.KeepDimensions)));
        table.One("argmax", c => c.Axes.Length == 0 ? c.Input.ArgMax() : c.Input.ArgMax(c.Axis, c.KeepDimensions));
        table.One("argmin", c => c.Axes.Length == 0 ? c.Input.ArgMin() : c.Input.ArgMin(c.Axis, c.KeepDimensions));
        table.One("softmax", c => c.Input.Softmax(c.Axis));
        table.One("log_softmax", c => c.Input.LogSoftmax(c.Axis));
        table.One("softmin", c => (-c.Input).Softmax(c.Axis));
        table.One("logsumexp", c => c.Input.LogSumExp(c.Axes, c.KeepDimensions));
        table.One("prod", c => c.Input.Product(c.Axes, c.KeepDimensions));
        table.One("norm", c => c.Input.Norm(c.Arguments.Has("p") && c.Arguments["p"].ToString() != "fro" ? c.Arguments.Number("p") : 2, c.Axes, c.KeepDimensions));
        table.One("cumsum", c => c.Input.CumSum(c.Axis));
        table.One("cumprod", c => c.Input.CumProd(c.Axis));
        table.One("logcumsumexp", c => c.Input.LogCumSumExp(c.Axis));
        table.Several("cummax", c => Both(c.Input.CumMax(c.Axis)));
        table.Several("sort", c => Both(c.Input.Sort(c.Arguments.Integer("dim", -1), c.Arguments.Flag("descending"))));
        table.One("argsort", c => c.Input.ArgSort(c.Arguments.Integer("dim", -1), c.Arguments.Flag("descending")));
        table.Several("topk", c => Both(c.Input.TopK(
            c.Arguments.Integer("k"), c.Arguments.Integer("dim", -1), c.Arguments.Flag("largest", true), c.Arguments.Flag("sorted", true))));
        table.Several("kthvalue", c => Both(c.Input.KthValue(c.Arguments.Integer("k"), c.Arguments.Integer("dim", -1), c.KeepDimensions)));
        table.Several("median", c => c.Axes.Length == 0 ? [c.Input.Median()] : Both(c.Input.Median(c.Axis, c.KeepDimensions)));
    }

    private static Tensor[] Both((Tensor Values, Tensor Indices) chosen) => [chosen.Values, chosen.Indices];

    /// <summary>The elements at the positions, and the positions: the gradient goes to the one element picked.</summary>
    private static Tensor[] Picked(GoldenCall c, Tensor kept, Tensor positions)
    {
        var values = c.Input.Gather(c.Axis, kept);
        return [c.KeepDimensions ? values : values.Squeeze(c.Axis), positions];
    }
}
