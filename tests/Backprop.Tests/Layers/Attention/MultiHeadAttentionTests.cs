using Backprop.Layers;
using Backprop.Tests.Data;

namespace Backprop.Tests.Layers.Attention;

/// <summary>Attention by several heads: against each head by itself, masks and padding, states, and what is refused.</summary>
public sealed class MultiHeadAttentionTests
{
    private static readonly Tensor X = Tensor.Normal([2, 5, 6], dtype: DType.Float64, generator: new Generator(3));
    private static readonly Tensor Memory = Tensor.Normal([2, 4, 6], dtype: DType.Float64, generator: new Generator(4));

    [Fact]
    public void EachHeadAttendsWithItsShareOfTheFeatures()
    {
        var layer = Layer();
        var (weight, bias) = (layer.InWeight, layer.InBias!);
        var heads = new Tensor[3];
        for (var head = 0; head < 3; head++)
        {
            Tensor Share(Tensor x, int map) => Tensor.Linear(x, weight.Narrow(0, (6 * map) + (2 * head), 2), bias.Narrow(0, (6 * map) + (2 * head), 2));
            heads[head] = (Share(X, 0).MatMul(Share(Memory, 1).Transpose()) / Math.Sqrt(2)).Softmax().MatMul(Share(Memory, 2));
        }

        var expected = Tensor.Linear(Tensor.Concatenate(heads, -1), layer.OutWeight, layer.OutBias);
        Near.Equal(expected, layer.Attend(X, Memory, Memory));
        Near.Equal(expected, layer.Attend(X, Memory, Memory.Clone()));
    }

    [Fact]
    public void OneInputForAllIsSelfAttention()
    {
        var layer = Layer();
        Near.Equal(layer.Attend(X, X.Clone(), X.Clone()), layer.Forward(X));
        Near.Equal(layer.Attend(X, X.Clone(), X.Clone(), isCausal: true), layer.Forward(X, isCausal: true));
    }

    [Fact]
    public void CausalIsEachPositionComputedByItself()
    {
        var layer = Layer();
        var y = layer.Forward(X, isCausal: true);
        for (var t = 0; t < 5; t++)
        {
            Near.Equal(layer.Attend(X.Narrow(1, t, 1), X.Narrow(1, 0, t + 1), X.Narrow(1, 0, t + 1)), y.Narrow(1, t, 1));
        }

        var triangle = Tensor.Arange(5, DType.Int64) <= Tensor.Arange(5, DType.Int64).Unsqueeze(1);
        Near.Equal(y, layer.Forward(X, triangle));
    }

    [Fact]
    public void PaddingIsAsIfItWereNotThere()
    {
        var layer = Layer();
        var padding = Tensor.From([false, false, false, true, false, false, false, false]).Reshape(2, 4);
        var y = layer.Attend(X, Memory, Memory, padding: padding);
        Near.Equal(layer.Attend(X.Narrow(0, 0, 1), Memory[..1, ..3], Memory[..1, ..3]), y.Narrow(0, 0, 1));
        Near.Equal(layer.Attend(X, Memory, Memory).Narrow(0, 1, 1), y.Narrow(0, 1, 1));

        // Together with masks of both kinds.
        var mask = Tensor.From([true, true, false, true]).Unsqueeze(0).Expand(5, 4);
        var both = layer.Attend(X, Memory, Memory, mask, padding);
        Near.Equal(layer.Attend(X.Narrow(0, 0, 1), Memory[..1, ..2], Memory[..1, ..2]), both.Narrow(0, 0, 1));
        var added = Tensor.Where(mask, Tensor.Scalar(0.0), Tensor.Scalar(double.NegativeInfinity));
        Near.Equal(both, layer.Attend(X, Memory, Memory, added, padding));
    }

    [Fact]
    public void WhereEverythingIsPaddingTheBiasIsLeft()
    {
        var layer = Layer();
        Initialize.Constant(layer.OutBias!, 7);
        var y = layer.Attend(X, Memory, Memory, padding: Tensor.From([true, true, true, true, false, false, false, false]).Reshape(2, 4));
        Assert.All(y.Select(0, 0).ToArray<double>(), value => Assert.Equal(7, value));
        Assert.All(y.Select(0, 1).ToArray<double>(), value => Assert.NotEqual(7, value));
    }

    [Fact]
    public void AMaskCanDifferByHead()
    {
        var layer = Layer();
        var mask = (Tensor.Uniform([1, 3, 5, 4], generator: new Generator(5)) < 0.7f) | (Tensor.Arange(4, DType.Int64) < 1);
        var (_, weights) = layer.AttendWithWeights(X, Memory, Memory, mask, averageHeads: false);
        Assert.Equal([2, 3, 5, 4], weights.Shape.ToArray());
        var allowed = mask.Expand(2, 3, 5, 4).ToArray<bool>();
        Assert.All(weights.ToArray<double>().Zip(allowed), pair => Assert.Equal(pair.Second, pair.First > 0));
    }

    [Fact]
    public void WeightsAreAveragedAndSumToOne()
    {
        var layer = Layer();
        var (y, mean) = layer.AttendWithWeights(X, Memory, Memory);
        var (_, each) = layer.AttendWithWeights(X, Memory, Memory, averageHeads: false);
        Near.Equal(layer.Attend(X, Memory, Memory), y);
        Near.Equal(each.Mean(1), mean);
        Near.Equal(Tensor.Ones([2, 5], DType.Float64), mean.Sum(-1));
    }

    [Fact]
    public void PositionsFirstAndOneSequenceAreTheSame()
    {
        var (layer, other) = (Layer(), Layer(batchFirst: false));
        other.LoadStateDictionary(layer.StateDictionary());
        var (y, weights) = layer.AttendWithWeights(X, Memory, Memory);
        var swapped = Memory.Transpose(0, 1);
        Near.Equal(y, other.Attend(X.Transpose(0, 1), swapped, swapped).Transpose(0, 1));
        foreach (var attention in new[] { layer, other })
        {
            var one = Memory.Select(0, 1);
            var (single, ofSingle) = attention.AttendWithWeights(X.Select(0, 1), one, one, padding: Tensor.From([false, false, false, false]));
            Near.Equal(y.Select(0, 1), single);
            Near.Equal(weights.Select(0, 1), ofSingle);
        }
    }

    [Fact]
    public void DropoutIsInTrainingOnly()
    {
        var (layer, plain) = (new MultiHeadAttention(6, 3, dropout: 0.5, dtype: DType.Float64, generator: new Generator(1)), Layer());
        plain.LoadStateDictionary(layer.StateDictionary());
        Assert.NotEqual(layer.Forward(X).ToArray<double>(), layer.Forward(X).ToArray<double>());
        layer.Evaluate();
        Near.Equal(plain.Forward(X), layer.Forward(X));
    }

    [Fact]
    public void NamesShapesAndFirstValuesArePyTorchs()
    {
        var layer = new MultiHeadAttention(6, 3);
        Assert.Equal("in_proj_weight [18, 6]; in_proj_bias [18]; out_proj.weight [6, 6]; out_proj.bias [6]", Near.Names(layer));
        Assert.Equal("in_proj_weight [18, 6]; out_proj.weight [6, 6]", Near.Names(new MultiHeadAttention(6, 3, bias: false)));
        var bound = Math.Sqrt(6.0 / 24);
        Assert.All(layer.InWeight.ToArray<float>(), value => Assert.InRange(value, -bound, bound));
        Assert.InRange(layer.InWeight.ToArray<float>().Max(), 0.9 * bound, bound);
        Assert.All(layer.InBias!.ToArray<float>().Concat(layer.OutBias!.ToArray<float>()), value => Assert.Equal(0, value));
        Assert.StartsWith("MultiHeadAttention(6, 3 heads", layer.ToString());
    }

    [Fact]
    public void StatesAreSavedAndLoaded()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "attention.safetensors");
        var (saved, loaded) = (Layer(), Layer());
        saved.Save(path);
        loaded.Load(path);
        Assert.Equal(saved.Forward(X).ToArray<double>(), loaded.Forward(X).ToArray<double>());
    }

    [Fact]
    public void WrongInputIsRefusedWithTheLayersName()
    {
        var layer = Layer();
        Near.Says<ShapeException>(() => layer.Forward(X[.., .., ..5]), "multi_head_attention:", "[2, 5, 5]", "[batch, positions, 6]", "6, 3 heads");
        Near.Says<DTypeException>(
            () => layer.Forward(X, Tensor.Ones([5, 5], DType.Float64).LowerTriangle(), Tensor.From(new bool[10], 2, 5)),
            "multi_head_attention:", "float64 [5, 5]", "only 0 and 1", "mask > 0", "in MultiHeadAttention 6, 3 heads");
        Near.Says<ShapeException>(() => layer.Forward(Tensor.Scalar(1.0)), "multi_head_attention:", "[]");
        Near.Says<ShapeException>(() => layer.Attend(X, Memory, Memory[.., ..3]), "multi_head_attention:", "[2, 4, 6]", "[2, 3, 6]");
        Near.Says<ShapeException>(() => layer.Attend(X, Memory[..1], Memory[..1]), "multi_head_attention:", "2 ≠ 1");
        Near.Says<ShapeException>(() => layer.Attend(X, Memory[0], Memory[0]), "multi_head_attention:", "key", "[4, 6]");
        Near.Says<DTypeException>(() => layer.Forward(X.To(DType.Float32)), "multi_head_attention:", "float32", "6, 3 heads");
        Near.Says<ShapeException>(() => layer.Forward(X, Tensor.Ones([4, 5]) > 0), "multi_head_attention:", "[4, 5]", "[5, 5]", "[2, 3, 5, 5]");
        Near.Says<ShapeException>(() => layer.Forward(X, Tensor.Ones([2, 5, 5]) > 0), "multi_head_attention:", "[2, 5, 5]");
        Near.Says<DTypeException>(() => layer.Forward(X, Tensor.Ones([5, 5])), "multi_head_attention:", "float32", "bool", "float64");
        Near.Says<DTypeException>(() => layer.Forward(X, padding: Tensor.Ones([2, 5])), "multi_head_attention:", "float32", "true where a key is padding");
        Near.Says<ShapeException>(() => layer.Forward(X, padding: Tensor.Ones([2, 4]) > 0), "multi_head_attention:", "[2, 4]", "[2, 5]");
        Near.Says<ArgumentOutOfRangeException>(() => new MultiHeadAttention(6, 4), "multi_head_attention:", "heads", "4", "divisor of the 6");
        Near.Says<ArgumentOutOfRangeException>(() => new MultiHeadAttention(0, 1), "multi_head_attention:", "features", "0");
        Near.Says<ArgumentOutOfRangeException>(() => new MultiHeadAttention(6, 0), "multi_head_attention:", "heads", "0");
        Near.Says<ArgumentOutOfRangeException>(() => new MultiHeadAttention(6, 2, dropout: -1), "multi_head_attention:", "dropout", "from 0 to 1");
        Near.Says<DTypeException>(() => new MultiHeadAttention(6, 2, dtype: DType.Bool), "multi_head_attention:", "bool");
    }

    private static MultiHeadAttention Layer(bool batchFirst = true)
    {
        var layer = new MultiHeadAttention(6, 3, batchFirst: batchFirst, dtype: DType.Float64);
        Initialize.Normal(layer.InBias!);
        return layer;
    }
}
