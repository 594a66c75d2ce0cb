namespace Backprop.Tests.Core;

/// <summary>Attention against its definition in sizes of several blocks, and what masks, dropout and memory do.</summary>
public sealed class AttentionTests
{
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    [InlineData(true, 3)]
    public void SeveralBlocksAreAsTheWeightsSay(bool causal, int heads)
    {
        var (q, k, v) = (Draw(1, heads, 300, 8), Draw(2, heads, 520, 8), Draw(3, heads, 520, 5));
        var mask = Tensor.Uniform([300, 520], generator: new Generator(4)) < 0.7f;
        var g = Draw(5, heads, 300, 5);
        var fused = Gradient.Of((Tensor.ScaledDotProductAttention(q, k, v, mask, causal) * g).Sum(), [q, k, v]);
        var weights = Tensor.AttentionWeights(q, k, mask, causal);
        var plain = Gradient.Of((weights.MatMul(v) * g).Sum(), [q, k, v]);
        Near(weights.MatMul(v), Tensor.ScaledDotProductAttention(q, k, v, mask, causal));
        for (var i = 0; i < plain.Length; i++)
        {
            Near(plain[i], fused[i]);
        }
    }

    [Fact]
    public void LargeScoresDoNotOverflow()
    {
        var (q, k, v) = (Draw(1, 4, 8) * 1e4, Draw(2, 6, 8) * 1e4, Draw(3, 6, 8));
        var y = Tensor.ScaledDotProductAttention(q.To(DType.Float32), k.To(DType.Float32), v.To(DType.Float32));
        Assert.All(y.ToArray<float>(), value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AQueryWithoutKeysGetsZerosAndNoGradient(bool added)
    {
        var (q, k, v) = (Draw(1, 3, 4), Draw(2, 5, 4), Draw(3, 5, 2));
        var allowed = Tensor.From([true, false, true]).Unsqueeze(1).Expand(3, 5);
        var mask = added ? Tensor.Where(allowed, Tensor.Scalar(0.0), Tensor.Scalar(double.NegativeInfinity)) : allowed;
        var y = Tensor.ScaledDotProductAttention(q, k, v, mask);
        var gradients = Gradient.Of(y.Sum(), [q, k, v]);
        Assert.Equal([0, 0], y.Select(0, 1).ToArray<double>());
        Assert.Equal([0, 0, 0, 0], gradients[0].Select(0, 1).ToArray<double>());
        Assert.All(gradients, gradient => Assert.All(gradient.ToArray<double>(), value => Assert.True(double.IsFinite(value))));
        Near(Tensor.ScaledDotProductAttention(q, k, v).Select(0, 2), y.Select(0, 2));
    }

    [Fact]
    public void WhatIsMaskedHasNoInfluence()
    {
        var (q, k, v) = (Draw(1, 3, 4), Draw(2, 5, 4), Draw(3, 5, 2));
        var mask = Tensor.From([true, true, false, true, false]);
        int[] kept = [0, 1, 3];
        Tensor positions = Tensor.From(kept.Select(i => (long)i).ToArray());
        Near(
            Tensor.ScaledDotProductAttention(q, k.IndexSelect(positions, 0), v.IndexSelect(positions, 0)),
            Tensor.ScaledDotProductAttention(q, k, v, mask));
        var gradient = Gradient.Of(Tensor.ScaledDotProductAttention(q, k, v, mask).Sum(), k);
        Assert.Equal([0, 0, 0, 0], gradient.Select(0, 2).ToArray<double>());
    }

    [Fact]
    public void AMaskThatIsNotANumberShows()
    {
        var (q, k, v) = (Draw(1, 2, 4), Draw(2, 3, 4), Draw(3, 3, 2));
        var mask = Tensor.From([double.NaN, double.NegativeInfinity, double.NegativeInfinity]);
        Assert.All(Tensor.ScaledDotProductAttention(q, k, v, mask).ToArray<double>(), value => Assert.True(double.IsNaN(value)));
    }

    [Fact]
    public void TruthValuesInNumbersAreNoMask()
    {
        var (q, k, v) = (Draw(1, 4, 3), Draw(2, 4, 3), Draw(3, 4, 2));
        var triangle = Tensor.Ones([4, 4], DType.Float64).LowerTriangle();
        foreach (var mask in new[] { triangle, triangle.Transpose(), triangle[..1].Expand(4, 4), Tensor.Ones([], DType.Float64).Expand(4, 4) })
        {
            Assert.StartsWith(
                "scaled_dot_product_attention: the mask, a tensor of float64 [4, 4], holds only 0 and 1",
                Assert.Throws<DTypeException>(() => Tensor.ScaledDotProductAttention(q, k, v, mask)).Message);
            Assert.StartsWith("attention_weights:", Assert.Throws<DTypeException>(() => Tensor.AttentionWeights(q, k, mask)).Message);
        }

        var half = Assert.Throws<DTypeException>(
            () => Tensor.AttentionWeights(q.To(DType.Float16), k.To(DType.Float16), triangle.To(DType.Float16)));
        Assert.Contains("float16 [4, 4], holds only 0 and 1", half.Message);

        // What is advised works, and so does what is meant to be added.
        Near(Tensor.ScaledDotProductAttention(q, k, v, isCausal: true), Tensor.ScaledDotProductAttention(q, k, v, triangle > 0));
        Near(Tensor.ScaledDotProductAttention(q, k, v), Tensor.ScaledDotProductAttention(q, k, v, Tensor.Zeros([4, 4], DType.Float64)));
        Near(Tensor.ScaledDotProductAttention(q, k, v, triangle + 1), Tensor.ScaledDotProductAttention(q, k, v, triangle.Clone().RequireGradient()));
    }

    [Fact]
    public void DropoutKeepsTheExpectation()
    {
        var (q, k) = (Draw(1, 2, 50, 4), Draw(2, 2, 400, 4));
        var v = Tensor.Ones([2, 400, 1], DType.Float64);
        var y = Tensor.ScaledDotProductAttention(q, k, v, dropout: 0.25, generator: new Generator(9));
        Assert.InRange(y.Mean().Item(), 0.95, 1.05);
        Assert.NotEqual(1, y[0, 0, 0].Item(), 1e-3);
        Assert.All(Tensor.ScaledDotProductAttention(q, k, v, dropout: 1).ToArray<double>(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void DropoutRepeatsWithTheGenerator()
    {
        var (q, k, v) = (Draw(1, 2, 30, 4), Draw(2, 2, 200, 4), Draw(3, 2, 200, 3));
        var generator = new Generator(9);
        var first = Tensor.ScaledDotProductAttention(q, k, v, dropout: 0.5, generator: generator);
        var second = Tensor.ScaledDotProductAttention(q, k, v, dropout: 0.5, generator: generator);
        var again = Tensor.ScaledDotProductAttention(q, k, v, dropout: 0.5, generator: new Generator(9));
        Assert.Equal(first.ToArray<double>(), again.ToArray<double>());
        Assert.NotEqual(first.ToArray<double>(), second.ToArray<double>());
    }

    [Fact]
    public void DropoutInACheckpointIsTheSameWhenComputedAgain()
    {
        var (k, v) = (Draw(2, 2, 20, 4), Draw(3, 2, 20, 4));
        Tensor[] Gradients(Func<Func<Tensor>, Tensor> run)
        {
            var generator = new Generator(9);
            var q = Draw(1, 2, 30, 4).RequireGradient();
            var first = run(() => Tensor.ScaledDotProductAttention(q, k, v, dropout: 0.5, generator: generator));
            var second = run(() => Tensor.ScaledDotProductAttention(first, k, v, dropout: 0.5, generator: generator));
            return [second, Gradient.Of(second.Square().Sum(), q)];
        }

        var (plain, checkpointed) = (Gradients(segment => segment()), Gradients(segment => Checkpoint.Run(segment)));
        Assert.Equal(plain[0].ToArray<double>(), checkpointed[0].ToArray<double>());
        Assert.Equal(plain[1].ToArray<double>(), checkpointed[1].ToArray<double>());
    }

    [Fact]
    public void TheMatrixOfWeightsIsNeverThere()
    {
        // The weights would be 64 MB; operands, results and gradients are 1 MB together.
        var (q, k, v) = (Single(1, 4000, 8), Single(2, 4000, 8), Single(3, 4000, 8));
        Tensor[] Step() => Gradient.Of(Tensor.ScaledDotProductAttention(q, k, v).Sum(), [q, k, v]);
        Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 16 << 20);
    }

    /// <summary>Heads split off one tensor: their gradients go to their places in its gradient, whatever else uses them.</summary>
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    public void GradientsOfHeadsMeetInTheWhole(bool usedBefore, bool usedAfter, bool retained)
    {
        var x = Draw(1, 2, 150, 3 * 2 * 5);
        var g = Draw(2, 2, 150, 2 * 5).Detach();
        var h = Draw(3, 2, 2, 150, 5).Detach();
        var direct = Run(copied: false, out var key);
        var plain = Run(copied: true, out var other);
        Near(plain, direct);
        if (retained)
        {
            Near(other.Gradient!, key.Gradient!);
        }

        Tensor Run(bool copied, out Tensor middle)
        {
            x.ZeroGradient();
            var parts = (x * 1).Reshape(2, 150, 3, 2, 5).Permute(2, 0, 3, 1, 4);
            var (q, k, v) = (parts[0], parts[1], parts[2]);
            (q, k, v) = copied ? (q.Clone(), k.Clone(), v.Clone()) : (q, k, v);
            middle = retained ? k.RetainGradient() : k;
            var loss = usedBefore ? (k.Square() * h).Sum() : Tensor.Zeros([], DType.Float64);
            var y = Tensor.ScaledDotProductAttention(q, k, v, isCausal: true).Transpose(1, 2).Reshape(2, 150, 10);
            loss += (y * g).Sum();
            loss = usedAfter ? loss + (k.Sin() * h).Sum() + x.Sum() : loss;
            loss.Backward();
            return x.Gradient!.Clone();
        }
    }

    [Fact]
    public void ListingsShowWhatIsSpecial()
    {
        var (q, k, v) = (Draw(1, 3, 4).RequireGradient(), Draw(2, 5, 4), Draw(3, 5, 2));
        var y = Tensor.ScaledDotProductAttention(q, k, v, isCausal: true, dropout: 0.1);
        Assert.Contains("scaled_dot_product_attention(scale=0.5, causal, dropout=0.1)", $"{string.Join('\n', Tape.Of(y))}");
    }

    private static Tensor Draw(ulong seed, params ReadOnlySpan<int> shape) =>
        Tensor.Normal(shape, dtype: DType.Float64, generator: new Generator(seed)).RequireGradient();

    private static Tensor Single(ulong seed, params ReadOnlySpan<int> shape) => Tensor.Normal(shape, generator: new Generator(seed)).RequireGradient();

    private static void Near(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.All(expected.ToArray<double>().Zip(actual.ToArray<double>()), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
    }
}
