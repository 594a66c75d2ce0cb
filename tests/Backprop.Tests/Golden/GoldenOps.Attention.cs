using Backprop.Layers;

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
        table.Several("multi_head_attention", c =>
        {
            var layer = new MultiHeadAttention(
                c["query"].Shape[2], c.Arguments.Integer("num_heads"), c.Optional("in_proj_bias") is not null, batchFirst: false, dtype: DType.Float64);
            c.Bind(layer);

            // PyTorch's masks of truth values say what is left out.
            var mask = c.Optional("attn_mask") is { } given ? given.DType == DType.Bool ? !given : given : null;
            var (output, weights) = layer.AttendWithWeights(
                c["query"], c["key"], c["value"], mask, c.Optional("key_padding_mask"), averageHeads: c.Arguments.Flag("average_attn_weights", true));
            return [output, weights];
        });
        table.One("transformer_encoder_layer", c =>
        {
            var activation = c.Arguments.Text("activation") == "gelu" ? TransformerActivation.Gelu : TransformerActivation.Relu;
            var layer = new TransformerEncoderLayer(
                c["src"].Shape[2], c.Arguments.Integer("nhead"), c["linear1_bias"].Shape[0], dropout: 0, activation, c.Arguments.Flag("norm_first"),
                c.Arguments.Number("layer_norm_eps", 1e-5), dtype: DType.Float64);
            c.Bind(layer);
            return layer.Forward(c["src"]);
        });
    }
}
