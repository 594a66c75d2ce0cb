using Backprop.Layers;

namespace Backprop.Benchmarks.Suite;

/// <summary>Networks that are layers one after the other.</summary>
public static class Networks
{
    /// <summary>Two convolutions with pooling and two linear layers, for images of 28 × 28.</summary>
    public static Sequential LeNet(DType dtype) => new(
        new Conv2d(1, 32, 3, dtype: dtype), new Relu(), new MaxPool2d(2),
        new Conv2d(32, 64, 3, dtype: dtype), new Relu(), new MaxPool2d(2),
        new Flatten(), new Linear(1600, 128, dtype: dtype), new Relu(), new Linear(128, 10, dtype: dtype));
}

/// <summary>The residual network of He and others for images of 32 × 32, with shortcuts that cost nothing (option A).</summary>
public sealed class ResNet20 : Module
{
    private readonly Conv2d stem;
    private readonly BatchNorm2d norm;
    private readonly Block[] blocks;
    private readonly Linear output;

    public ResNet20(DType dtype)
    {
        stem = new Conv2d(3, 16, 3, padding: 1, bias: false, dtype: dtype);
        norm = new BatchNorm2d(16, dtype: dtype);
        int[] channels = [16, 16, 16, 16, 32, 32, 32, 64, 64, 64];
        blocks = [.. Enumerable.Range(0, 9).Select(i => new Block(channels[i], channels[i + 1], dtype))];
        output = new Linear(64, 10, dtype: dtype);
    }

    public override Tensor Forward(Tensor x)
    {
        x = norm.ForwardRelu(stem.Forward(x));
        foreach (var block in blocks)
        {
            x = block.Forward(x);
        }

        return output.Forward(x.Mean([2, 3]));
    }

    private sealed class Block(int from, int to, DType dtype) : Module
    {
        private readonly Conv2d conv1 = new(from, to, 3, stride: to / from, padding: 1, bias: false, dtype: dtype);
        private readonly BatchNorm2d norm1 = new(to, dtype: dtype);
        private readonly Conv2d conv2 = new(to, to, 3, padding: 1, bias: false, dtype: dtype);
        private readonly BatchNorm2d norm2 = new(to, dtype: dtype);

        public override Tensor Forward(Tensor x)
        {
            var y = norm1.ForwardRelu(conv1.Forward(x));
            return norm2.ForwardRelu(conv2.Forward(y), residual: Shortcut(x));
        }

        /// <summary>Where channels double: every second row and column, and zeros for the channels that are new.</summary>
        private Tensor Shortcut(Tensor x) => from == to ? x : x[.., .., TensorIndex.Every(.., 2), TensorIndex.Every(.., 2)].Pad(to / 4, to / 4, axis: 1);
    }
}

/// <summary>A recurrent layer over a sequence and a linear one at every step.</summary>
public sealed class SequenceTagger(DType dtype) : Module
{
    private readonly Lstm lstm = new(64, 128, batchFirst: false, dtype: dtype);
    private readonly Linear output = new(128, 64, dtype: dtype);

    public override Tensor Forward(Tensor x) => output.Forward(lstm.Forward(x));
}

/// <summary>A small decoder-only transformer over bytes.</summary>
public sealed class Gpt : Module
{
    private const int Width = 128;
    private const int Heads = 4;

    private readonly Embedding tokens;
    private readonly Embedding positions;
    private readonly Block[] blocks;
    private readonly LayerNorm norm;
    private readonly Linear head;

    public Gpt(DType dtype)
    {
        tokens = new Embedding(256, Width, dtype: dtype);
        positions = new Embedding(128, Width, dtype: dtype);
        blocks = [.. Enumerable.Range(0, 4).Select(_ => new Block(dtype))];
        norm = new LayerNorm(Width, dtype: dtype);
        head = new Linear(Width, 256, bias: false, dtype: dtype);
    }

    public override Tensor Forward(Tensor x)
    {
        var y = tokens.Forward(x) + positions.Weight[..x.Shape[1]];
        foreach (var block in blocks)
        {
            y = block.Forward(y);
        }

        return head.Forward(norm.Forward(y));
    }

    private sealed class Block(DType dtype) : Module
    {
        private readonly LayerNorm norm1 = new(Width, dtype: dtype);
        private readonly Linear qkv = new(Width, 3 * Width, dtype: dtype);
        private readonly Linear projection = new(Width, Width, dtype: dtype);
        private readonly LayerNorm norm2 = new(Width, dtype: dtype);
        private readonly Linear widen = new(Width, 4 * Width, dtype: dtype);
        private readonly Linear narrow = new(4 * Width, Width, dtype: dtype);

        public override Tensor Forward(Tensor x)
        {
            x += projection.Forward(Attention(qkv.Forward(norm1.Forward(x))));
            return x + narrow.Forward(widen.Forward(norm2.Forward(x)).Gelu());
        }

        /// <summary>[batch, time, 3 · width] to [batch, time, width].</summary>
        private static Tensor Attention(Tensor x)
        {
            var (batch, time) = (x.Shape[0], x.Shape[1]);
            var parts = x.Reshape([batch, time, 3, Heads, Width / Heads]).Permute(2, 0, 3, 1, 4);
            var mixed = Tensor.ScaledDotProductAttention(parts[0], parts[1], parts[2], isCausal: true);
            return mixed.Transpose(1, 2).Reshape([batch, time, Width]);
        }
    }
}

/// <summary>Two tables of embeddings and a small network that says whether a user likes an item.</summary>
public sealed class Recommender(DType dtype) : Module
{
    private readonly Embedding users = new(10000, 64, dtype: dtype);
    private readonly Embedding items = new(10000, 64, dtype: dtype);
    private readonly Linear hidden = new(128, 64, dtype: dtype);
    private readonly Linear output = new(64, 1, dtype: dtype);

    /// <param name="x">[batch, 2]: user and item.</param>
    public override Tensor Forward(Tensor x)
    {
        var both = Tensor.Concatenate([users.Forward(x[.., 0]), items.Forward(x[.., 1])], axis: 1);
        return output.Forward(hidden.Forward(both).Relu());
    }
}
