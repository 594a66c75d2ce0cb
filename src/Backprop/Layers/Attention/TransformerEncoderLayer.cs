namespace Backprop.Layers;

/// <summary>
/// A layer of a transformer's encoder: self-attention, then two linear maps with an activation between, each added to its input and normalised
/// (Vaswani et al., 2017). With a causal mask it is the block of a language model.
/// </summary>
/// <remarks>
/// Parameters have PyTorch's names, shapes and first values: <c>self_attn.…</c> (see <see cref="MultiHeadAttention"/>), <c>linear1</c> [hidden, features],
/// <c>linear2</c> [features, hidden], <c>norm1</c> and <c>norm2</c> [features].
/// </remarks>
/// <example><code>
/// var block = new TransformerEncoderLayer(features: 64, heads: 4, hidden: 256, activation: TransformerActivation.Gelu, normFirst: true);
/// var y = block.Forward(x, isCausal: true);                   // x, y [batch, positions, 64]
/// </code></example>
public sealed class TransformerEncoderLayer : Module
{
    private readonly MultiHeadAttention attention;
    private readonly Linear linear1;
    private readonly Linear linear2;
    private readonly LayerNorm norm1;
    private readonly LayerNorm norm2;
    private readonly Dropout dropout;
    private readonly TransformerSettings settings;

    /// <summary>A layer with random weights.</summary>
    /// <param name="features">The size of the last axis of input and result; at least 1.</param>
    /// <param name="heads">How many heads share the features; a divisor of them.</param>
    /// <param name="hidden">Features between the two linear maps; at least 1.</param>
    /// <param name="dropout">The chance in training to drop a weight of attention, a hidden feature, and an element before it is added.</param>
    /// <param name="activation">What the hidden features go through.</param>
    /// <param name="normFirst">Whether the inputs of attention and maps are normalised, rather than the sums behind.</param>
    /// <param name="epsilon">Added to the variance in normalisation; at least 0.</param>
    /// <param name="bias">Whether there are biases.</param>
    /// <param name="batchFirst">Whether input and result are [batch, positions, …] rather than [positions, batch, …].</param>
    /// <param name="generator">Where first weights and dropout come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range, or the heads don't divide the features.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public TransformerEncoderLayer(
        int features, int heads, int hidden = 2048, double dropout = 0.1, TransformerActivation activation = TransformerActivation.Relu,
        bool normFirst = false, double epsilon = 1e-5, bool bias = true, bool batchFirst = true, Generator? generator = null, DType dtype = DType.Float32)
    {
        settings = new(features, heads, hidden, dropout, activation, normFirst, epsilon, bias, batchFirst, generator, dtype);
        settings.Check("transformer_encoder_layer");
        (norm1, norm2) = (settings.Norm(), settings.Norm());
        attention = Register("self_attn", settings.Attention());
        (linear1, linear2) = (settings.Widen(), settings.Narrow());
        this.dropout = new Dropout(dropout, generator);
    }

    /// <summary>The self-attention.</summary>
    public MultiHeadAttention Attention => attention;

    /// <inheritdoc/>
    protected override string Settings => settings.Text;

    /// <summary>The layer's result, every position attending to all.</summary>
    /// <inheritdoc cref="Forward(Tensor, Tensor?, Tensor?, bool)"/>
    public override Tensor Forward(Tensor x) => Forward(x, isCausal: false);

    /// <summary>The layer's result.</summary>
    /// <param name="x">[batch, positions, features], or [positions, batch, features] where the batch is not first, or [positions, features].</param>
    /// <param name="mask">
    /// [positions, positions], or what broadcasts to [batch, heads, positions, positions]: bool, true where a position may attend to another; or of the
    /// weights' dtype, added to the scores: 0 and large negative numbers or −∞, not 0 and 1.
    /// </param>
    /// <param name="padding">[batch, positions] of bool, true where a position is padding, to which nothing attends.</param>
    /// <param name="isCausal">Whether a position may attend to itself and those before only.</param>
    /// <returns>In the shape of the input.</returns>
    /// <exception cref="ShapeException">The shapes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes are not the weights', the padding is not bool, or the mask holds 0 and 1 in numbers.</exception>
    public Tensor Forward(Tensor x, Tensor? mask = null, Tensor? padding = null, bool isCausal = false)
    {
        using var region = Enter();
        if (settings.NormFirst)
        {
            ArgumentNullException.ThrowIfNull(x);
            x += dropout.Forward(attention.Forward(norm1.Forward(x), mask, padding, isCausal));
            return x + Maps(norm2.Forward(x));
        }

        x = norm1.Forward(x + dropout.Forward(attention.Forward(x, mask, padding, isCausal)));
        return norm2.Forward(x + Maps(x));
    }

    private Tensor Maps(Tensor x) => dropout.Forward(linear2.Forward(dropout.Forward(settings.Activate(linear1.Forward(x)))));
}
