using System.Diagnostics;
using System.Globalization;
using Backprop.Benchmarks.Suite;

namespace Backprop.Benchmarks.Commands;

/// <summary>The command <c>allocation</c>: managed memory that a step takes once the workload runs steadily: as it is written, inside a scope, and replayed.</summary>
public static class AllocationCommand
{
    private const string Usage = """
        usage: allocation [--only NAME,...] [--threads N]
          --only NAMES   just these workloads, in this order
          --threads N    threads of the process, default 1
        """;

    private const int Rounds = 5;
    private const int MostSteps = 200;
    private const double RoundSeconds = 0.2;

    /// <summary>Runs the command; 0 on success.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        var options = new Options(arguments, Usage, "--only", "--threads");
        Parallelism.Threads = options.Integer("--threads", 1, 1, 1024);
        Console.WriteLine("| workload | bytes per step | on other threads | held in pooled buffers | replayed, bytes per step | on other threads |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var job in options.Choose(Workloads.All))
        {
            // Every workload on a thread of its own: the pool belongs to the thread.
            var thread = new Thread(() => Print(job));
            thread.Start();
            thread.Join();
        }

        return 0;
    }

    private static void Print(Workload job)
    {
        var (own, others) = Measure(Scoped(job.Build(DType.Float32)));
        var pooled = Memory.BufferPool.Current.FreeBytes / 1024.0;
        var (replayed, replayedOthers) = Measure(Workload.Captured(job.Build(DType.Float32)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| `{job.Name}` | {own:N0} | {others:N0} | {pooled:N0} KiB | {replayed:N0} | {replayedOthers:N0} |"));
    }

    /// <summary>Bytes per step on this thread and on all others: the least of several rounds, after one that is not counted.</summary>
    /// <remarks>A collection in the middle of a round can count some kilobytes that nobody allocated; the least round is free of that.</remarks>
    private static (double Own, double Others) Measure(Func<Tensor> step)
    {
        var least = (Own: double.PositiveInfinity, Others: double.PositiveInfinity);
        var seconds = Run(step, 3) / 3;
        var count = Math.Clamp((int)(RoundSeconds / seconds), 3, MostSteps);
        for (var round = 0; round <= Rounds; round++)
        {
            var (own, all) = (GC.GetAllocatedBytesForCurrentThread(), GC.GetTotalAllocatedBytes(precise: true));
            Run(step, count);
            (own, all) = (GC.GetAllocatedBytesForCurrentThread() - own, GC.GetTotalAllocatedBytes(precise: true) - all);
            if (round > 0)
            {
                least = (Math.Min(least.Own, own / (double)count), Math.Min(least.Others, Math.Max(0, all - own) / (double)count));
            }
        }

        return least;
    }

    private static Func<Tensor> Scoped(Func<Tensor> step) => () =>
    {
        using var scope = TensorScope.Begin();
        return step();
    };

    private static double Run(Func<Tensor> step, int count)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            step();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
