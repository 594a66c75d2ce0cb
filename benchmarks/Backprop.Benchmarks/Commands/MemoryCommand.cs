using System.Diagnostics;
using System.Globalization;
using Backprop.Benchmarks.Suite;

namespace Backprop.Benchmarks.Commands;

/// <summary>The command <c>memory</c>: the most memory that was resident at once while a workload ran for a number of steps, runtime included.</summary>
public static class MemoryCommand
{
    private const string Usage = """
        usage: memory WORKLOAD STEPS [--threads N]
          --threads N    threads of the process, default 1
        """;

    private const double MiB = 1024 * 1024;

    /// <summary>Runs the command; 0 on success.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        var options = new Options(arguments.Length > 2 ? arguments[2..] : [], Usage, "--threads");
        if (arguments.Length < 2 || !int.TryParse(arguments[1], CultureInfo.InvariantCulture, out var steps) || steps < 1)
        {
            throw options.Complaint("memory: a workload and a number of steps are needed");
        }

        Parallelism.Threads = options.Integer("--threads", 1, 1, 1024);
        var job = options.Find(Workloads.All, arguments[0]);
        var atStart = Environment.WorkingSet / MiB;
        var step = job.Build(DType.Float32);
        var built = Environment.WorkingSet / MiB;
        for (var i = 0; i < steps; i++)
        {
            using var scope = TensorScope.Begin();
            step();
        }

        // On Linux this is VmHWM, the kernel's own record.
        using var process = Process.GetCurrentProcess();
        var info = GC.GetGCMemoryInfo();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {job.Name}, {steps} steps: peak resident {process.PeakWorkingSet64 / MiB:F1} MiB
              resident at the start {atStart:F1} MiB, with model and data {built:F1} MiB, at the end {Environment.WorkingSet / MiB:F1} MiB
              managed: {GC.GetTotalAllocatedBytes() / MiB:F1} MiB allocated in all, {GC.GetTotalMemory(false) / MiB:F1} MiB in use, {info.TotalCommittedBytes / MiB:F1} MiB committed
              free in pooled buffers {Memory.BufferPool.Current.FreeBytes / MiB:F2} MiB; collections {GC.CollectionCount(0)}
            """));
        return 0;
    }
}
