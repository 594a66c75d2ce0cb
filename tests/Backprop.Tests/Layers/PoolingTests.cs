using Backprop.Layers;

namespace Backprop.Tests.Layers;

public class PoolingTests
{
    private static Tensor Plane => Tensor.Arange(16, DType.Float64).Reshape(1, 1, 4, 4);

    [Fact]
    public void LayersDoWhatTheFunctionsDo()
    {
        Numbers.Close([5, 7, 13, 15], new MaxPool2d(2).Forward(Plane));
        Numbers.Close([2.5, 4.5, 10.5, 12.5], new AvgPool2d(2).Forward(Plane));
        Numbers.Close([7.5], new AdaptiveAvgPool2d(1).Forward(Plane));
        Numbers.Close([15], new AdaptiveMaxPool2d(1).Forward(Plane));
        var row = Plane.Reshape(1, 16);
        Numbers.Close([2, 6, 10, 14], new MaxPool1d(3, stride: 4).Forward(row));
        Numbers.Close([1, 5, 9, 13], new AvgPool1d(3, stride: 4).Forward(row));
        Numbers.Close([3.5, 11.5], new AdaptiveAvgPool1d(2).Forward(row));
        Numbers.Close([7, 15], new AdaptiveMaxPool1d(2).Forward(row));
        Numbers.Close([1, 5, 9, 13, 17, 21, 25, 29], new LpPool1d(1, 2).Forward(row));
        Numbers.Close([Math.Sqrt(0 + 1 + 16 + 25)], new LpPool2d(2, 2).Forward(Plane)[0, 0, ..1, ..1]);
        var block = Plane.Reshape(1, 4, 2, 2);
        Numbers.Close([7, 15], new MaxPool3d(2).Forward(block));
        Numbers.Close([3.5, 11.5], new AvgPool3d(2).Forward(block));
        Numbers.Close([7.5], new AdaptiveAvgPool3d(1).Forward(block));
        Numbers.Close([15], new AdaptiveMaxPool3d(1).Forward(block));
        Numbers.Close([28, 92], new LpPool3d(1, 2).Forward(block));
    }

    [Fact]
    public void TheGradientGoesToTheFirstOfEquals()
    {
        foreach (var stride in new[] { 1, 2 })
        {
            var x = Tensor.Ones([1, 3, 3]).RequireGradient();
            x.MaxPool2d(2, stride).Sum().Backward();
            Numbers.Close(stride == 2 ? [1, 0, 0, 0, 0, 0, 0, 0, 0] : [1, 1, 0, 1, 1, 0, 0, 0, 0], x.Gradient!);
        }
    }

    [Fact]
    public void NotANumberWins()
    {
        foreach (var width in new[] { 4, 40 })
        {
            var x = Tensor.Zeros([1, 2, width]);
            using (Recording.Pause())
            {
                x[0, 1, 2].Fill(double.NaN);
            }

            x = x.RequireGradient();
            var (y, indices) = x.MaxPool2dWithIndices(2);
            Assert.True(float.IsNaN(y[0, 0, 1].Item<float>()));
            Assert.Equal(0, y[0, 0, 0].Item<float>());
            Assert.Equal(width + 2, indices[0, 0, 1].Item<long>());
            y.Backward(Tensor.OnesLike(y));
            Assert.Equal(1, x.Gradient![0, 1, 2].Item<float>());
            Assert.Equal(width / 2, x.Gradient!.Sum().Item<float>());
        }
    }

    /// <summary>Against the definition, in shapes that take every path: widths beside and beyond registers, strides, padding, dilation.</summary>
    [Theory]
    [InlineData(2, 2, 0, 1)]
    [InlineData(3, 2, 1, 1)]
    [InlineData(3, 1, 1, 1)]
    [InlineData(2, 1, 1, 2)]
    [InlineData(3, 2, 2, 2)]
    [InlineData(5, 3, 2, 1)]
    [InlineData(40, 1, 0, 1)]
    public void EveryPathAgreesWithTheDefinition(int kernel, int stride, int padding, int dilation)
    {
        foreach (var size in new[] { 41, 67, 128 })
        {
            var x = Tensor.Normal([2, size], generator: new Generator(5));
            var values = x.ToArray<float>();
            var largest = x.MaxPool1d(kernel, stride, padding, dilation);
            for (var i = 0; i < largest.Count; i++)
            {
                var row = i / largest.Shape[1];
                var begin = (i % largest.Shape[1] * stride) - padding;
                var window = Enumerable.Range(0, kernel).Select(j => begin + (j * dilation)).Where(at => at >= 0 && at < size)
                    .Select(at => values[(row * size) + at]).ToArray();
                Assert.Equal(window.Max(), largest.Reshape(-1)[i].Item<float>());
                if (dilation == 1)
                {
                    var mean = x.AvgPool1d(kernel, stride, padding, countIncludePad: false).Reshape(-1)[i].Item<float>();
                    Assert.Equal(window.Average(), mean, 1e-5f);
                }
            }
        }
    }

    [Fact]
    public void NoSamplesGiveNoResults()
    {
        var x = Tensor.Zeros([0, 2, 4, 4]).RequireGradient();
        Assert.Equal([0, 2, 2, 2], x.MaxPool2d(2).Shape.ToArray());
        var y = x.AvgPool2d(2);
        Assert.Equal([0, 2, 2, 2], y.Shape.ToArray());
        y.Backward(Tensor.OnesLike(y));
        Assert.Equal([0, 2, 4, 4], x.Gradient!.Shape.ToArray());
    }

    [Fact]
    public void TextShowsTheSettings()
    {
        Assert.Equal("MaxPool2d(kernel [3, 2], stride 2, padding 1)", new MaxPool2d([3, 2], stride: 2, padding: 1).ToString());
        Assert.Equal("AvgPool1d(kernel 2)", new AvgPool1d(2).ToString());
        Assert.Equal("AdaptiveAvgPool2d([1, 2])", new AdaptiveAvgPool2d([1, 2]).ToString());
        Assert.Equal("LpPool2d(p 1.5, kernel 2)", new LpPool2d(1.5, 2).ToString());
    }

    [Fact]
    public void NumbersPerAxisAreEqualByValue()
    {
        PerAxis one = 2, two = [2, 3], same = new[] { 2, 3 };
        Assert.True(two == same);
        Assert.True(one != two);
        Assert.Equal(two.GetHashCode(), same.GetHashCode());
        Assert.True(two.Equals((object)same));
        Assert.Equal("[2, 3]", two.ToString());
        Assert.NotEqual(default, one);
    }
}
