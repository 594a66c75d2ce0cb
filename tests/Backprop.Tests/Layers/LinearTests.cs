using Backprop.Layers;

namespace Backprop.Tests.Layers;

public class LinearTests
{
    [Fact]
    public void TheResultIsXTimesWTransposedPlusB()
    {
        var layer = new Linear(3, 2, generator: new Generator(1), dtype: DType.Float64);
        var x = Numbers.Normal(2, 4, 3);
        var y = layer.Forward(x);

        Assert.Equal([4, 2], y.Shape.ToArray());
        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < 2; j++)
            {
                var expected = layer.Bias![j].Item();
                for (var k = 0; k < 3; k++)
                {
                    expected += x[i, k].Item() * layer.Weight[j, k].Item();
                }

                Assert.Equal(expected, y[i, j].Item(), 1e-14);
            }
        }

        Numbers.Close(Numbers.Of(y[0]), layer.Forward(x[0]));
        var batches = layer.Forward(x.Reshape(2, 1, 2, 3));
        Assert.Equal([2, 1, 2, 2], batches.Shape.ToArray());
        Numbers.Close(Numbers.Of(y), batches);
    }

    [Fact]
    public void WithoutABiasOnlyTheProductIsLeft()
    {
        var layer = new Linear(3, 2, bias: false, dtype: DType.Float64);

        Assert.Null(layer.Bias);
        Assert.Equal([layer.Weight], layer.Parameters());
        Numbers.Close([0, 0], layer.Forward(Tensor.Zeros([3], DType.Float64)));
    }

    [Fact]
    public void GradientsAgreeWithDifferences()
    {
        var layer = new Linear(3, 2, dtype: DType.Float64);
        var x = Numbers.Normal(2, 4, 3);

        Numbers.CheckGradient(layer.Forward, x);
        layer.ZeroGradients();
        var seed = Numbers.Normal(3, 4, 2);
        layer.Forward(x).Backward(seed);
        Numbers.Close(Numbers.Of(seed.T.MatMul(x)), layer.Weight.Gradient!);
        Numbers.Close(Numbers.Of(seed.Sum(0)), layer.Bias!.Gradient!);
    }

    [Fact]
    public void SizesAndTypesAreChecked()
    {
        Assert.Contains("linear: inFeatures is 0; it must be at least 1", Assert.Throws<ArgumentOutOfRangeException>(() => new Linear(0, 1)).Message);
        Assert.Contains("linear: outFeatures is -1", Assert.Throws<ArgumentOutOfRangeException>(() => new Linear(1, -1)).Message);
        Assert.Throws<DTypeException>(() => new Linear(1, 1, dtype: DType.Int32));

        var layer = new Linear(3, 2);
        Assert.Throws<ArgumentNullException>(() => layer.Forward(null!));
        Assert.EndsWith("in Linear 3 → 2", Assert.Throws<ShapeException>(() => layer.Forward(Tensor.Scalar(1f))).Message);
        var error = Assert.Throws<DTypeException>(() => layer.Forward(Tensor.Zeros([3], DType.Float64)));
        Assert.StartsWith("linear: dtypes differ: float64 and float32", error.Message);
        Assert.EndsWith("In Linear 3 → 2", error.Message);
    }
}
