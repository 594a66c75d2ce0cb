namespace Backprop.Tests.Golden;

internal static partial class GoldenOps
{
    private static void AddNorms(OpTable table)
    {
        table.Several("batch_norm", c => WithRunning(c, (mean, variance) => c.Input.BatchNorm(
            mean, variance, c.Optional("weight"), c.Optional("bias"), c.Arguments.Flag("training"), c.Arguments.Number("momentum", 0.1), Epsilon(c))));
        table.Several("instance_norm", c => WithRunning(c, (mean, variance) => c.Input.InstanceNorm(
            c.Optional("weight"), c.Optional("bias"), mean, variance, c.Arguments.Flag("use_input_stats", true), c.Arguments.Number("momentum", 0.1),
            Epsilon(c))));
        table.One("layer_norm", c => c.Input.LayerNorm(c.Arguments.Integers("normalized_shape"), c.Optional("weight"), c.Optional("bias"), Epsilon(c)));
        table.One("rms_norm", c => c.Input.RmsNorm(c.Arguments.Integers("normalized_shape"), c.Optional("weight"), c.Arguments.Number("eps")));
        table.One("group_norm", c => c.Input.GroupNorm(c.Arguments.Integer("num_groups"), c.Optional("weight"), c.Optional("bias"), Epsilon(c)));
        table.One("normalize", c => c.Input.Normalize(c.Arguments.Number("p", 2), c.Arguments.Integer("dim", 1), c.Arguments.Number("eps", 1e-12)));
        table.One("local_response_norm", c => c.Input.LocalResponseNorm(
            c.Arguments.Integer("size"), c.Arguments.Number("alpha", 1e-4), c.Arguments.Number("beta", 0.75), c.Arguments.Number("k", 1)));
        table.One("embedding", c => Tensor.Embedding(
            c.Input, c["weight"], c.Arguments.Has("padding_idx") ? c.Arguments.Integer("padding_idx") : null));
        table.One("embedding_bag", c => Tensor.EmbeddingBag(c.Input, c["weight"], mode: Enum.Parse<BagMode>(c.Arguments.Text("mode", "mean"), true)));
        table.One("bilinear", c => Tensor.Bilinear(c["input1"], c["input2"], c["weight"], c.Optional("bias")));
    }

    private static double Epsilon(GoldenCall c) => c.Arguments.Number("eps", 1e-5);

    /// <summary>The result, and the running statistics where they are given, which the call may have moved.</summary>
    private static Tensor[] WithRunning(GoldenCall c, Func<Tensor?, Tensor?, Tensor> call)
    {
        var (mean, variance) = (c.Optional("running_mean")?.Clone(), c.Optional("running_var")?.Clone());
        var result = call(mean, variance);
        return mean is null || variance is null ? [result] : [result, mean, variance];
    }
}
