namespace Backprop.Layers;

/// <summary>
/// A layer of a transformer's decoder: self-attention, attention to a memory (what an encoder made), then two linear maps with an activation between,
/// each added to its input and normalised (Vaswani et al., 2017).
/// </summary>
/// <remarks>
/// Parameters have PyTorch's names, shapes and first values: <c>self_attn.…</c> and <c>multihead_attn.…</c> (see <see cref="MultiHeadAttention"/>),
/// <c>linear1</c> [hidden, features], <c>linear2</c> [features, hidden], <c>norm1</c>, <c>norm2</c> and <c>norm3</c> [features].
/// </remarks>
public sealed class TransformerDecoderLayer : Module
{
    private readonly MultiHeadAttention attention;
    private readonly MultiHeadAttention across;
    private readonly Linear linear1;
    private readonly Linear linear2;
    private readonly LayerNorm norm1;
    private readonly LayerNorm norm2;
    private readonly LayerNorm norm3;
    private readonly Dropout dropout;
    private readonly TransformerSettings settings;

    /// <summary>A layer with random weights.</summary>
    /// <param name="features">The size of the last axis of input, memory and result; at least 1.</param>
    /// <param name="heads">How many heads share the features; a divisor of them.</param>
    /// <param name="hidden">Features between the two linear maps; at least 1.</param>
    /// <param name="dropout">The chance in training to drop a weight of attention, a hidden feature, and an element before it is added.</param>
    /// <param name="activation">What the hidden features go through.</param>
    /// <param name="normFirst">Whether the inputs of attentions and maps are normalised, rather than the sums behind.</param>
    /// <param name="epsilon">Added to the variance in normalisation; at least 0.</param>
    /// <param name="bias">Whether there are biases.</param>
    /// <param name="batchFirst">Whether input, memory and result are [batch, positions, …] rather than [positions, batch, …].</param>
    /// <param name="generator">Where first weights and dropout come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range, or the heads don't divide the features.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public TransformerDecoderLayer(
        int features, int heads, int hidden = 2048, double dropout = 0.1, TransformerActivation activation = TransformerActivation.Relu,
        bool normFirst = false, double epsilon = 1e-5, bool bias = true, bool batchFirst = true, Generator? generator = null, DType dtype = DType.Float32)
    {
        settings = new(features, heads, hidden, dropout, activation, normFirst, epsilon, bias, batchFirst, generator, dtype);
        settings.Check("transformer_decoder_layer");
        (norm1, norm2, norm3) = (settings.Norm(), settings.Norm(), settings.Norm());
        attention = Register("self_attn", settings.Attention());
        across = Register("multihead_attn", settings.Attention());
        (linear1, linear2) = (settings.Widen(), settings.Narrow());
        this.dropout = new Dropout(dropout, generator);
    }

    /// <summary>The self-attention.</summary>
    public MultiHeadAttention Attention => attention;

    /// <summary>The attention to the memory.</summary>
    public MultiHeadAttention MemoryAttention => across;

    /// <inheritdoc/>
    protected override string Settings => settings.Text;

    /// <summary>Refused: a decoder needs a memory beside its input.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override Tensor Forward(Tensor x) => throw new InvalidOperationException(
        $"transformer_decoder_layer: a decoder attends to a memory; call Forward(x, memory), in {Location}");

    /// <summary>The layer's result.</summary>
    /// <param name="x">[batch, positions, features], or [positions, batch, features] where the batch is not first, or [positions, features].</param>
    /// <param name="memory">What an encoder made: [batch, keys, features], or as the input is.</param>
    /// <param name="mask">
    /// For the self-attention: [positions, positions], or what broadcasts to [batch, heads, positions, positions]: bool, true where a position may attend
    /// to another; or of the weights' dtype, added to the scores: 0 and large negative numbers or −∞, not 0 and 1.
    /// </param>
    /// <param name="padding">[batch, positions] of bool, true where a position is padding, to which nothing attends.</param>
    /// <param name="memoryMask">For the attention to the memory: [positions, keys], or what broadcasts to [batch, heads, positions, keys].</param>
    /// <param name="memoryPadding">[batch, keys] of bool, true where the memory is padding.</param>
    /// <param name="isCausal">Whether a position may attend to itself and those before only; of the memory it sees all.</param>
    /// <returns>In the shape of the input.</returns>
    /// <exception cref="ShapeException">The shapes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes are not the weights', or a padding is not bool.</exception>
    public Tensor Forward(
        Tensor x, Tensor memory, Tensor? mask = null, Tensor? padding = null, Tensor? memoryMask = null, Tensor? memoryPadding = null,
        bool isCausal = false)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        if (settings.NormFirst)
        {
            x += dropout.Forward(attention.Forward(norm1.Forward(x), mask, padding, isCausal));
            x += dropout.Forward(across.Attend(norm2.Forward(x), memory, memory, memoryMask, memoryPadding));
            return x + Maps(norm3.Forward(x));
        }

        x = norm1.Forward(x + dropout.Forward(attention.Forward(x, mask, padding, isCausal)));
        x = norm2.Forward(x + dropout.Forward(across.Attend(x, memory, memory, memoryMask, memoryPadding)));
        return norm3.Forward(x + Maps(x));
    }

    private Tensor Maps(Tensor x) => dropout.Forward(linear2.Forward(dropout.Forward(settings.Activate(linear1.Forward(x)))));
}
