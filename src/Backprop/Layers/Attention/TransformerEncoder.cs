namespace Backprop.Layers;

/// <summary>Layers of an encoder one after the other: the encoder of a transformer, or with a causal mask the body of a language model.</summary>
/// <remarks>Parameters have PyTorch's names: <c>layers.0.self_attn.in_proj_weight</c> …, <c>norm.weight</c>, <c>norm.bias</c>.</remarks>
/// <example><code>
/// var encoder = new TransformerEncoder(6, () => new TransformerEncoderLayer(64, heads: 4), new LayerNorm(64));
/// var y = encoder.Forward(x, padding: padding);               // x, y [batch, positions, 64]
/// </code></example>
public sealed class TransformerEncoder : Module
{
    private readonly TransformerEncoderLayer[] layers;
    private readonly LayerNorm? norm;

    /// <summary>An encoder of new layers.</summary>
    /// <param name="count">How many layers; at least 1.</param>
    /// <param name="layer">Makes a layer; called once for each.</param>
    /// <param name="norm">What normalises the last result; nothing if not given.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no layers.</exception>
    public TransformerEncoder(int count, Func<TransformerEncoderLayer> layer, LayerNorm? norm = null)
    {
        layers = LayerStack.Make("transformer_encoder", count, layer);
        this.norm = norm;
    }

    /// <summary>The layers, in order.</summary>
    public IReadOnlyList<TransformerEncoderLayer> Layers => layers;

    /// <summary>The encoder's result, every position attending to all.</summary>
    /// <inheritdoc cref="Forward(Tensor, Tensor?, Tensor?, bool)"/>
    public override Tensor Forward(Tensor x) => Forward(x, isCausal: false);

    /// <summary>The encoder's result.</summary>
    /// <inheritdoc cref="TransformerEncoderLayer.Forward(Tensor, Tensor?, Tensor?, bool)"/>
    public Tensor Forward(Tensor x, Tensor? mask = null, Tensor? padding = null, bool isCausal = false)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        foreach (var layer in layers)
        {
            x = layer.Forward(x, mask, padding, isCausal);
        }

        return norm is null ? x : norm.Forward(x);
    }
}
