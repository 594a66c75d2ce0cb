using Backprop.Layers;

namespace Backprop.Tests.Layers;

public class ImageTests
{
    [Fact]
    public void NoImagesGiveNoResults()
    {
        var x = Tensor.Zeros([0, 2, 4, 4]).RequireGradient();
        Assert.Equal([0, 8, 9], Shape(x.Unfold(2)));
        Assert.Equal([0, 2, 4, 4], Shape(x.Unfold(2).Fold(4, 2)));
        Assert.Equal([0, 2, 3, 7], Shape(x.Interpolate([3, 7], InterpolationMode.Linear)));
        Assert.Equal([0, 8, 2, 2], Shape(x.PixelUnshuffle(2)));
        var y = x.Interpolate(9).Sum() + x.Unfold(3).Sum();
        y.Backward();
        Assert.Equal([0, 2, 4, 4], Shape(x.Gradient!));
    }

    [Fact]
    public void ImagesGrowByTheirNeighbours()
    {
        Tensor x = Tensor.From([1.0, 2, 3, 4], 1, 1, 2, 2);
        Numbers.Close([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4], new Upsample(2).Forward(x));
        Numbers.Close([1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4], Upsample.To(3, InterpolationMode.Linear, alignCorners: true).Forward(x));
        Numbers.Close([1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4], Upsample.To([3, 3], InterpolationMode.Linear, alignCorners: true).Forward(x));
        Numbers.Close([1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4], new Upsample([3, 1]).Forward(x));
        Numbers.Close([2.5], Upsample.To(1, InterpolationMode.Area).Forward(x));
        Assert.Equal("Upsample(size 3, Linear, corners aligned)", Upsample.To(3, InterpolationMode.Linear, alignCorners: true).ToString());
        Assert.Equal("Upsample(scale [1.5, 2], Nearest)", new Upsample([1.5, 2]).ToString());
    }

    [Fact]
    public void MistakesOfResizingAreRefused()
    {
        Assert.Contains("upsample: scale is 0", Assert.Throws<ArgumentOutOfRangeException>(() => new Upsample(0)).Message);
        Assert.Contains("upsample: scale is NaN", Assert.Throws<ArgumentOutOfRangeException>(() => new Upsample([1, double.NaN])).Message);
        Assert.Contains("upsample: scale has 0", Assert.Throws<ArgumentOutOfRangeException>(() => new Upsample([])).Message);
        Assert.Contains("size is 0", Assert.Throws<ArgumentOutOfRangeException>(() => Upsample.To(0)).Message);
        Assert.StartsWith("interpolate_by: ", Assert.Throws<ShapeException>(() => new Upsample(2).Forward(Tensor.Zeros([2, 2]))).Message);
        Assert.Contains(
            "pixel_shuffle: factor is 0", Assert.Throws<ArgumentOutOfRangeException>(() => new PixelShuffle(0)).Message);
        Assert.Contains(
            "pixel_unshuffle: factor is -1", Assert.Throws<ArgumentOutOfRangeException>(() => new PixelUnshuffle(-1)).Message);
    }

    [Fact]
    public void ChannelsBecomePixelsAndBack()
    {
        var x = Tensor.Arange(8, DType.Float64).Reshape(1, 4, 1, 2);
        var y = new PixelShuffle(2).Forward(x);
        Assert.Equal([1, 1, 2, 4], Shape(y));
        Numbers.Close([0, 2, 1, 3, 4, 6, 5, 7], y);
        Numbers.Close(Numbers.Of(x), new PixelUnshuffle(2).Forward(y));
        Assert.Equal("PixelShuffle(factor 2)", new PixelShuffle(2).ToString());
    }

    [Fact]
    public void WindowsBecomeColumnsAndAreAddedUp()
    {
        var x = Tensor.Ones([1, 1, 3, 3], DType.Float64);
        var columns = new Unfold(2).Forward(x);
        Assert.Equal([1, 4, 4], Shape(columns));
        Numbers.Close([1, 2, 1, 2, 4, 2, 1, 2, 1], new Fold(3, 2).Forward(columns));
        Assert.Equal("Unfold(kernel 2, stride 3)", new Unfold(2, stride: 3).ToString());
        Assert.Equal("Fold(to [3, 4], kernel 2)", new Fold([3, 4], 2).ToString());
    }

    /// <summary>A convolution is the product of its weights with the columns.</summary>
    [Fact]
    public void ColumnsMakeAConvolution()
    {
        var (x, weight) = (Numbers.Normal(1, 2, 3, 7, 6), Numbers.Normal(2, 4, 3, 3, 2));
        var y = weight.Reshape(4, 18).MatMul(x.Unfold([3, 2], dilation: [2, 1], padding: [1, 0], stride: [2, 3]));
        Numbers.Close(Numbers.Of(y), Tensor.Conv2d(x, weight, stride: [2, 3], padding: [1, 0], dilation: [2, 1]));
    }

    [Fact]
    public void PaddingGoesAroundTheLastAxes()
    {
        var x = Tensor.From([1.0, 2, 3], 1, 3);
        Numbers.Close([3, 2, 1, 2, 3, 2, 1], new Pad1d(2, PaddingMode.Reflect).Forward(x));
        Numbers.Close([1, 2, 3, 3], new Pad1d((0, 1), PaddingMode.Replicate).Forward(x));
        Numbers.Close([3, 1, 2, 3, 1], new Pad1d(1, PaddingMode.Circular).Forward(x));
        Numbers.Close([7, 1, 2, 3, 7], new Pad1d(1, value: 7).Forward(x));
        Assert.Equal([2, 5, 8], Shape(new Pad2d([1, 2]).Forward(Tensor.Ones([2, 3, 4]))));
        Assert.Equal([2, 4, 6], Shape(new Pad2d((0, 1), (2, 0)).Forward(Tensor.Ones([2, 3, 4]))));
        Assert.Equal([3, 4, 5], Shape(new Pad3d(1).Forward(Tensor.Ones([1, 2, 3]))));
        Assert.Equal([4, 2, 4], Shape(new Pad3d((1, 2), (0, 0), (0, 1), PaddingMode.Replicate).Forward(Tensor.Ones([1, 2, 3]))));
        Assert.Equal("Pad2d(1, 2, Reflect)", new Pad2d([1, 2], PaddingMode.Reflect).ToString());
        Assert.Equal("Pad1d((0, 1), value 0.5)", new Pad1d((0, 1), value: 0.5).ToString());
    }

    [Fact]
    public void PaddingIsChecked()
    {
        Assert.Contains("pad: ", Assert.Throws<ShapeException>(() => new Pad2d(1).Forward(Tensor.Ones([3]))).Message);
        Assert.Contains("pad: amount is -1", Assert.Throws<ArgumentOutOfRangeException>(() => new Pad2d(-1)).Message);
        Assert.Contains("2 axes", Assert.Throws<ArgumentOutOfRangeException>(() => new Pad2d([1, 2, 3])).Message);
        Assert.Contains("pad: mode is 9", Assert.Throws<ArgumentOutOfRangeException>(() => new Pad1d(1, (PaddingMode)9)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Pad1d(3, PaddingMode.Reflect).Forward(Tensor.Ones([1, 3])));
    }

    private static int[] Shape(Tensor tensor) => tensor.Shape.ToArray();
}
