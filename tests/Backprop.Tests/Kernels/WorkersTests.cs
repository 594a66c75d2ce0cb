using System.Diagnostics;
using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

/// <summary>Tests that change the number of threads run one after the other.</summary>
[CollectionDefinition(nameof(Workers), DisableParallelization = true)]
public class WorkersCollection;

[Collection(nameof(Workers))]
public sealed class WorkersTests : IDisposable
{
    private const double Large = 1e9;
    private readonly int threadsBefore = Parallelism.Threads;

    public void Dispose() => Parallelism.Threads = threadsBefore;

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(2, 1000)]
    [InlineData(4, 3)]
    [InlineData(5, 1000)]
    public void EveryBlockRunsOnce(int threads, int blocks)
    {
        Parallelism.Threads = threads;
        for (var round = 0; round < 200; round++)
        {
            var counts = new int[blocks];
            Workers.Run(new Count(counts), blocks, Large);
            Assert.All(counts, count => Assert.Equal(1, count));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void NoBlocksRunNothing(int blocks)
    {
        var counts = new int[1];
        Workers.Run(new Count(counts), blocks, Large);
        Assert.Equal(0, counts[0]);
    }

    [Fact]
    public void SeveralThreadsShareLargeWork()
    {
        Parallelism.Threads = 3;
        var meeting = new Meeting(3);
        Workers.Run(meeting, 3, Large);     // ends only if three threads are inside a block at once
        Assert.Equal(3, meeting.ThreadIds.Distinct().Count());
    }

    [Theory]
    [InlineData(1, Large)]
    [InlineData(4, 100.0)]
    [InlineData(4, double.NaN)]
    public void SmallWorkAndOneThreadStayOnTheCaller(int threads, double nanoseconds)
    {
        Parallelism.Threads = threads;
        var ids = new int[64];
        Workers.Run(new NoteThread(ids), ids.Length, nanoseconds);
        Assert.All(ids, id => Assert.Equal(Environment.CurrentManagedThreadId, id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ExceptionReachesTheCallerAndThePoolWorksOn(int threads)
    {
        Parallelism.Threads = threads;
        for (var bad = 0; bad < 50; bad += 7)
        {
            var thrown = Assert.Throws<ArithmeticException>(() => Workers.Run(new ThrowAt(bad), 50, Large));
            Assert.Equal($"block {bad}", thrown.Message);
            var counts = new int[100];
            Workers.Run(new Count(counts), 100, Large);
            Assert.All(counts, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void NestedRunsStayOnTheirThread()
    {
        Parallelism.Threads = 3;
        var counts = new int[40 * 30];
        var strays = new int[1];
        Workers.Run(new Outer(counts, strays), 40, Large);
        Assert.All(counts, count => Assert.Equal(1, count));
        Assert.Equal(0, strays[0]);
    }

    [Fact]
    public void ManyCallersAtOnce()
    {
        Parallelism.Threads = 3;
        var callers = new Thread[6];
        var totals = new int[callers.Length];
        for (var caller = 0; caller < callers.Length; caller++)
        {
            var mine = caller;
            callers[caller] = new Thread(() =>
            {
                for (var round = 0; round < 300; round++)
                {
                    var counts = new int[20];
                    Workers.Run(new Count(counts), counts.Length, Large);
                    totals[mine] += counts.Count(count => count == 1);
                }
            });
            callers[caller].Start();
        }

        Array.ForEach(callers, caller => caller.Join());
        Assert.All(totals, total => Assert.Equal(300 * 20, total));
    }

    [Fact]
    public void LongBlocksOfAWorkerAreWaitedFor()
    {
        Parallelism.Threads = 2;
        for (var round = 0; round < 5; round++)
        {
            var counts = new int[2];
            Workers.Run(new Slow(counts), 2, Large);        // the caller parks while the worker sleeps, or the other way round
            Assert.Equal([1, 1], counts);
        }
    }

    [Fact]
    public void CallsAllocateNothing()
    {
        Parallelism.Threads = 3;
        var counts = new int[16];
        Workers.Run(new Count(counts), counts.Length, Large);
        Assert.Equal(0, Allocations.Of(() => Workers.Run(new Count(counts), counts.Length, Large), times: 200));
    }

    [Fact]
    public void IdleWorkersUseNoProcessor()
    {
        Parallelism.Threads = 4;
        var counts = new int[64];
        Workers.Run(new Count(counts), counts.Length, Large);

        // Other threads of the test host may be busy for a moment; a worker that never parks would be busy in every window.
        var process = Process.GetCurrentProcess();
        var least = double.MaxValue;
        for (var window = 0; window < 20 && least > 20; window++)
        {
            process.Refresh();
            var before = process.TotalProcessorTime;
            Thread.Sleep(100);
            process.Refresh();
            least = Math.Min(least, (process.TotalProcessorTime - before).TotalMilliseconds);
        }

        Assert.True(least <= 20, $"the quietest 100 ms used {least} ms of processor time");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void ThreadsOutsideTheRangeAreRefused(int threads)
    {
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => Parallelism.Threads = threads);
        Assert.Contains($"{threads} is not between 1 and 1024", thrown.Message);
        Assert.Equal(threadsBefore, Parallelism.Threads);
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData(" 7 ", 7)]
    [InlineData("1024", 1024)]
    public void VariableSetsTheThreads(string text, int threads) => Assert.Equal(threads, Workers.Default(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void WithoutVariableTheProcessorsCount(string? text) => Assert.Equal(Environment.ProcessorCount, Workers.Default(text));

    [Theory]
    [InlineData("0")]
    [InlineData("-2")]
    [InlineData("1025")]
    [InlineData("two")]
    [InlineData("2.5")]
    [InlineData("99999999999")]
    public void BadVariableIsAClearError(string text)
    {
        var thrown = Assert.Throws<InvalidOperationException>(() => Workers.Default(text));
        Assert.Equal($"BACKPROP_THREADS: '{text}' is not a whole number from 1 to 1024.", thrown.Message);
    }

    private readonly struct Count(int[] counts) : IBlockBody
    {
        public void Run(int block) => Interlocked.Increment(ref counts[block]);
    }

    private readonly struct NoteThread(int[] ids) : IBlockBody
    {
        public void Run(int block) => ids[block] = Environment.CurrentManagedThreadId;
    }

    private readonly struct ThrowAt(int bad) : IBlockBody
    {
        public void Run(int block)
        {
            if (block == bad)
            {
                throw new ArithmeticException($"block {block}");
            }
        }
    }

    private readonly struct Slow(int[] counts) : IBlockBody
    {
        public void Run(int block)
        {
            Thread.Sleep(10 + 10 * block);
            counts[block]++;
        }
    }

    private readonly struct Meeting(int guests) : IBlockBody
    {
        private readonly Barrier barrier = new(guests);

        public int[] ThreadIds { get; } = new int[guests];

        public void Run(int block)
        {
            ThreadIds[block] = Environment.CurrentManagedThreadId;
            if (!barrier.SignalAndWait(TimeSpan.FromMinutes(1)))
            {
                throw new TimeoutException("the other threads never came");
            }
        }
    }

    private readonly struct Outer(int[] counts, int[] strays) : IBlockBody
    {
        public void Run(int block) => Workers.Run(new Inner(counts, strays, block, Environment.CurrentManagedThreadId), 30, Large);
    }

    private readonly struct Inner(int[] counts, int[] strays, int row, int thread) : IBlockBody
    {
        public void Run(int block)
        {
            Interlocked.Increment(ref counts[row * 30 + block]);
            if (Environment.CurrentManagedThreadId != thread)
            {
                Interlocked.Increment(ref strays[0]);
            }
        }
    }
}
