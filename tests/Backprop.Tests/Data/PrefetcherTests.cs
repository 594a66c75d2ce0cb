using System.Runtime.CompilerServices;
using Backprop.Data;

namespace Backprop.Tests.Data;

public class PrefetcherTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void FetchesAheadButNoFurtherThanAllowed()
    {
        var source = new Source(100);
        using var items = new Prefetcher<int>(source, ahead: 3);
        Assert.True(SpinWait.SpinUntil(() => source.Produced == 3, Patience));
        Assert.True(items.MoveNext());
        Assert.Equal(0, items.Current);
        Assert.True(SpinWait.SpinUntil(() => source.Produced == 4, Patience));
        Thread.Sleep(20);
        Assert.Equal(4, source.Produced);
    }

    [Fact]
    public void DisposingStopsAndLetsGoOfTheSource()
    {
        var source = new Source(int.MaxValue);
        var items = new Prefetcher<int>(source, ahead: 2);
        items.MoveNext();
        items.Dispose();
        Assert.True(source.Disposed);
        var produced = source.Produced;
        Thread.Sleep(20);
        Assert.Equal(produced, source.Produced);
        Assert.False(items.MoveNext());
        items.Dispose();
    }

    [Fact]
    public void LeavingTheLoopStops()
    {
        var source = new Source(int.MaxValue);
        foreach (var item in new Once(new Prefetcher<int>(source, ahead: 2)))
        {
            if (item == 5)
            {
                break;
            }
        }

        Assert.True(source.Disposed);
    }

    [Fact]
    public void AnEnumerationThatIsDroppedStops()
    {
        var source = new Source(int.MaxValue);
        Drop(source);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return source.Disposed;
            },
            Patience));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop(Source source) => new Prefetcher<int>(source, ahead: 2).MoveNext();
    }

    [Fact]
    public void AnExceptionComesOutInItsPlace()
    {
        var source = new Source(100) { FailAt = 4 };
        using var items = new Prefetcher<int>(source, ahead: 10);
        for (var i = 0; i < 4; i++)
        {
            Assert.True(items.MoveNext());
            Assert.Equal(i, items.Current);
        }

        var error = Assert.Throws<InvalidOperationException>(() => items.MoveNext());
        Assert.Equal("item 4", error.Message);
        Assert.Contains(nameof(Source), error.StackTrace);
        Assert.False(items.MoveNext());
        Assert.True(source.Disposed);
    }

    [Fact]
    public void ALoaderPassesOnWhatItsDatasetThrows()
    {
        var loader = new DataLoader(new Broken(), batchSize: 2, prefetch: 2);
        Assert.Throws<FormatException>(() => loader.ToList());
    }

    private sealed class Broken : IDataset
    {
        public int Count => 10;

        public Batch GetBatch(ReadOnlySpan<int> indices, Batch? reuse = null) => throw new FormatException();
    }

    private sealed class Once(IEnumerator<int> items) : IEnumerable<int>
    {
        public IEnumerator<int> GetEnumerator() => items;

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => items;
    }

    private sealed class Source(int count) : IEnumerator<int>
    {
        private volatile int produced;
        private volatile bool disposed;

        public int FailAt { get; init; } = -1;

        public int Produced => produced;

        public bool Disposed => disposed;

        public int Current { get; private set; }

        object System.Collections.IEnumerator.Current => Current;

        public bool MoveNext()
        {
            Current = produced;
            if (produced == FailAt)
            {
                throw new InvalidOperationException($"item {FailAt}");
            }

            return produced++ < count;
        }

        public void Reset() => throw new NotSupportedException();

        public void Dispose() => disposed = true;
    }
}
