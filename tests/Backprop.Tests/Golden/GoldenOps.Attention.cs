namespace Backprop.Tests.Golden;

internal static partial class GoldenOps
{
    private static void AddAttention(OpTable table)
    {
        table.Several("scaled_dot_product_attention", c =>
        {
            double? scale = c.Arguments.Has("scale") ? c.Arguments.Number("scale") : null;
            var (causal, mask) = (c.Arguments.Flag("is_causal"), c.Optional("attn_mask"));
            return
            [
                Tensor.ScaledDotProductAttention(c["query"], c["key"], c["value"], mask, causal, scale),
                Tensor.AttentionWeights(c["query"], c["key"], mask, causal, scale),
            ];
        });
    }
}
