using Backprop.Layers;
using Backprop.Optimizers;
using Backprop.Tests.Data;

namespace Backprop.Tests.Layers.Attention;

/// <summary>Layers and stacks of transformers against their parts, masks, states, and what is refused.</summary>
public sealed class TransformerTests
{
    private static readonly Tensor X = Tensor.Normal([2, 5, 4], dtype: DType.Float64, generator: new Generator(3));
    private static readonly Tensor Memory = Tensor.Normal([2, 3, 4], dtype: DType.Float64, generator: new Generator(4));

    public static TheoryData<bool, TransformerActivation> Kinds() => new()
    {
        { false, TransformerActivation.Relu },
        { true, TransformerActivation.Relu },
        { false, TransformerActivation.Gelu },
        { true, TransformerActivation.Gelu },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ALayerOfADecoderIsWhatItsPartsSay(bool normFirst, TransformerActivation activation)
    {
        var layer = new TransformerDecoderLayer(4, 2, 6, dropout: 0, activation, normFirst, dtype: DType.Float64);
        var state = layer.StateDictionary();
        Tensor Norm(Tensor x, int index) => x.LayerNorm([4], state[$"norm{index}.weight"], state[$"norm{index}.bias"]);
        Tensor Map(Tensor x, int index) => Tensor.Linear(x, state[$"linear{index}.weight"], state[$"linear{index}.bias"]);
        Tensor Maps(Tensor x) => Map(activation == TransformerActivation.Gelu ? Map(x, 1).Gelu() : Map(x, 1).Relu(), 2);

        var x = X;
        if (normFirst)
        {
            x += layer.Attention.Forward(Norm(x, 1), isCausal: true);
            x += layer.MemoryAttention.Attend(Norm(x, 2), Memory, Memory);
            x += Maps(Norm(x, 3));
        }
        else
        {
            x = Norm(x + layer.Attention.Forward(x, isCausal: true), 1);
            x = Norm(x + layer.MemoryAttention.Attend(x, Memory, Memory), 2);
            x = Norm(x + Maps(x), 3);
        }

        Near.Equal(x, layer.Forward(X, Memory, isCausal: true));
    }

    [Fact]
    public void MasksAndPaddingReachTheRightAttention()
    {
        var layer = new TransformerDecoderLayer(4, 2, 6, dropout: 0, dtype: DType.Float64);
        var plain = layer.Forward(X, Memory, isCausal: true);
        var triangle = Tensor.Arange(5, DType.Int64) <= Tensor.Arange(5, DType.Int64).Unsqueeze(1);
        Near.Equal(plain, layer.Forward(X, Memory, triangle));
        Near.Equal(layer.Forward(X, Memory[.., ..2]), layer.Forward(X, Memory, memoryPadding: Tensor.From([false, false, true]).Unsqueeze(0).Expand(2, 3)));
        Near.Equal(layer.Forward(X, Memory[.., ..2]), layer.Forward(X, Memory, memoryMask: Tensor.From([true, true, false]).Unsqueeze(0)));
        var padding = Tensor.From([false, false, false, false, true]).Unsqueeze(0).Expand(2, 5);
        Near.Equal(layer.Forward(X[.., ..4], Memory), layer.Forward(X, Memory, padding: padding)[.., ..4]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ACausalEncoderSeesNothingOfTheFuture(bool normFirst, TransformerActivation activation)
    {
        var encoder = Encoder(normFirst, activation);
        var y = encoder.Forward(X, isCausal: true);
        for (var length = 1; length < 5; length++)
        {
            Near.Equal(y[.., ..length], encoder.Forward(X[.., ..length], isCausal: true));
        }

        Assert.NotEqual(y.ToArray<double>(), encoder.Forward(X).ToArray<double>());
    }

    [Fact]
    public void PaddingHasNoEffectOnTheOthers()
    {
        var encoder = Encoder();
        var padding = Tensor.From([false, false, false, true, true, false, false, false, false, false]).Reshape(2, 5);
        var y = encoder.Forward(X, padding: padding);
        Near.Equal(encoder.Forward(X[..1, ..3]), y[..1, ..3]);
        Near.Equal(encoder.Forward(X)[1..], y[1..]);
        var x = X.Clone().RequireGradient();
        encoder.Forward(x, padding: padding)[0, ..3].Sum().Backward();
        Assert.All(x.Gradient![0, 3..].ToArray<double>(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void StacksAreTheirLayersOneAfterTheOther()
    {
        var norm = new LayerNorm(4, dtype: DType.Float64);
        var decoder = new TransformerDecoder(2, () => new TransformerDecoderLayer(4, 2, 6, dropout: 0, dtype: DType.Float64), norm);
        var expected = norm.Forward(decoder.Layers[1].Forward(decoder.Layers[0].Forward(X, Memory, isCausal: true), Memory, isCausal: true));
        Near.Equal(expected, decoder.Forward(X, Memory, isCausal: true));
        var encoder = Encoder();
        Near.Equal(encoder.Layers[1].Forward(encoder.Layers[0].Forward(X)), encoder.Forward(X));
    }

    [Fact]
    public void DropoutIsInTrainingOnly()
    {
        var layer = new TransformerEncoderLayer(4, 2, 6, dropout: 0.5, dtype: DType.Float64, generator: new Generator(1));
        Assert.NotEqual(layer.Forward(X).ToArray<double>(), layer.Forward(X).ToArray<double>());
        layer.Evaluate();
        var y = layer.Forward(X);
        Assert.Equal(y.ToArray<double>(), layer.Forward(X).ToArray<double>());
        var plain = new TransformerEncoderLayer(4, 2, 6, dropout: 0, dtype: DType.Float64);
        plain.LoadStateDictionary(layer.StateDictionary());
        Near.Equal(plain.Forward(X), y);
    }

    [Fact]
    public void ReversalIsLearned()
    {
        var generator = new Generator(7);
        var encoder = new TransformerEncoder(1, () => new TransformerEncoderLayer(16, 2, 32, dropout: 0, normFirst: true, generator: generator));
        var (embed, output) = (new Linear(12, 16, generator: generator), new Linear(16, 6, generator: generator));
        var tokens = (Tensor.Uniform([32, 6], generator: generator) * 6).To(DType.Int64);
        var x = Tensor.Concatenate([tokens.OneHot(6), Tensor.Arange(6, DType.Int64).OneHot(6).Unsqueeze(0).Expand(32, 6, 6)], -1).To(DType.Float32);
        var optimizer = new Adam([.. embed.Parameters(), .. encoder.Parameters(), .. output.Parameters()], learningRate: 5e-3);
        Tensor Loss() => Losses.CrossEntropy(output.Forward(encoder.Forward(embed.Forward(x))).Reshape(-1, 6), tokens.Flip(1).Reshape(-1));
        var before = Loss().Item();
        for (var step = 0; step < 150; step++)
        {
            optimizer.ZeroGradients();
            Loss().Backward();
            optimizer.Step();
        }

        Assert.InRange(before, 1, 3);
        Assert.True(Loss().Item() < 0.2, $"the loss is {Loss().Item()}");
    }

    [Fact]
    public void NamesAndShapesArePyTorchs()
    {
        const string Attention = "in_proj_weight [12, 4]; #.in_proj_bias [12]; #.out_proj.weight [4, 4]; #.out_proj.bias [4]; ";
        const string Maps = "linear1.weight [6, 4]; linear1.bias [6]; linear2.weight [4, 6]; linear2.bias [4]; ";
        string Named(string name) => $"{name}.{Attention.Replace("#", name, StringComparison.Ordinal)}";
        string Norms(int count) => string.Join("; ", Enumerable.Range(1, count).Select(i => $"norm{i}.weight [4]; norm{i}.bias [4]"));
        Assert.Equal(Named("self_attn") + Maps + Norms(2), Near.Names(new TransformerEncoderLayer(4, 2, 6)));
        Assert.Equal(Named("self_attn") + Named("multihead_attn") + Maps + Norms(3), Near.Names(new TransformerDecoderLayer(4, 2, 6)));
        Assert.Equal(
            "self_attn.in_proj_weight [12, 4]; self_attn.out_proj.weight [4, 4]; linear1.weight [6, 4]; linear2.weight [4, 6]; norm1.weight [4]; norm2.weight [4]",
            Near.Names(new TransformerEncoderLayer(4, 2, 6, bias: false)));
        var names = new TransformerEncoder(2, () => new TransformerEncoderLayer(4, 2, 6), new LayerNorm(4)).NamedParameters().Select(entry => entry.Name).ToArray();
        Assert.Equal(26, names.Length);
        Assert.Contains("layers.1.self_attn.out_proj.bias", names);
        Assert.Contains("norm.weight", names);
        Assert.Contains(
            "layers.0.multihead_attn.in_proj_weight",
            new TransformerDecoder(1, () => new TransformerDecoderLayer(4, 2, 6)).NamedParameters().Select(entry => entry.Name));
    }

    [Fact]
    public void StatesAreSavedAndLoaded()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "encoder.safetensors");
        var (saved, loaded) = (Encoder(), Encoder());
        saved.Save(path);
        loaded.Load(path);
        Assert.Equal(saved.Forward(X).ToArray<double>(), loaded.Forward(X).ToArray<double>());
    }

    [Fact]
    public void TheTextShowsTheSettings() => Assert.StartsWith(
        "TransformerEncoderLayer(4 → 6, 2 heads, gelu, norm first, positions first",
        new TransformerEncoderLayer(4, 2, 6, activation: TransformerActivation.Gelu, normFirst: true, batchFirst: false).ToString());

    [Fact]
    public void WrongInputIsRefused()
    {
        var decoder = new TransformerDecoder(1, () => new TransformerDecoderLayer(4, 2, 6, dtype: DType.Float64));
        Near.Says<InvalidOperationException>(() => decoder.Forward(X), "transformer_decoder:", "Forward(x, memory)");
        Near.Says<InvalidOperationException>(() => decoder.Layers[0].Forward(X), "transformer_decoder_layer:", "Forward(x, memory)");
        Near.Says<ShapeException>(() => Encoder().Forward(X[.., .., ..3]), "multi_head_attention:", "[2, 5, 3]", "[batch, positions, 4]");
        Near.Says<ShapeException>(() => decoder.Forward(X, Memory[..1]), "multi_head_attention:", "2 ≠ 1");
        Near.Says<ArgumentOutOfRangeException>(() => new TransformerEncoderLayer(4, 3), "transformer_encoder_layer:", "heads", "3", "divisor of the 4");
        Near.Says<ArgumentOutOfRangeException>(() => new TransformerEncoderLayer(4, 2, 0), "transformer_encoder_layer:", "hidden", "0", "at least 1");
        Near.Says<ArgumentOutOfRangeException>(() => new TransformerDecoderLayer(4, 2, dropout: 2), "transformer_decoder_layer:", "dropout", "from 0 to 1");
        Near.Says<ArgumentOutOfRangeException>(
            () => new TransformerEncoderLayer(4, 2, activation: (TransformerActivation)7), "transformer_encoder_layer:", "7", "TransformerActivation.Relu");
        Near.Says<ArgumentOutOfRangeException>(() => new TransformerEncoder(0, () => new TransformerEncoderLayer(4, 2)), "transformer_encoder:", "count", "0");
        var one = new TransformerEncoderLayer(4, 2);
        Near.Says<ArgumentException>(() => new TransformerEncoder(2, () => one), "transformer_encoder:", "the same one twice");
        Near.Says<ArgumentException>(() => new TransformerEncoder(2, () => null!), "transformer_encoder:", "gave nothing for layer 0");
    }

    private static TransformerEncoder Encoder(bool normFirst = false, TransformerActivation activation = TransformerActivation.Relu) =>
        new(2, () => new TransformerEncoderLayer(4, 2, 6, dropout: 0, activation, normFirst, dtype: DType.Float64));
}
