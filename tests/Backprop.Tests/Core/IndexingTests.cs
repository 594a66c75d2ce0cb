namespace Backprop.Tests.Core;

public class IndexingTests
{
    private static readonly Naive Source = new([4, 5, 6], index => (index[0] * 100) + (index[1] * 10) + index[2]);
    private readonly Tensor x = Source.ToTensor();

    [Fact]
    public void PositionsRemoveTheirAxis()
    {
        Assert.Equal(234, x[2, 3, 4].Item());
        Assert.Equal(234, x[^2, -2, ^2].Item());
        new Naive([5, 6], i => Source[1, i[0], i[1]]).AssertSame(x[1]);
        new Naive([4, 6], i => Source[i[0], 4, i[1]]).AssertSame(x[.., ^1]);
        new Naive([4, 5], i => Source[i[0], i[1], 0]).AssertSame(x[TensorIndex.Ellipsis, 0]);
        new Naive([4, 6], i => Source[i[0], 3, i[1]]).AssertSame(x.Select(-2, -2));
    }

    [Fact]
    public void RangesKeepTheirAxis()
    {
        new Naive([2, 5, 6], i => Source[i[0] + 1, i[1], i[2]]).AssertSame(x[1..3]);
        new Naive([4, 4, 6], i => Source[i[0], i[1], i[2]]).AssertSame(x[.., ..^1]);
        new Naive([4, 5, 2], i => Source[i[0], i[1], i[2] + 4]).AssertSame(x[.., .., ^2..]);
        new Naive([5, 3], i => Source[3, i[0], (2 * i[1]) + 1]).AssertSame(x[3, .., TensorIndex.Every(1.., 2)]);
        new Naive([4, 2, 6], i => Source[i[0], 3 * i[1], i[2]]).AssertSame(x[.., TensorIndex.Every(.., 3)]);
        Assert.Equal([4, 0, 6], x[.., 2..2].Shape.ToArray());
        Assert.Equal([4, 0, 6], x[.., 5..].Shape.ToArray());
    }

    [Fact]
    public void NewAxesAndEllipses()
    {
        Assert.Equal([1, 4, 5, 6], x[TensorIndex.NewAxis].Shape.ToArray());
        Assert.Equal([4, 5, 6, 1], x[TensorIndex.Ellipsis, TensorIndex.NewAxis].Shape.ToArray());
        Assert.Equal([5, 1, 2], x[0, .., TensorIndex.NewAxis, 1..3].Shape.ToArray());
        Assert.Equal([4, 5, 6], x[TensorIndex.Ellipsis].Shape.ToArray());
        Assert.Equal(x[1, 2, 3].Item(), x[1, TensorIndex.Ellipsis, 2, 3].Item());
    }

    [Fact]
    public void RandomSlicesOfSlicesAgreeWithTheOracle()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var (tensor, oracle) = (x, Source);
            for (var depth = 0; depth < 3; depth++)
            {
                var items = new TensorIndex[3];
                var starts = new int[3];
                var steps = new int[3];
                var sizes = new int[3];
                for (var axis = 0; axis < 3; axis++)
                {
                    var size = oracle.Shape[axis];
                    starts[axis] = random.Next(size + 1);
                    var end = random.Next(starts[axis], size + 1);
                    steps[axis] = random.Next(1, 4);
                    sizes[axis] = (end - starts[axis] + steps[axis] - 1) / steps[axis];
                    items[axis] = TensorIndex.Every(starts[axis]..^(size - end), steps[axis]);
                }

                var before = oracle;
                oracle = new Naive(sizes, i => before[[.. i.Select((n, axis) => starts[axis] + (n * steps[axis]))]]);
                tensor = tensor[items];
                oracle.AssertSame(tensor);
            }
        }
    }

    [Fact]
    public void ViewsShareTheirElements()
    {
        var row = x[1];
        var column = x[.., 2];
        var reversed = x.Flip(0, 2);
        x.AsWritableSpan<double>()[(1 * 30) + (2 * 6) + 3] = -1;
        Assert.Equal(-1, row[2, 3].Item());
        Assert.Equal(-1, column[1, 3].Item());
        Assert.Equal(-1, reversed[2, 2, 2].Item());
        x.Reshape(20, 6).T.Permute(1, 0)[0].Fill(5);
        Assert.Equal([5, 5, 5, 5, 5, 5], x[0, 0].ToArray<double>());
        Assert.Equal(10, x[0, 1, 0].Item());
    }

    [Fact]
    public void RowsCanBeEnumerated()
    {
        var sum = 0.0;
        foreach (var row in x)
        {
            Assert.Equal([5, 6], row.Shape.ToArray());
            sum += row[0, 0].Item();
        }

        Assert.Equal(600, sum);
        Assert.Throws<ShapeException>(() => Tensor.Scalar(1).GetEnumerator());
    }

    [Fact]
    public void WhatIsOutsideIsRefused()
    {
        Assert.Contains("from -4 to 3 for axis 0", Assert.Throws<ArgumentOutOfRangeException>(() => x[4]).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => x[-5]);
        Assert.Throws<ArgumentOutOfRangeException>(() => x[^0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => x[.., 5]);
        Assert.Throws<ArgumentOutOfRangeException>(() => x[..5]);
        Assert.Throws<ArgumentOutOfRangeException>(() => x[3..2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorIndex.Every(.., 0));
        Assert.Throws<ShapeException>(() => x[0, 0, 0, 0]);
        Assert.Throws<ShapeException>(() => x[TensorIndex.Ellipsis, TensorIndex.Ellipsis]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Zeros([0])[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Select(3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Select(0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Narrow(0, 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Narrow(0, 5, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Narrow(0, 0, -1));
    }

    [Fact]
    public void GradientsOfSlicesGoWhereTheElementsCameFrom()
    {
        var leaf = Tensor.Zeros([3, 4], DType.Float64).RequireGradient();
        (leaf[1..3, TensorIndex.Every(.., 3)].Sum() + (2 * leaf[1, 0]) + (3 * leaf.Flip(0)[0, 3])).Backward();
        Assert.Equal([0, 0, 0, 0, 3, 0, 0, 1, 1, 0, 0, 4], leaf.Gradient!.ToArray<double>());
    }

    [Fact]
    public void GatherAndIndexSelect()
    {
        var random = new Random(6);
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var oracle = new Naive([3, 4], _ => random.Next(2));
            var tensor = oracle.ToView(random, dtype);
            var positions = new Naive([3, 6], _ => random.Next(-4, 4));
            new Naive([3, 6], i => oracle[i[0], ((int)positions[i] + 4) % 4]).AssertSame(tensor.Gather(1, positions.ToView(random, DType.Int64)));
            var rows = new Naive([2, 4], _ => random.Next(3));
            new Naive([2, 4], i => oracle[(int)rows[i], i[1]]).AssertSame(tensor.Gather(0, rows.ToTensor(DType.Int32)));
            new Naive([3, 3], i => oracle[i[0], new[] { 3, 0, 2 }[i[1]]]).AssertSame(tensor.IndexSelect(Tensor.From([-1L, 0, 2]), axis: 1));
        }
    }

    [Fact]
    public void GatherAndIndexSelectCheckTheirPositions()
    {
        var m = Tensor.Zeros([2, 3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => m.Gather(1, Tensor.From([3L], 1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => m.Gather(1, Tensor.From([-4L], 1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => m.Gather(2, Tensor.From([0L], 1, 1)));
        Assert.Throws<ShapeException>(() => m.Gather(1, Tensor.From([0L])));
        Assert.Throws<ShapeException>(() => m.Gather(1, Tensor.Zeros([3, 1], DType.Int64)));
        Assert.Throws<DTypeException>(() => m.Gather(1, Tensor.Zeros([1, 1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => m.IndexSelect(Tensor.From([2L])));
        Assert.Throws<ShapeException>(() => m.IndexSelect(Tensor.Zeros([1, 1], DType.Int64)));
        Assert.Throws<DTypeException>(() => m.IndexSelect(Tensor.Zeros([1])));
        Assert.Equal([0, 3], m.IndexSelect(Tensor.Zeros([0], DType.Int64)).Shape.ToArray());
    }

    [Fact]
    public void GradientsOfRepeatedPositionsAddUp()
    {
        var leaf = Tensor.Zeros([3, 2], DType.Float64).RequireGradient();
        (leaf.IndexSelect(Tensor.From([2L, 0, 2])).Sum() + leaf.Gather(1, Tensor.From([1, 1, 0], 1, 3).T).Sum()).Backward();
        Assert.Equal([1, 2, 0, 1, 3, 2], leaf.Gradient!.ToArray<double>());
    }
}
