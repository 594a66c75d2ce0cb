using Backprop.Layers;

namespace Backprop.Tests.Layers;

public class EmbeddingTests
{
    [Fact]
    public void PositionsLookRowsUp()
    {
        var layer = new Embedding(5, 3, generator: new Generator(1));
        var y = layer.Forward(Tensor.From([4L, 0, 4, 2], 2, 2));

        Assert.Equal([2, 2, 3], y.Shape.ToArray());
        Assert.Equal(layer.Weight[4].ToArray<float>(), y[1, 0].ToArray<float>());
        Assert.Equal(layer.Weight[0].ToArray<float>(), y[0, 1].ToArray<float>());
        y.Sum().Backward();
        Numbers.Close([1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 2, 2, 2], layer.Weight.Gradient!);
        Assert.Equal(["weight"], layer.StateDictionary().Keys);
    }

    [Fact]
    public void FirstVectorsAreNormal()
    {
        var weight = new Embedding(200, 50, generator: new Generator(1)).Weight;
        Assert.Equal(0, weight.Mean().Item<float>(), 0.05f);
        Assert.Equal(1, weight.StandardDeviation().Item<float>(), 0.05f);
    }

    [Fact]
    public void PaddingIsZeroAndStays()
    {
        var layer = new Embedding(4, 2, paddingIndex: -3);
        Assert.Equal(1, layer.PaddingIndex);
        Numbers.Close([0, 0], layer.Weight[1]);
        Assert.NotEqual(0, layer.Weight[0, 0].Item<float>());
        layer.Forward(Tensor.From([1L, 1, 2])).Sum().Backward();
        Numbers.Close([0, 0, 0, 0, 1, 1, 0, 0], layer.Weight.Gradient!);
    }

    [Fact]
    public void LongVectorsAreShortenedWhereTheyAreLookedUp()
    {
        var layer = new Embedding(3, 2, maxNorm: 1, dtype: DType.Float64);
        layer.Weight.Detach().CopyFrom([3.0, 4, 0.3, 0.4, 6, 8]);
        Numbers.Close([0.6, 0.8, 0.3, 0.4], layer.Forward(Tensor.From([0L, 1])), 1e-7);
        Numbers.Close([0.6, 0.8, 0.3, 0.4, 6, 8], layer.Weight, 1e-7);
        layer.Forward(Tensor.From([0L, 1])).Sum().Backward();
        Numbers.Close([1, 1, 1, 1, 0, 0], layer.Weight.Gradient!);
    }

    [Fact]
    public void FrequentVectorsLearnNoFaster()
    {
        var layer = new Embedding(3, 2, scaleGradientByFrequency: true);
        layer.Forward(Tensor.From([0L, 2, 0, 0, 2])).Sum().Backward();
        Numbers.Close([1, 1, 0, 0, 1, 1], layer.Weight.Gradient!, 1e-6);
    }

    [Fact]
    public void BagsArePutTogether()
    {
        static EmbeddingBag Bag(BagMode mode, bool last = false, int? padding = null)
        {
            var layer = new EmbeddingBag(3, 2, mode, last, padding, dtype: DType.Float64);
            layer.Weight.Detach().CopyFrom([1.0, 2, 3, 4, 5, 0]);
            return layer;
        }

        var matrix = Tensor.From([0L, 1, 2, 2], 2, 2);
        Numbers.Close([2, 3, 5, 0], Bag(BagMode.Mean).Forward(matrix));
        Numbers.Close([4, 6, 10, 0], Bag(BagMode.Sum).Forward(matrix));
        Numbers.Close([3, 4, 5, 0], Bag(BagMode.Max).Forward(matrix));
        Numbers.Close([4, 6, 10, 0], Bag(BagMode.Sum, last: true).Forward(matrix));
        Numbers.Close([3, 4, 0, 0], Bag(BagMode.Mean, padding: 2).Forward(Tensor.From([1L, 2, 2, 2], 2, 2)));
        var vector = Tensor.From([0L, 1, 2]);
        Numbers.Close([4, 6, 0, 0, 5, 0], Bag(BagMode.Sum).Forward(vector, Tensor.From([0L, 2, 2])));
        Numbers.Close([4, 6, 5, 0], Bag(BagMode.Sum, last: true).Forward(vector, Tensor.From([0L, 2, 3])));
        Numbers.Close([7, 10, -5, 0], Bag(BagMode.Sum).Forward(vector, Tensor.From([0L, 2]), Tensor.From([1.0, 2, -1])));
    }

    [Fact]
    public void BilinearMapsAreSumsOverPairs()
    {
        var layer = new Bilinear(2, 3, 4, generator: new Generator(1), dtype: DType.Float64);
        var (first, second) = (Numbers.Normal(2, 5, 2), Numbers.Normal(3, 5, 3));
        var expected = (first.Reshape(5, 1, 2, 1) * layer.Weight * second.Reshape(5, 1, 1, 3)).Sum([2, 3]) + layer.Bias!;

        Numbers.Close(Numbers.Of(expected), layer.Forward(first, second));
        Assert.Equal(["weight", "bias"], layer.StateDictionary().Keys);
        Assert.Equal([4, 2, 3], layer.Weight.Shape.ToArray());
        Assert.True(layer.Weight.Abs().Max().Item() <= 1 / Math.Sqrt(2));
        Assert.True(layer.Weight.Abs().Max().Item() > 0.5);
        var square = new Bilinear(2, 2, 1, bias: false, dtype: DType.Float64);
        Numbers.CheckGradient(square.Forward, first);
        Assert.Throws<ShapeException>(() => layer.Forward(first));
    }

    [Fact]
    public void NumbersAreChecked()
    {
        Refused("embedding: entries is 0; it must be at least 1", () => new Embedding(0, 2));
        Refused("embedding: features is -1", () => new Embedding(2, -1));
        Refused("embedding: paddingIndex is 2; it must be from -2 to 1, for 2 entries", () => new Embedding(2, 3, paddingIndex: 2));
        Refused("embedding: maxNorm is 0; it must be positive", () => new Embedding(2, 3, maxNorm: 0));
        Refused("embedding_bag: normType is NaN; it must be positive", () => new EmbeddingBag(2, 3, normType: double.NaN));
        Refused("embedding_bag: mode is 5", () => new EmbeddingBag(2, 3, (BagMode)5));
        Refused("bilinear: secondFeatures is 0", () => new Bilinear(1, 0, 1));
        Refused(
            "embedding: position 2 at [0] of the input [1]: it must be from 0 to 1, for 2 entries, in Embedding 2 × 3.",
            () => new Embedding(2, 3).Forward(Tensor.From([2L])));
        Refused(
            "embedding: position -1 at [0] of the input [2]: it must be from 0 to 4, for 5 entries, in Embedding 5 × 2.",
            () => new Embedding(5, 2).Forward(Tensor.From([-1, 4])));
        Refused(
            "embedding_bag: position -1 at [1, 0] of the input [2, 1]: it must be from 0 to 4, for 5 entries, in EmbeddingBag 5 × 2, sum.",
            () => new EmbeddingBag(5, 2, BagMode.Sum).Forward(Tensor.From([4L, -1], 2, 1)));
        Assert.Throws<DTypeException>(() => new Embedding(2, 3).Forward(Tensor.Zeros([2])));
        Assert.Throws<DTypeException>(() => new Embedding(2, 3, dtype: DType.Int64));
        Assert.Throws<ShapeException>(() => new EmbeddingBag(2, 3).Forward(Tensor.From([0L, 1])));
    }

    [Fact]
    public void APositionOutsideNamesTheLayerByItsPath()
    {
        var model = new Sequential(new Embedding(5, 3), new Linear(3, 2));
        _ = model.Parameters();
        Refused(
            "embedding: position 7 at [0, 1] of the input [1, 2]: it must be from 0 to 4, for 5 entries, in Sequential.0 (Embedding 5 × 3).",
            () => model.Forward(Tensor.From([0L, 7], 1, 2)));
        Assert.Contains(
            "in Sequential.0 (Embedding 5 × 3)", Assert.Throws<DTypeException>(() => model.Forward(Tensor.Zeros([2]))).Message);
    }

    [Fact]
    public void TextShowsTheSettings()
    {
        Assert.Equal("Embedding(10 × 3, padding 9)", new Embedding(10, 3, paddingIndex: -1).ToString());
        Assert.Equal("EmbeddingBag(10 × 3, norm at most 0.5, sum)", new EmbeddingBag(10, 3, BagMode.Sum, maxNorm: 0.5).ToString());
        Assert.Equal("Bilinear(2 × 3 → 4, no bias)", new Bilinear(2, 3, 4, bias: false).ToString());
    }

    private static void Refused(string beginning, Func<object> action) =>
        Assert.StartsWith(beginning, Assert.Throws<ArgumentOutOfRangeException>(action).Message);
}
