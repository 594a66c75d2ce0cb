using Backprop.Layers;
using Backprop.Tests.Data;

namespace Backprop.Tests.Layers;

public class BatchNormTests
{
    /// <summary>Channels with mean 2 and 20 and variance 2 and 200.</summary>
    private static Tensor Batch => Tensor.From([0, 0, 2, 20, 4, 40, 2, 20.0], 4, 2);

    [Fact]
    public void TrainingNormalisesByTheBatchAndMovesTheStatistics()
    {
        var layer = new BatchNorm1d(2, dtype: DType.Float64);
        var y = layer.Forward(Batch);

        var (a, b) = (2 / Math.Sqrt(2 + 1e-5), 20 / Math.Sqrt(200 + 1e-5));
        Numbers.Close([-a, -b, 0, 0, a, b, 0, 0], y);
        Numbers.Close([0.2, 2], layer.RunningMean!);
        Numbers.Close([0.9 + (0.1 * 8 / 3), 0.9 + (0.1 * 800 / 3)], layer.RunningVariance!);
        Assert.Equal(1, layer.BatchesTracked!.Item<long>());

        layer.Forward(Batch);
        Numbers.Close([0.38, 3.8], layer.RunningMean!);
        Assert.Equal(2, layer.BatchesTracked!.Item<long>());

        layer.ResetRunningStatistics();
        Numbers.Close([0, 0], layer.RunningMean!);
        Numbers.Close([1, 1], layer.RunningVariance!);
        Assert.Equal(0, layer.BatchesTracked!.Item<long>());
    }

    [Fact]
    public void WithoutAMomentumStatisticsAreAveragesOverTheSteps()
    {
        var layer = new BatchNorm1d(2, momentum: null, dtype: DType.Float64);
        layer.Forward(Batch);
        Numbers.Close([2, 20], layer.RunningMean!);
        layer.Forward(Batch + 3);
        Numbers.Close([3.5, 21.5], layer.RunningMean!);
        layer.Forward(Batch + 6);
        Numbers.Close([5, 23], layer.RunningMean!);
        Numbers.Close([8 / 3.0, 800 / 3.0], layer.RunningVariance!);
    }

    [Fact]
    public void EvaluationUsesTheRunningStatisticsAndLeavesThemAlone()
    {
        var layer = new BatchNorm1d(2, epsilon: 0, dtype: DType.Float64);
        layer.RunningMean!.CopyFrom([1.0, 2]);
        layer.RunningVariance!.CopyFrom([4.0, 9]);
        Initialize.Constant(layer.Weight!, 3);
        Initialize.Constant(layer.Bias!, 1);
        layer.Evaluate();

        Numbers.Close([-0.5, -1, 2.5, 19, 5.5, 39, 2.5, 19], layer.Forward(Batch));
        Numbers.Close([1, 2], layer.RunningMean!);
        Assert.Equal(0, layer.BatchesTracked!.Item<long>());
    }

    [Fact]
    public void WithoutStatisticsEvaluationUsesTheInputAsWell()
    {
        var layer = new BatchNorm1d(2, affine: false, trackRunningStatistics: false, dtype: DType.Float64);
        var trained = layer.Forward(Batch).ToArray<double>();
        layer.Evaluate();

        Assert.Equal(trained, layer.Forward(Batch).ToArray<double>());
        Assert.Empty(layer.StateDictionary());
    }

    [Fact]
    public void ChannelsAreNormalisedOverAllPositions()
    {
        var x = Numbers.Normal(1, 3, 2, 5, 4, 2);
        foreach (var (layer, input) in new (Module, Tensor)[]
        {
            (new BatchNorm1d(2, dtype: DType.Float64), x.Reshape(3, 2, 40)),
            (new BatchNorm2d(2, dtype: DType.Float64), x.Reshape(3, 2, 5, 8)),
            (new BatchNorm3d(2, dtype: DType.Float64), x),
        })
        {
            var y = layer.Forward(input);
            Assert.Equal(input.Shape.ToArray(), y.Shape.ToArray());
            var channels = x.MoveAxis(1, 0).Reshape(2, -1);
            var centered = channels - channels.Mean(1, keepDimensions: true);
            var expected = centered / (centered.Square().Mean(1, keepDimensions: true) + 1e-5).Sqrt();
            Numbers.Close(Numbers.Of(expected), y.MoveAxis(1, 0).Reshape(2, -1), 1e-11);
        }
    }

    [Fact]
    public void StatesBearPyTorchsNames()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "norm.safetensors");
        var (from, to) = (new BatchNorm2d(3), new BatchNorm2d(3));
        Assert.Equal(["bias", "num_batches_tracked", "running_mean", "running_var", "weight"], from.StateDictionary().Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["weight", "bias"], from.NamedParameters().Select(entry => entry.Name));
        Assert.All(from.StateDictionary(), entry => Assert.Equal(entry.Key == "num_batches_tracked" ? [] : [3], entry.Value.Shape.ToArray()));
        Assert.Equal(DType.Int64, from.BatchesTracked!.DType);

        using (TensorScope.Begin())
        {
            from.Forward(Tensor.Normal([2, 3, 4, 4], mean: 5));
        }

        from.Save(path);
        to.Load(path);
        Assert.Equal(1, to.BatchesTracked!.Item<long>());
        Assert.Equal(from.RunningMean!.ToArray<float>(), to.RunningMean!.ToArray<float>());
        Assert.NotEqual(0, to.RunningMean!.ToArray<float>()[0]);
    }

    [Fact]
    public void ACheckpointMovesTheStatisticsOnce()
    {
        var (plain, checkpointed) = (new BatchNorm1d(2, dtype: DType.Float64), new BatchNorm1d(2, dtype: DType.Float64));
        var x = Numbers.Normal(3, 5, 2);
        var (first, second) = (x.Clone().RequireGradient(), x.Clone().RequireGradient());
        plain.Forward(first).Exp().Sum().Backward();
        Checkpoint.Run(() => checkpointed.Forward(second).Exp()).Sum().Backward();

        Assert.Equal(first.Gradient!.ToArray<double>(), second.Gradient!.ToArray<double>());
        Assert.Equal(plain.RunningMean!.ToArray<double>(), checkpointed.RunningMean!.ToArray<double>());
        Assert.Equal(plain.RunningVariance!.ToArray<double>(), checkpointed.RunningVariance!.ToArray<double>());
        Assert.Equal(1, checkpointed.BatchesTracked!.Item<long>());
    }

    [Fact]
    public void TheStatisticsOfAHundredStepsComeCloseToTheTruth()
    {
        var layer = new BatchNorm1d(3);
        var generator = new Generator(7);
        for (var i = 0; i < 100; i++)
        {
            layer.Forward(Tensor.Normal([256, 3], mean: -4, deviation: 3, generator: generator));
        }

        Numbers.Close([-4, -4, -4], layer.RunningMean!, 0.05);
        Numbers.Close([9, 9, 9], layer.RunningVariance!, 0.05);
    }

    [Fact]
    public void NothingMovesWhereTheInputDoesNotFit()
    {
        var layer = new BatchNorm2d(3);
        Assert.Equal(
            "batch_norm2d: the input [2, 4, 5, 5] must be [N, 3, H, W], in BatchNorm2d 3",
            Assert.Throws<ShapeException>(() => layer.Forward(Tensor.Zeros([2, 4, 5, 5]))).Message);
        Assert.Contains("[N, 3] or [N, 3, L]", Assert.Throws<ShapeException>(() => new BatchNorm1d(3).Forward(Tensor.Zeros([3]))).Message);
        Assert.Contains("[N, 3, D, H, W]", Assert.Throws<ShapeException>(() => new BatchNorm3d(3).Forward(Tensor.Zeros([2, 3, 4, 4]))).Message);
        Assert.Contains("one element", Assert.Throws<ShapeException>(() => layer.Forward(Tensor.Zeros([1, 3, 1, 1]))).Message);
        Assert.EndsWith("In BatchNorm2d 3", Assert.Throws<DTypeException>(() => layer.Forward(Tensor.Zeros([2, 3, 4, 4], DType.Float64))).Message);
        Assert.Equal(0, layer.BatchesTracked!.Item<long>());
        Numbers.Close([0, 0, 0], layer.RunningMean!);

        Assert.Contains("features is 0", Assert.Throws<ArgumentOutOfRangeException>(() => new BatchNorm1d(0)).Message);
        Assert.Contains("momentum is 1.5", Assert.Throws<ArgumentOutOfRangeException>(() => new BatchNorm1d(1, momentum: 1.5)).Message);
        Assert.Contains("epsilon is -1", Assert.Throws<ArgumentOutOfRangeException>(() => new BatchNorm1d(1, epsilon: -1)).Message);
        Assert.Throws<DTypeException>(() => new BatchNorm1d(1, affine: false, trackRunningStatistics: false, dtype: DType.Int64));
    }

    [Fact]
    public void TextShowsWhatIsNotAsUsual()
    {
        Assert.Equal("BatchNorm2d(64)", new BatchNorm2d(64).ToString());
        Assert.Equal("BatchNorm1d(6, ε 0.001, cumulative)", new BatchNorm1d(6, 0.001, momentum: null).ToString());
        Assert.Equal("BatchNorm3d(6, momentum 0.01)", new BatchNorm3d(6, momentum: 0.01).ToString());
    }

    [Fact]
    public void RectifyingWithAResidualIsTheSameAsStepByStep()
    {
        foreach (var (rank, isTraining) in new[] { (2, true), (4, true), (4, false) })
        {
            var x = Numbers.Normal(1, rank == 2 ? [6, 3] : [2, 3, 5, 7]).To(DType.Float32);
            var residual = Numbers.Normal(2, x.Shape.ToArray()).To(DType.Float32);
            BatchNorm fused = rank == 2 ? new BatchNorm1d(3) : new BatchNorm2d(3);
            BatchNorm plain = rank == 2 ? new BatchNorm1d(3) : new BatchNorm2d(3);
            var (y, gradients) = Run(fused, x, residual, (layer, input, added) => layer.ForwardRelu(input, added), isTraining);
            var (expected, expectedGradients) = Run(plain, x, residual, (layer, input, added) => (layer.Forward(input) + added).Relu(), isTraining);

            Assert.Equal(expected.ToArray<float>(), y.ToArray<float>());
            Assert.Contains(0f, y.ToArray<float>());
            Assert.Equal(plain.RunningMean!.ToArray<float>(), fused.RunningMean!.ToArray<float>());
            Assert.Equal(plain.RunningVariance!.ToArray<float>(), fused.RunningVariance!.ToArray<float>());
            Assert.Equal(isTraining ? 1 : 0, fused.BatchesTracked!.Item<long>());
            Assert.Equal(expectedGradients, gradients);
        }
    }

    private static (Tensor Result, float[] Gradients) Run(
        BatchNorm layer, Tensor x, Tensor residual, Func<BatchNorm, Tensor, Tensor, Tensor> forward, bool isTraining)
    {
        if (!isTraining)
        {
            layer.Evaluate();
        }

        var (a, b) = (x.Clone().RequireGradient(), residual.Clone().RequireGradient());
        var y = forward(layer, a, b);
        (y * y).Sum().Backward();
        Tensor[] all = [a, b, layer.Weight!, layer.Bias!];
        return (y, [.. all.SelectMany(tensor => tensor.Gradient!.ToArray<float>())]);
    }
}
