using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Backprop.Kernels;

/// <summary>The body of a parallel loop: a struct, so that running it costs no allocation and inlines.</summary>
internal interface IBlockBody
{
    /// <summary>Computes block number <paramref name="block"/>. Blocks are independent of each other.</summary>
    void Run(int block);
}

/// <summary>
/// The one place that starts threads. Work is cut into blocks by the caller, from the shape alone and never from the number
/// of threads, so results have the same bits for every thread count.
/// </summary>
/// <remarks>
/// <para>
/// One job at a time: <see cref="Counters.Remaining"/> counts the blocks nobody has claimed. Whoever decrements it to r ≥ 0 owns a
/// block, and the job cannot end before that block does, so everything a worker reads after its claim is the job's own. The
/// caller claims too and at the end waits only for blocks that a worker has started, never for a worker to arrive.
/// </para>
/// <para>
/// A call that finds the pool taken (from inside a block, or by another thread) runs its blocks on its own thread.
/// </para>
/// </remarks>
internal static class Workers
{
    /// <summary>The environment variable that sets <see cref="Threads"/>.</summary>
    public const string Variable = "BACKPROP_THREADS";

    /// <summary>The most threads that may be asked for.</summary>
    public const int MostThreads = 1024;

    /// <summary>Below this, handing work over costs more than it saves.</summary>
    private const double LeastShared = 15_000;

    /// <summary>A thread is only called in for at least this much work.</summary>
    private const double LeastPerThread = 8_000;

    /// <summary>How long an idle worker, and a waiting caller, looks for work before it parks.</summary>
    private const double SpinSeconds = 150e-6;

    private static readonly Lock starting = new();
    private static readonly SemaphoreSlim callerSignal = new(0);
    private static Counters counters;
    private static Worker[] workers = [];
    private static Job? current;
    private static Exception? failure;
    private static int blocksOfJob;
    private static int callerParked;
    private static int busy;
    private static int threads;

    /// <summary>Whether this thread shares no work with others.</summary>
    [ThreadStatic]
    private static bool staysOnCaller;

    /// <summary>Threads that share the work, the caller included; at least 1.</summary>
    /// <remarks>
    /// Unless set: the environment variable <c>BACKPROP_THREADS</c>, else the processors this process may use (affinity and
    /// the container's limit included).
    /// </remarks>
    /// <exception cref="InvalidOperationException">The environment variable is no whole number from 1 to 1024.</exception>
    public static int Threads
    {
        get => threads != 0 ? threads : threads = Default(Environment.GetEnvironmentVariable(Variable));
        set => threads = value;
    }

    /// <summary>Whether all work of this thread stays on it.</summary>
    public static bool StayOnCaller
    {
        set => staysOnCaller = value;
    }

    /// <summary>Shares out work of every size: for tests.</summary>
    internal static bool SharesSmallWork { get; set; }

    /// <summary>
    /// Runs <paramref name="body"/> for blocks 0 … <paramref name="blocks"/> − 1 and returns when all are done. An exception
    /// in a block reaches the caller; blocks not started by then are left out.
    /// </summary>
    /// <param name="body">What to do; copied.</param>
    /// <param name="blocks">How many blocks there are.</param>
    /// <param name="nanoseconds">A rough estimate of the whole work on one thread; small work stays on the caller's thread.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TBody>(TBody body, int blocks, double nanoseconds)
        where TBody : struct, IBlockBody
    {
        if (blocks > 1 && (nanoseconds >= LeastShared || SharesSmallWork) && Threads > 1 && !staysOnCaller && Interlocked.Exchange(ref busy, 1) == 0)
        {
            RunShared(body, blocks, nanoseconds);
            return;
        }

        for (var block = 0; block < blocks; block++)
        {
            body.Run(block);
        }
    }

    /// <summary>What <see cref="Threads"/> starts as, given the text of the environment variable.</summary>
    internal static int Default(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Math.Clamp(Environment.ProcessorCount, 1, MostThreads);
        }

        return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= MostThreads
            ? count
            : throw new InvalidOperationException($"{Variable}: '{text}' is not a whole number from 1 to {MostThreads}.");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunShared<TBody>(TBody body, int blocks, double nanoseconds)
        where TBody : struct, IBlockBody
    {
        var job = Job<TBody>.Instance;
        try
        {
            var helpers = (int)Math.Min(Math.Min(Threads, blocks) - 1, SharesSmallWork ? blocks : nanoseconds / LeastPerThread);
            if (workers.Length < helpers)
            {
                Start(helpers);
            }

            job.Body = body;
            current = job;
            blocksOfJob = blocks;
            counters.Finished = 0;
            Interlocked.Exchange(ref counters.Remaining, blocks);    // publishes the job; a full fence before looking at who is parked
            for (var index = 0; index < helpers; index++)
            {
                workers[index].Wake();
            }

            while (TryRunBlock())
            {
            }

            WaitForStartedBlocks(blocks);
            if (failure is { } thrown)
            {
                ExceptionDispatchInfo.Throw(thrown);
            }
        }
        finally
        {
            job.Body = default;
            current = null;
            failure = null;
            Volatile.Write(ref busy, 0);
        }
    }

    /// <summary>Claims one block of the current job and runs it; false when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryRunBlock()
    {
        if (Volatile.Read(ref counters.Remaining) <= 0)
        {
            return false;
        }

        var left = Interlocked.Decrement(ref counters.Remaining);
        if (left < 0)
        {
            return false;
        }

        var blocks = blocksOfJob;
        try
        {
            if (Volatile.Read(ref failure) is null)
            {
                current!.Run(blocks - 1 - left);
            }
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref failure, exception, null);
        }

        // From here on the job may be over: touch nothing of it but the caller's own signal.
        if (Interlocked.Increment(ref counters.Finished) == blocks && Volatile.Read(ref callerParked) != 0
            && Interlocked.Exchange(ref callerParked, 0) != 0)
        {
            callerSignal.Release();
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WaitForStartedBlocks(int blocks)
    {
        var deadline = 0L;
        while (Volatile.Read(ref counters.Finished) != blocks)
        {
            var now = Stopwatch.GetTimestamp();
            if (deadline == 0)
            {
                deadline = now + (long)(SpinSeconds * Stopwatch.Frequency);
            }
            else if (now > deadline)
            {
                Interlocked.Exchange(ref callerParked, 1);
                if (Volatile.Read(ref counters.Finished) != blocks || Interlocked.Exchange(ref callerParked, 0) == 0)
                {
                    // May return early: the last worker of an earlier job can be late with its signal. The loop looks again.
                    callerSignal.Wait();
                }
            }

            Thread.SpinWait(1);
        }
    }

    private static void Start(int helpers)
    {
        lock (starting)
        {
            var grown = new List<Worker>(workers);
            while (grown.Count < helpers)
            {
                grown.Add(new Worker(grown.Count));
            }

            workers = [.. grown];
        }
    }

    /// <summary>The two contended counters, each on a cache line (and its neighbour) of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Counters
    {
        [FieldOffset(128)]
        public int Remaining;

        [FieldOffset(256)]
        public int Finished;
    }

    private abstract class Job
    {
        public abstract void Run(int block);
    }

    /// <summary>The one job object of a kind of body; the pool runs one job at a time, so one is enough.</summary>
    private sealed class Job<TBody> : Job
        where TBody : struct, IBlockBody
    {
        public static readonly Job<TBody> Instance = new();

        public TBody Body;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Run(int block)
        {
            var body = Body;
            body.Run(block);
        }
    }

    private sealed class Worker
    {
        private readonly SemaphoreSlim signal = new(0);
        private readonly int index;
        private int parked;

        public Worker(int index)
        {
            this.index = index;
            new Thread(Loop) { IsBackground = true, Name = $"Backprop worker {index + 1}" }.UnsafeStart();
        }

        /// <summary>Calls a parked worker; one that is awake looks by itself.</summary>
        public void Wake()
        {
            if (Volatile.Read(ref parked) != 0 && Interlocked.Exchange(ref parked, 0) != 0)
            {
                signal.Release();
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Loop()
        {
            while (true)
            {
                // A worker beyond the wanted number of threads, or beyond the processors, does not spin.
                var mine = index + 1 < threads;
                var spin = mine && index + 1 < Environment.ProcessorCount ? SpinSeconds * Stopwatch.Frequency : 0;
                var since = Stopwatch.GetTimestamp();
                var looks = 0;
                do
                {
                    if (mine && TryRunBlock())
                    {
                        since = 0;
                        looks = 0;
                        mine = index + 1 < threads;
                        continue;
                    }

                    Thread.SpinWait(1);
                    if (since == 0)
                    {
                        since = Stopwatch.GetTimestamp();
                    }
                }
                while (++looks % 8 != 0 || Stopwatch.GetTimestamp() - since < spin);

                // Either we see the new job here, or the caller sees us parked (full fences on both sides).
                Interlocked.Exchange(ref parked, 1);
                if (!(mine && Volatile.Read(ref counters.Remaining) > 0) || Interlocked.Exchange(ref parked, 0) == 0)
                {
                    signal.Wait();
                }
            }
        }
    }
}
