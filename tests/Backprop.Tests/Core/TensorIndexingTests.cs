using static Backprop.Tests.Core.NaiveIndexing;

namespace Backprop.Tests.Core;

/// <summary>Index expressions with tensors, held against NumPy's definition.</summary>
public class TensorIndexingTests
{
    private const int Rounds = 500;

    private static readonly DType[] dtypes = [DType.Float64, DType.Float32, DType.Int64, DType.Int32, DType.BFloat16];

    /// <summary>Shapes that NumPy's documentation states, or that follow from its words.</summary>
    [Fact]
    public void TheAxesOfIndexTensorsGoWhereNumPyPutsThem()
    {
        var x = Tensor.Zeros([10, 20, 30, 40, 50]);
        var (a, b) = (Tensor.Zeros([2, 3, 4], DType.Int64), Tensor.Zeros([4], DType.Int32));
        var whole = TensorIndex.Ellipsis;
        Same([10, 2, 3, 4, 40, 50], x[.., a, b]);
        Same([2, 3, 4, 10, 30, 50], x[.., a, .., b]);
        Same([4, 20, 40, 50], x[0, .., b]);
        Same([10, 4, 40, 50], x[.., 0, b]);
        Same([10, 4, 1, 30, 40, 50], x[.., b, TensorIndex.NewAxis]);
        Same([4, 10, 1, 40, 50], x[.., b, TensorIndex.NewAxis, b]);
        Same([10, 20, 30, 4], x[whole, b, 3]);
        Same([4, 20, 30, 40], x[0, whole, b]);
        Same([2, 50], Tensor.Zeros([3, 50])[0, whole][TensorIndex.NewAxis][new[] { 0, 0 }]);
        Same([1, 20], Tensor.Zeros([20])[Tensor.Scalar(true)]);
        Same([0, 20], Tensor.Zeros([20])[Tensor.Scalar(false)]);
        Same([20], Tensor.Zeros([10, 20])[Tensor.Scalar(3)]);
        Same([2, 20], Tensor.Zeros([3, 20])[new[] { true, false, true }]);
        Same([3, 20], Tensor.Zeros([3, 20])[new[] { -1L, 0, 1 }]);
    }

    [Fact]
    public void RandomReadsAgreeWithTheDefinition()
    {
        var random = new Random(11);
        for (var round = 0; round < Rounds; round++)
        {
            var (x, items) = Case(random);
            var expected = Read(x, items);
            foreach (var dtype in dtypes)
            {
                expected.AssertSame(x.ToView(random, dtype)[ToIndex(items)]);
            }
        }
    }

    [Fact]
    public void GradientsOfReadsAddUpWhereTheElementsCameFrom()
    {
        var random = new Random(12);
        for (var round = 0; round < Rounds; round++)
        {
            var (x, items) = Case(random);
            var weights = Naive.Random(random, Sources(x.Shape, items).Shape);
            var expected = Write(new Naive(x.Shape, _ => 0), items, weights, accumulate: true);
            var leaf = x.ToView(random).RequireGradient();
            var sum = (leaf[ToIndex(items)] * weights.ToView(random)).Sum();
            expected.AssertSame(Gradient.Of(sum, leaf, record: true));
            sum.Backward();
            expected.AssertSame(leaf.Gradient!);
        }
    }

    [Fact]
    public void RandomWritesAgreeWithTheDefinition()
    {
        var random = new Random(13);
        for (var round = 0; round < Rounds; round++)
        {
            var (x, items) = Case(random);
            var values = ValuesFor(random, Sources(x.Shape, items).Shape);
            var (put, add) = (Write(x, items, values, accumulate: false), Write(x, items, values, accumulate: true));
            foreach (var dtype in dtypes)
            {
                var (tensor, source, index) = (x.ToView(random, dtype), values.ToView(random, dtype), ToIndex(items));
                put.AssertSame(tensor.IndexPut(index, source));
                add.AssertSame(tensor.IndexPut(index, source, accumulate: true));
                x.AssertSame(tensor);
                tensor[index] = source;
                put.AssertSame(tensor);
                add.AssertSame(x.ToView(random, dtype).IndexPutInPlace(index, source, accumulate: true));
            }
        }
    }

    [Fact]
    public void GradientsOfWritesGoToWhatStayed()
    {
        var random = new Random(14);
        for (var round = 0; round < Rounds; round++)
        {
            var (x, items) = Case(random);
            var sources = Sources(x.Shape, items);
            var values = ValuesFor(random, sources.Shape);
            var weights = Naive.Random(random, x.Shape);
            foreach (var accumulate in new[] { false, true })
            {
                var (leaf, source) = (x.ToView(random).RequireGradient(), values.ToView(random).RequireGradient());
                var sum = (leaf.IndexPut(ToIndex(items), source, accumulate) * weights.ToTensor()).Sum();
                var gradients = Gradient.Of(sum, [leaf, source]);

                var written = sources.Values.Select(at => (int)at).ToHashSet();
                var flat = 0;
                new Naive(x.Shape, _ => accumulate || !written.Contains(flat) ? weights.Values[flat++] : 0 * flat++).AssertSame(gradients[0]);

                var last = new Dictionary<int, int>();
                for (var i = 0; i < sources.Values.Length; i++)
                {
                    last[(int)sources.Values[i]] = i;
                }

                var expected = new Naive(values.Shape, _ => 0);
                var origins = new Naive(values.Shape, index => Flat(values.Shape, index)).Broadcast(sources.Shape);
                for (var i = 0; i < sources.Values.Length; i++)
                {
                    var at = (int)sources.Values[i];
                    expected.Values[(int)origins.Values[i]] += accumulate || last[at] == i ? weights.Values[at] : 0;
                }

                expected.AssertSame(gradients[1]);
            }
        }
    }

    [Fact]
    public void WhatIsSavedForAGradientIsGuarded()
    {
        var x = Tensor.From([1.0, 2, 3]).RequireGradient();
        var factor = Tensor.From([4.0, 5, 6]);
        var y = (x * factor).Sum();
        factor[1] = 7;
        Assert.Contains("index_put_in_place", Assert.Throws<InvalidOperationException>(() => y.Backward()).Message, StringComparison.Ordinal);

        var index = Tensor.From([0L, 2]);
        var z = x[index].Sum();
        index.Fill(1);
        z.Backward();
        Assert.Equal([1, 0, 1], x.Gradient!.ToArray<double>());

        using (Recording.Pause())
        {
            x[^1] = -3;
        }

        Assert.Equal([1, 2, -3], x.ToArray<double>());
    }

    [Fact]
    public void ATensorMayBeWrittenFromItself()
    {
        var x = Tensor.Arange(6, DType.Int64);
        x[1..] = x[..^1];
        Assert.Equal([0, 0, 1, 2, 3, 4], x.ToArray<long>());
        x[x] = x;
        Assert.Equal([0, 1, 2, 3, 4, 4], x.ToArray<long>());
        x[x > 2] += 10;
        Assert.Equal([0, 1, 2, 13, 14, 14], x.ToArray<long>());
        x[0] = x[^1];
        Assert.Equal(14, x[0].Item());
    }

    [Fact]
    public void NothingIsWrittenBeforeEverythingWasChecked()
    {
        var x = Tensor.Arange(4);
        Assert.Throws<ArgumentOutOfRangeException>(() => x[new[] { 0, 1, 4 }] = 9);
        Assert.Throws<ShapeException>(() => x[new[] { 0, 1 }] = Tensor.Ones([3]));
        Assert.Throws<DTypeException>(() => x[0] = Tensor.From([1L])[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(4, DType.Int64)[0] = 0.5);
        Assert.Throws<ArgumentNullException>(() => x[(Tensor)null!]);
        Assert.Throws<ArgumentNullException>(() => x[0] = null!);
        Assert.Equal([0f, 1, 2, 3], x.ToArray<float>());
    }

    [Fact]
    public void ConditionsArePositionsPerAxis()
    {
        var x = new Naive([3, 4], i => (i[0] * 4) + i[1] - 5).ToTensor();
        var positions = Tensor.Where(x > 3);
        Assert.Equal([2, 2, 2], positions[0].ToArray<long>());
        Assert.Equal([1, 2, 3], positions[1].ToArray<long>());
        Assert.Equal([4, 5, 6], x[positions[0], positions[1]].ToArray<double>());
        Assert.Equal(x[x > 3].ToArray<double>(), x.MaskedSelect(x > 3).ToArray<double>());
        Assert.Equal([11, 2], x.NonZero().Shape.ToArray());
        Assert.Equal([1, 0], Tensor.Scalar(2).NonZero().Shape.ToArray());
        Assert.Equal([0, 2], Tensor.Zeros([0, 3]).NonZero().Shape.ToArray());
    }

    /// <summary>Legal or not, an expression answers, or says what is wrong with it.</summary>
    [Fact]
    public void NonsenseIsRefusedByName()
    {
        var random = new Random(15);
        for (var round = 0; round < 3000; round++)
        {
            var shape = Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(4)).ToArray();
            var x = Tensor.Zeros(shape);
            var items = Enumerable.Range(0, random.Next(5)).Select(_ => Nonsense(random)).ToArray();
            Tried(() => _ = x[items]);
            Tried(() => x[items] = Tensor.Ones([.. Enumerable.Repeat(2, random.Next(3))]));
            Tried(() => x.IndexPut(items, 1, accumulate: random.Next(2) == 0));
        }
    }

    private static void Tried(Action call)
    {
        var thrown = Record.Exception(call);
        Assert.True(thrown is null or ShapeException or DTypeException || thrown.GetType() == typeof(ArgumentOutOfRangeException), thrown?.ToString());
        Assert.True(thrown is null || thrown.Message.StartsWith("index", StringComparison.Ordinal), thrown?.Message);
    }

    private static TensorIndex Nonsense(Random random) => random.Next(10) switch
    {
        0 => TensorIndex.Ellipsis,
        1 => TensorIndex.NewAxis,
        2 => random.Next(-4, 4),
        3 => int.MaxValue,
        4 => int.MinValue,
        5 => new Range(new Index(random.Next(4), random.Next(2) == 0), new Index(random.Next(4), random.Next(2) == 0)),
        6 => TensorIndex.Every(.., random.Next(2) == 0 ? int.MaxValue : 2),
        7 => Tensor.From(new[] { random.Next(-4, 4), random.Next(-4, 4), int.MinValue }.AsSpan(0, random.Next(4)).ToArray()),
        8 => Tensor.From(new[] { 0L, long.MaxValue, random.Next(3) }.AsSpan(0, random.Next(3)).ToArray()).Reshape(-1, 1),
        _ => Tensor.Full([.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(4))], random.Next(2), random.Next(8) == 0 ? DType.Float32 : DType.Bool),
    };

    private static (Naive X, List<Item> Items) Case(Random random)
    {
        var shape = Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(12) == 0 ? 0 : random.Next(1, 5)).ToArray();
        return (Naive.Random(random, shape), NaiveIndexing.Random(random, shape));
    }

    /// <summary>Values of a shape that broadcasts to the one given.</summary>
    private static Naive ValuesFor(Random random, int[] shape) => Naive.Random(
        random, [.. shape.Skip(random.Next(shape.Length + 1)).Select(size => random.Next(4) == 0 ? 1 : size)]);

    private static int Flat(int[] shape, int[] index) => index.Select((n, axis) => (n, axis)).Aggregate(0, (flat, next) => (flat * shape[next.axis]) + next.n);

    private static void Same(int[] shape, Tensor actual) => Assert.Equal(shape, actual.Shape.ToArray());
}
