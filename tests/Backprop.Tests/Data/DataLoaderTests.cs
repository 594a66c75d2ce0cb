using Backprop.Data;

namespace Backprop.Tests.Data;

public class DataLoaderTests
{
    [Theory]
    [InlineData(false, 3, "0 1 2 3|4 5 6 7|8 9")]
    [InlineData(true, 2, "0 1 2 3|4 5 6 7")]
    public void TheLastBatchIsKeptUnlessDropped(bool dropLast, int count, string expected)
    {
        var loader = new DataLoader(Numbers(10), batchSize: 4, dropLast: dropLast);
        Assert.Equal(count, loader.Count);
        Assert.Equal(expected, Text(loader));
        Assert.Equal(expected, Text(loader));
        Assert.Equal(2, loader.Epoch);
    }

    [Fact]
    public void BatchesComeApartIntoTwoTensors()
    {
        var seen = 0;
        foreach (var (inputs, targets) in new DataLoader(Numbers(8), batchSize: 4))
        {
            Assert.Equal([4, 2], inputs.Shape.ToArray());
            Assert.Equal([4], targets.Shape.ToArray());
            seen++;
        }

        Assert.Equal(2, seen);
    }

    [Fact]
    public void SizesAtTheEdges()
    {
        Assert.Equal("0 1 2", Text(new DataLoader(Numbers(3), batchSize: int.MaxValue)));
        Assert.Equal("", Text(new DataLoader(Numbers(3), batchSize: 4, dropLast: true)));
        Assert.Equal("0|1|2", Text(new DataLoader(Numbers(3), batchSize: 1)));
        Assert.Equal("", Text(new DataLoader(Numbers(0), batchSize: 2, shuffle: true, prefetch: 3)));
    }

    [Fact]
    public void TheOrderDependsOnSeedAndEpochAlone()
    {
        var a = new DataLoader(Numbers(50), batchSize: 8, shuffle: true, seed: 7);
        var b = new DataLoader(Numbers(50), batchSize: 8, shuffle: true, seed: 7);
        var epochs = Enumerable.Range(0, 3).Select(_ => Text(a)).ToArray();
        Assert.Equal(3, epochs.Distinct().Count());
        Assert.All(epochs, epoch => Assert.Equal(Enumerable.Range(0, 50), epoch.Split(' ', '|').Select(int.Parse).Order()));
        b.Epoch = 2;
        Assert.Equal(epochs[2], Text(b));
        b.Epoch = 0;
        Assert.Equal(epochs[0], Text(b));
        Assert.NotEqual(epochs[0], Text(new DataLoader(Numbers(50), batchSize: 8, shuffle: true, seed: 8)));
    }

    [Fact]
    public void AnInterruptedEpochCountsAndChangesNoOther()
    {
        var loader = new DataLoader(Numbers(50), batchSize: 8, shuffle: true, seed: 7);
        foreach (var _ in loader)
        {
            break;
        }

        var second = Text(loader);
        loader.Epoch = 1;
        Assert.Equal(second, Text(loader));
    }

    [Fact]
    public void WithoutASeedTheDefaultGeneratorDecides()
    {
        var a = Text(new DataLoader(Numbers(50), batchSize: 8, shuffle: true));
        var b = Text(new DataLoader(Numbers(50), batchSize: 8, shuffle: true));
        Assert.NotEqual(a, b);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(100, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public void FetchingAheadAndReusingBuffersChangeNothing(int prefetch, bool reuse)
    {
        var plain = new DataLoader(Numbers(101), batchSize: 4, shuffle: true, seed: 3);
        var other = new DataLoader(Numbers(101), batchSize: 4, shuffle: true, seed: 3, prefetch: prefetch, reuseBuffers: reuse);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var expected = Text(plain);
            var found = new List<string>();
            foreach (var batch in other)
            {
                Thread.Sleep(epoch == 1 ? 1 : 0); // the fetcher runs ahead while a batch is in use
                found.Add(Text(batch));
            }

            Assert.Equal(expected, string.Join('|', found));
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    public void ReusingTakesNoMoreTensorsThanNeeded(int prefetch, int tensors)
    {
        var loader = new DataLoader(Numbers(80), batchSize: 4, prefetch: prefetch, reuseBuffers: true);
        Assert.Equal(tensors, loader.Select(batch => batch.Inputs).Distinct(ReferenceEqualityComparer.Instance).Count());
        var fresh = new DataLoader(Numbers(80), batchSize: 4, prefetch: prefetch);
        Assert.Equal(20, fresh.Select(batch => batch.Inputs).Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void GoingBackThroughAnOverwrittenBatchIsAnError(int prefetch)
    {
        var w = Tensor.Ones([2]).RequireGradient();
        var kept = new DataLoader(Numbers(80), batchSize: 4, prefetch: prefetch, reuseBuffers: true).Select(batch => (batch.Inputs * w).Sum()).ToList();
        var error = Assert.Throws<InvalidOperationException>(() => kept[0].Backward());
        Assert.Contains("changed in place by 'as_writable_span'", error.Message);
    }

    [Fact]
    public void AUsersOwnDatasetIsAskedForWholeBatches()
    {
        var dataset = new Squares();
        var loader = new DataLoader(dataset, batchSize: 3);
        Assert.Equal([0, 1, 4, 9, 16], loader.SelectMany(batch => batch.Targets.ToArray<float>()));
        Assert.Equal(2, dataset.Calls);
    }

    [Fact]
    public void BadArgumentsAreRefused()
    {
        Assert.Throws<ArgumentNullException>("dataset", () => new DataLoader(null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>("batchSize", () => new DataLoader(Numbers(3), 0));
        Assert.Throws<ArgumentOutOfRangeException>("prefetch", () => new DataLoader(Numbers(3), 1, prefetch: -1));
        Assert.Throws<ArgumentOutOfRangeException>("Epoch", () => new DataLoader(Numbers(3), 1).Epoch = -1);
    }

    [Fact]
    public void CountingTakesNoEpoch()
    {
        var loader = new DataLoader(Numbers(10), batchSize: 4);
        Assert.Equal(3, Enumerable.Count(loader));
        Assert.Equal(3, ((IReadOnlyCollection<Batch>)loader).Count);
        Assert.Equal(0, loader.Epoch);
        var copy = new Batch[4];
        ((System.Collections.ICollection)loader).CopyTo(copy, 1);
        Assert.Equal([0, 1, 2, 3], copy[1].Targets.ToArray<long>());
        Assert.Equal([8, 9], copy[3].Targets.ToArray<long>());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(2, true)]
    public void AScopePerStepRecyclesNoBuffer(int prefetch, bool images)
    {
        IDataset dataset = images ? new ImageDataset(SyntheticDigits.Generate(80, seed: 1)) : Numbers(80);
        var inputs = new HashSet<object>(ReferenceEqualityComparer.Instance);
        using var batches = new DataLoader(dataset, batchSize: 4, prefetch: prefetch, reuseBuffers: true).GetEnumerator();
        var steps = 0;
        for (var more = true; more; steps++)
        {
            using var scope = TensorScope.Begin();
            more = batches.MoveNext();
            inputs.Add(batches.Current.Inputs ?? inputs.First());
        }

        Assert.Equal(21, steps);
        Assert.Equal(prefetch + 1, inputs.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ABatchThatRequiresGradientIsNotOverwritten(bool images)
    {
        IDataset dataset = images ? new ImageDataset(SyntheticDigits.Generate(8, seed: 1)) : Numbers(8);
        var seen = new DataLoader(dataset, batchSize: 4, reuseBuffers: true).Select(batch => batch.Inputs.RequireGradient()).ToArray();
        Assert.Equal(2, seen.Length);
        Assert.NotSame(seen[0], seen[1]);
        Assert.Equal(dataset.GetBatch([0, 1, 2, 3]).Inputs.ToArray<float>(), seen[0].ToArray<float>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ADatasetThatReturnsNothingIsNamed(bool reuse)
    {
        var error = Assert.Throws<InvalidOperationException>(() => new DataLoader(new Nothing(), 2, reuseBuffers: reuse).ToArray());
        Assert.Contains("Nothing.GetBatch returned a batch without tensors", error.Message);
    }

    private sealed class Nothing : IDataset
    {
        public int Count => 4;

        public Batch GetBatch(ReadOnlySpan<int> indices, Batch? reuse = null) => default;
    }

    private static TensorDataset Numbers(int count)
    {
        var values = Enumerable.Range(0, count).SelectMany(i => (float[])[i, -i]).ToArray();
        return new TensorDataset(Tensor.From(values, count, 2), Tensor.From([.. Enumerable.Range(0, count).Select(i => (long)i)], count));
    }

    private static string Text(DataLoader loader) => string.Join('|', loader.Select(Text));

    private static string Text(Batch batch)
    {
        var targets = batch.Targets.ToArray<long>();
        Assert.Equal(targets.SelectMany(i => (float[])[i, -i]), batch.Inputs.ToArray<float>());
        return string.Join(' ', targets);
    }

    private sealed class Squares : IDataset
    {
        public int Calls { get; private set; }

        public int Count => 5;

        public Batch GetBatch(ReadOnlySpan<int> indices, Batch? reuse = null)
        {
            Calls++;
            Assert.Null(reuse);
            float[] values = [.. indices.ToArray().Select(i => (float)i)];
            return new Batch(Tensor.From(values), Tensor.From([.. values.Select(v => v * v)], values.Length));
        }
    }
}
