namespace Backprop.Layers;

/// <summary>Layers of a decoder one after the other, which all attend to the same memory.</summary>
/// <remarks>Parameters have PyTorch's names: <c>layers.0.self_attn.in_proj_weight</c> …, <c>norm.weight</c>, <c>norm.bias</c>.</remarks>
/// <example><code>
/// var decoder = new TransformerDecoder(6, () => new TransformerDecoderLayer(64, heads: 4), new LayerNorm(64));
/// var y = decoder.Forward(x, encoder.Forward(source), isCausal: true);
/// </code></example>
public sealed class TransformerDecoder : Module
{
    private readonly TransformerDecoderLayer[] layers;
    private readonly LayerNorm? norm;

    /// <summary>A decoder of new layers.</summary>
    /// <param name="count">How many layers; at least 1.</param>
    /// <param name="layer">Makes a layer; called once for each.</param>
    /// <param name="norm">What normalises the last result; nothing if not given.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no layers.</exception>
    public TransformerDecoder(int count, Func<TransformerDecoderLayer> layer, LayerNorm? norm = null)
    {
        layers = LayerStack.Make("transformer_decoder", count, layer);
        this.norm = norm;
    }

    /// <summary>The layers, in order.</summary>
    public IReadOnlyList<TransformerDecoderLayer> Layers => layers;

    /// <summary>Refused: a decoder needs a memory beside its input.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override Tensor Forward(Tensor x) => throw new InvalidOperationException(
        $"transformer_decoder: a decoder attends to a memory; call Forward(x, memory), in {Location}");

    /// <summary>The decoder's result.</summary>
    /// <inheritdoc cref="TransformerDecoderLayer.Forward(Tensor, Tensor, Tensor?, Tensor?, Tensor?, Tensor?, bool)"/>
    public Tensor Forward(
        Tensor x, Tensor memory, Tensor? mask = null, Tensor? padding = null, Tensor? memoryMask = null, Tensor? memoryPadding = null,
        bool isCausal = false)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        foreach (var layer in layers)
        {
            x = layer.Forward(x, memory, mask, padding, memoryMask, memoryPadding, isCausal);
        }

        return norm is null ? x : norm.Forward(x);
    }
}
