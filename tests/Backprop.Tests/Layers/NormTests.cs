using Backprop.Layers;

namespace Backprop.Tests.Layers;

public class NormTests
{
    [Fact]
    public void InstancesAreNormalisedEachForItself()
    {
        var x = Tensor.From([1, 3, 10, 30, 5, 7, 0, 8.0], 2, 2, 2);
        var layer = new InstanceNorm1d(2, epsilon: 0, dtype: DType.Float64);

        Assert.Empty(layer.StateDictionary());
        Numbers.Close([-1, 1, -1, 1, -1, 1, -1, 1], layer.Forward(x));
        Numbers.Close([-1, 1, -1, 1], layer.Forward(x[0]));
        layer.Evaluate();
        Numbers.Close([-1, 1, -1, 1, -1, 1, -1, 1], layer.Forward(x));
        Numbers.Close([-1, 1, -1, 1, -1, 1, -1, 1], new InstanceNorm2d(2, epsilon: 0, dtype: DType.Float64).Forward(x.Reshape(2, 2, 1, 2)));
        Numbers.Close([-1, 1, -1, 1], new InstanceNorm3d(2, epsilon: 0, dtype: DType.Float64).Forward(x[0].Reshape(2, 1, 2, 1)));
    }

    [Fact]
    public void InstancesMoveRunningStatisticsByTheirMean()
    {
        var x = Tensor.From([1, 3, 10, 30, 5, 7, 0, 8.0], 2, 2, 2);
        var layer = new InstanceNorm1d(2, epsilon: 0, affine: true, trackRunningStatistics: true, dtype: DType.Float64);
        layer.Forward(x);

        // Means 2 and 6 of the first channel, 20 and 4 of the second; variances, divided by n − 1, 2 and 2, 200 and 32.
        Numbers.Close([0.4, 1.2], layer.RunningMean!);
        Numbers.Close([1.1, 12.5], layer.RunningVariance!);
        Assert.Equal(1, layer.BatchesTracked!.Item<long>());
        Assert.Equal(["weight", "bias"], layer.NamedParameters().Select(entry => entry.Name));
        Assert.Equal(["running_mean", "running_var", "num_batches_tracked"], layer.NamedBuffers().Select(entry => entry.Name));

        layer.Evaluate();
        Numbers.Close([0.6 / Math.Sqrt(1.1), 2.6 / Math.Sqrt(1.1), 8.8 / Math.Sqrt(12.5), 28.8 / Math.Sqrt(12.5)], layer.Forward(x)[0]);
        Numbers.Close([0.4, 1.2], layer.RunningMean!);
    }

    [Fact]
    public void RowsHaveMeanZeroAndVarianceOne()
    {
        var layer = new LayerNorm(4, dtype: DType.Float64);
        layer.Weight!.Detach().CopyFrom([1.0, 2, 3, 4]);
        layer.Bias!.Detach().CopyFrom([0.0, 0, 1, 1]);
        var s = 1 / Math.Sqrt(5 + 1e-5);
        Numbers.Close([-3 * s, -2 * s, 1 + (3 * s), 1 + (12 * s)], layer.Forward(Tensor.From([1, 3, 5, 7.0])));
        Assert.Equal(["weight", "bias"], layer.StateDictionary().Keys);

        var block = new LayerNorm([2, 3], bias: false, dtype: DType.Float64);
        Assert.Equal([2, 3], block.Weight!.Shape.ToArray());
        Assert.Null(block.Bias);
        var y = block.Forward(Numbers.Normal(1, 5, 2, 3)).Reshape(5, 6);
        Numbers.Close([0, 0, 0, 0, 0], y.Mean(1), 1e-14);
        Numbers.Close([1, 1, 1, 1, 1], y.Square().Mean(1), 1e-4);
        Assert.Empty(new LayerNorm(4, affine: false).StateDictionary());
    }

    [Fact]
    public void RowsHaveMeanSquareOne()
    {
        var layer = new RmsNorm(2, epsilon: 0.5, dtype: DType.Float64);
        layer.Weight!.Detach().CopyFrom([2.0, 1]);
        Numbers.Close([2 * 3 / Math.Sqrt(13), 4 / Math.Sqrt(13)], layer.Forward(Tensor.From([3, 4.0])));
        Assert.Equal(["weight"], layer.StateDictionary().Keys);
        Numbers.Close([Math.Sqrt(2), 0], new RmsNorm([2], affine: false).Forward(Tensor.From([9f, 0])), 1e-6);
    }

    [Fact]
    public void GroupsOfChannelsAreNormalisedTogether()
    {
        var layer = new GroupNorm(2, 4, epsilon: 0, dtype: DType.Float64);
        layer.Weight!.Detach().CopyFrom([1.0, 2, 1, 1]);
        Numbers.Close([-1, 2, -1, 1, 1, -2, 1, -1], layer.Forward(Tensor.From([1, 3, 5, 9, 4, 2, 8, 0.0], 2, 4)));
        Assert.Equal(["weight", "bias"], layer.StateDictionary().Keys);
        Assert.Null(new GroupNorm(2, 4, affine: false).Weight);
    }

    [Fact]
    public void NeighbouringChannelsDampEachOther()
    {
        var y = new LocalResponseNorm(3, alpha: 3, beta: 1, k: 2).Forward(Tensor.From([1, 2, 3.0], 1, 3, 1));
        Numbers.Close([1 / (2 + 5.0), 2 / (2 + 14.0), 3 / (2 + 13.0)], y);
    }

    [Fact]
    public void GradientsAgreeWithDifferences()
    {
        Numbers.CheckGradient(new LayerNorm(5, dtype: DType.Float64).Forward, Numbers.Normal(1, 3, 5));
        Numbers.CheckGradient(new RmsNorm(5, dtype: DType.Float64).Forward, Numbers.Normal(1, 3, 5));
        Numbers.CheckGradient(new GroupNorm(2, 4, dtype: DType.Float64).Forward, Numbers.Normal(1, 2, 4, 3));
        Numbers.CheckGradient(new BatchNorm1d(4, dtype: DType.Float64).Forward, Numbers.Normal(1, 5, 4));
        Numbers.CheckGradient(new InstanceNorm1d(2, affine: true, dtype: DType.Float64).Forward, Numbers.Normal(1, 2, 2, 5));
        Numbers.CheckGradient(new LocalResponseNorm(2, alpha: 0.5).Forward, Numbers.Normal(1, 2, 3, 2));
    }

    [Fact]
    public void SizesAndTypesAreChecked()
    {
        Refused<ShapeException>("layer_norm: the input [2, 3] must be [..., 4], in LayerNorm 4", () => new LayerNorm(4).Forward(Tensor.Zeros([2, 3])));
        Refused<ShapeException>("rms_norm: the input [3] must be [..., 2, 3], in RmsNorm [2, 3]", () => new RmsNorm([2, 3]).Forward(Tensor.Zeros([3])));
        Refused<ShapeException>("group_norm: the input [2, 3] must be [N, 4, …]", () => new GroupNorm(2, 4).Forward(Tensor.Zeros([2, 3])));
        Refused<ShapeException>(
            "instance_norm2d: the input [2, 3] must be [N, 3, H, W] or [3, H, W]", () => new InstanceNorm2d(3).Forward(Tensor.Zeros([2, 3])));
        Refused<ShapeException>("layer_norm: the normalised shape must have at least one axis", () => new LayerNorm([]));
        Refused<DTypeException>("layer_norm: dtypes differ: float64 and float32", () => new LayerNorm(3).Forward(Tensor.Zeros([3], DType.Float64)));
        Refused<DTypeException>("rms_norm", () => new RmsNorm(3, dtype: DType.Int32));
        Refused<ArgumentOutOfRangeException>("layer_norm: size is 0", () => new LayerNorm([2, 0]));
        Refused<ArgumentOutOfRangeException>("group_norm: groups is 3; it must be a positive divisor of the 4 channels", () => new GroupNorm(3, 4));
        Refused<ArgumentOutOfRangeException>("rms_norm: epsilon is NaN", () => new RmsNorm(3, double.NaN));
        Refused<ArgumentOutOfRangeException>("local_response_norm: size is 0", () => new LocalResponseNorm(0));
        Assert.Throws<ArgumentNullException>(() => new LayerNorm(3).Forward(null!));
    }

    [Fact]
    public void TextShowsTheSettings()
    {
        Assert.Equal("LayerNorm(64)", new LayerNorm(64).ToString());
        Assert.Equal("LayerNorm([2, 3], ε 0.1)", new LayerNorm([2, 3], 0.1).ToString());
        Assert.Equal("RmsNorm(8, ε 1E-06)", new RmsNorm(8, 1e-6).ToString());
        Assert.Equal("GroupNorm(2 groups, 4)", new GroupNorm(2, 4).ToString());
        Assert.Equal("LocalResponseNorm(5, α 0.0001, β 0.75, k 1)", new LocalResponseNorm(5).ToString());
        Assert.Equal("InstanceNorm3d(4)", new InstanceNorm3d(4).ToString());
    }

    private static void Refused<TException>(string beginning, Func<object> action)
        where TException : Exception =>
        Assert.StartsWith(beginning, Assert.Throws<TException>(action).Message);
}
