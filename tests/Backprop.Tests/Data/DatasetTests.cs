using Backprop.Data;

namespace Backprop.Tests.Data;

public class DatasetTests
{
    [Fact]
    public void RowsAreGatheredInTheOrderAskedFor()
    {
        Tensor inputs = [[1, 2], [3, 4], [5, 6]];
        var dataset = new TensorDataset(inputs, Tensor.From([10L, 20L, 30L], 3));
        Assert.Equal(3, dataset.Count);
        var (x, y) = dataset.GetBatch([2, 0, 2]);
        Assert.Equal([3, 2], x.Shape.ToArray());
        Assert.Equal([5, 6, 1, 2, 5, 6], x.ToArray<float>());
        Assert.Equal([30, 10, 30], y.ToArray<long>());
    }

    [Fact]
    public void EveryTypeAndFormIsGathered()
    {
        Check(Tensor.From([1.5, 2.5, 3.5], 3), [3.5, 1.5]);
        Check(Tensor.From([1, 2, 3], 3), [3, 1]);
        Check(Tensor.From([1L, 2L, 3L], 3), [3L, 1L]);
        Check(Tensor.From([true, false, false], 3), [false, true]);
        Check(Tensor.From([1f, 2f, 3f], 3).Reshape(3, 1, 1), [3f, 1f]);
        Tensor matrix = [[1, 2, 3], [4, 5, 6]];
        Check(matrix.Transpose(), [3f, 6f, 1f, 4f]);
        Check(Tensor.Zeros([3, 0]), Array.Empty<float>());

        static void Check<T>(Tensor inputs, T[] expected) where T : unmanaged
        {
            var batch = new TensorDataset(inputs, Tensor.Zeros([3])).GetBatch([2, 0]);
            Assert.Equal(expected, batch.Inputs.ToArray<T>());
            Assert.Equal([2, .. inputs.Shape[1..]], batch.Inputs.Shape.ToArray());
        }
    }

    [Fact]
    public void ABatchIsReusedWhereItFits()
    {
        var dataset = new TensorDataset(Tensor.From([1f, 2f, 3f], 3), Tensor.From([1L, 2L, 3L], 3));
        var first = dataset.GetBatch([0, 1]);
        var second = dataset.GetBatch([2, 1], first);
        Assert.Same(first.Inputs, second.Inputs);
        Assert.Equal([3, 2], first.Inputs.ToArray<float>());
        Assert.NotSame(first.Inputs, dataset.GetBatch([2], first).Inputs);
        Batch recycled;
        using (TensorScope.Begin())
        {
            recycled = dataset.GetBatch([0, 1]);
        }

        Assert.Equal([3, 2], dataset.GetBatch([2, 1], recycled).Inputs.ToArray<float>());
        Assert.NotSame(first.Inputs, dataset.GetBatch([2, 1]).Inputs);
    }

    [Fact]
    public void TensorsThatDoNotGoTogetherAreRefused()
    {
        var error = Assert.Throws<ShapeException>(() => new TensorDataset(Tensor.Zeros([3, 2]), Tensor.Zeros([2])));
        Assert.Contains("inputs [3, 2] and targets [2] need an axis 0 of the same size", error.Message);
        Assert.Throws<ShapeException>(() => new TensorDataset(Tensor.Scalar(1f), Tensor.Scalar(1f)));
        Assert.Throws<ArgumentNullException>("inputs", () => new TensorDataset(null!, Tensor.Zeros([2])));
        Assert.Throws<ArgumentNullException>("targets", () => new TensorDataset(Tensor.Zeros([2]), null!));
    }

    [Theory]
    [InlineData(10, 0.8, 8)]
    [InlineData(10, 0.25, 3)]
    [InlineData(3, 0.01, 0)]
    [InlineData(0, 0.5, 0)]
    public void ASplitPutsEveryExampleOnOneSide(int count, double fraction, int expected)
    {
        var numbers = Enumerable.Range(0, count).Select(i => (long)i).ToArray();
        var dataset = new TensorDataset(Tensor.From([.. numbers.Select(i => (float)-i)], count, 1), Tensor.From(numbers, count));
        var (first, second) = dataset.Split(fraction, seed: 5);
        Assert.Equal((expected, count - expected), (first.Count, second.Count));
        var targets = first.Targets.ToArray<long>().Concat(second.Targets.ToArray<long>()).ToArray();
        Assert.Equal(numbers, targets.Order());
        Assert.Equal(targets.Select(i => (float)-i), first.Inputs.ToArray<float>().Concat(second.Inputs.ToArray<float>()));
    }

    [Fact]
    public void TheSeedDecidesASplit()
    {
        var dataset = new TensorDataset(Tensor.Zeros([50, 1]), Tensor.From([.. Enumerable.Range(0, 50)], 50));
        Assert.Equal(Split(1), Split(1));
        Assert.NotEqual(Split(1), Split(2));
        Assert.NotEqual(Enumerable.Range(0, 25), Split(1).Order());

        int[] Split(ulong seed) => dataset.Split(0.5, seed).First.Targets.ToArray<int>();
    }

    [Fact]
    public void ASplitOutlivesTheScopeItIsMadeIn()
    {
        var dataset = new TensorDataset(Tensor.Ones([4, 1]), Tensor.Ones([4]));
        TensorDataset first;
        using (TensorScope.Begin())
        {
            (first, _) = dataset.Split(0.5, seed: 1);
        }

        Assert.Equal([1f, 1f], first.GetBatch([0, 1]).Targets.ToArray<float>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(80)]
    [InlineData(double.NaN)]
    public void ASplitNeedsAFraction(double fraction)
    {
        var dataset = new TensorDataset(Tensor.Zeros([4, 1]), Tensor.Zeros([4]));
        var error = Assert.Throws<ArgumentOutOfRangeException>("fraction", () => dataset.Split(fraction, seed: 1));
        Assert.Contains("above 0 and below 1", error.Message);
    }

    [Fact]
    public void NumbersOfNoExampleAreRefused()
    {
        IDataset[] datasets =
        [
            new TensorDataset(Tensor.Zeros([3, 2]), Tensor.Zeros([3])),
            new ImageDataset(SyntheticDigits.Generate(3, seed: 1)),
        ];
        foreach (var dataset in datasets)
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>("indices", () => dataset.GetBatch([0, 3]));
            Assert.Contains("0 to 2", error.Message);
            Assert.Throws<ArgumentOutOfRangeException>("indices", () => dataset.GetBatch([-1]));
        }

        var empty = new TensorDataset(Tensor.Zeros([0, 2]), Tensor.Zeros([0]));
        Assert.Contains("the dataset is empty", Assert.Throws<ArgumentOutOfRangeException>("indices", () => empty.GetBatch([0])).Message);
        Assert.Equal(0, empty.GetBatch([]).Inputs.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ImagesBecomeNumbers(bool flatten)
    {
        var digits = SyntheticDigits.Generate(20, seed: 4);
        var dataset = new ImageDataset(digits, flatten, mean: 0.1307f, deviation: 0.3081f);
        var (x, y) = dataset.GetBatch([7, 3]);
        Assert.Equal(flatten ? [2, 784] : [2, 1, 28, 28], x.Shape.ToArray());
        Assert.Equal([2], y.Shape.ToArray());
        var expected = digits.Image(7).ToArray().Concat(digits.Image(3).ToArray()).Select(b => ((b / 255f) - 0.1307f) / 0.3081f);
        Assert.Equal(expected, x.ToArray<float>());
        Assert.Equal([digits.Labels[7], digits.Labels[3]], y.ToArray<long>());
        Assert.Same(x, dataset.GetBatch([1, 2], new Batch(x, y)).Inputs);
        Assert.Same(y, dataset.GetBatch([1, 2], new Batch(x, y)).Targets);
    }

    [Fact]
    public void ImagesOfAnySizeBecomeNumbers()
    {
        for (var width = 1; width < 80; width++)
        {
            var pixels = Enumerable.Range(0, 2 * width).Select(i => (byte)(i * 37)).ToArray();
            var dataset = new ImageDataset(new LabeledImages(pixels, new byte[2], 1, width, "here"));
            Assert.Equal(pixels[width..].Select(b => b / 255f), dataset.GetBatch([1]).Inputs.ToArray<float>());
        }
    }

    [Fact]
    public void BadNormalisationIsRefused()
    {
        var digits = SyntheticDigits.Generate(1, seed: 4);
        Assert.Throws<ArgumentOutOfRangeException>("mean", () => new ImageDataset(digits, mean: float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>("deviation", () => new ImageDataset(digits, deviation: 0));
        Assert.Throws<ArgumentOutOfRangeException>("deviation", () => new ImageDataset(digits, deviation: float.NaN));
        Assert.Throws<ArgumentNullException>("images", () => new ImageDataset(null!));
    }
}
