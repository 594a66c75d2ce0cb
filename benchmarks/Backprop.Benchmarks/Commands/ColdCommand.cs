using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Backprop.Benchmarks.Suite;

namespace Backprop.Benchmarks.Commands;

/// <summary>
/// The command <c>cold</c>: how long a fresh process takes to the end of its first training step, and how its steps get faster. Every run is a
/// process of its own, started by this one.
/// </summary>
public static class ColdCommand
{
    private const string Usage = """
        usage: cold [--only NAME] [--runs N] [--steps N] [--threads N]
          --only NAME    the workload, default mlp_torch
          --runs N       processes, default 15
          --steps N      steps of each, default 500
          --threads N    threads of each, default 1
        """;

    private const string Child = "--child";

    /// <summary>Runs the command; 0 on success.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments is [Child, var name, var count, var threads])
        {
            RunSteps(name, int.Parse(count, CultureInfo.InvariantCulture), int.Parse(threads, CultureInfo.InvariantCulture));
            return 0;
        }

        var options = new Options(arguments, Usage, "--only", "--runs", "--steps", "--threads");
        var (runs, steps) = (options.Integer("--runs", 15, 1, 1000), options.Integer("--steps", 500, 2, 100_000));
        var workload = options.Choose(Workloads.All) is [var one] ? one : options.Find(Workloads.All, "mlp_torch");
        var samples = new long[runs][];
        for (var run = 0; run < runs; run++)
        {
            samples[run] = RunProcess(workload.Name, steps, options.Integer("--threads", 1, 1, 1024));
        }

        Print(workload.Name, samples);
        return 0;
    }

    /// <summary>The child: the moments at which the program began, the model was there, and each step had ended.</summary>
    private static void RunSteps(string name, int count, int threads)
    {
        var moments = new long[count + 2];
        moments[0] = Stopwatch.GetTimestamp();
        Parallelism.Threads = threads;
        var step = Workloads.All.Single(job => job.Name == name).Build(DType.Float32);
        moments[1] = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            using (TensorScope.Begin())
            {
                step();
            }

            moments[i + 2] = Stopwatch.GetTimestamp();
        }

        Console.WriteLine(string.Join(' ', moments));
    }

    /// <summary>The moments of a child in ticks since it was started. The clock is the machine's, the same in both processes.</summary>
    private static long[] RunProcess(string workload, int steps, int threads)
    {
        var host = Environment.ProcessPath!;
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(host) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        foreach (var argument in (string[])["cold", Child, workload, $"{steps}", $"{threads}"])
        {
            start.ArgumentList.Add(argument);
        }

        var begin = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? [.. output.Split(' ').Select(text => long.Parse(text, CultureInfo.InvariantCulture) - begin)]
            : throw new InvalidOperationException($"the process of a run ended with {process.ExitCode}");
    }

    private static void Print(string workload, long[][] samples)
    {
        var last = samples[0].Length - 2;
        Write($"{workload}, {samples.Length} fresh processes, medians");
        Write($"");
        Write($"| milliseconds from the start of the process to | |");
        Write($"| --- | ---: |");
        Write($"| the program's first line | {Milliseconds(0, -1):F1} |");
        Write($"| model and data built | {Milliseconds(1, -1):F1} |");
        Write($"| the end of the first step | {Milliseconds(2, -1):F1} (slowest {Sorted(2, -1)[^1]:F1}) |");
        Write($"| the end of step {last} | {Milliseconds(last + 1, -1):F1} |");
        Write($"");
        Write($"| step | milliseconds |");
        Write($"| ---: | ---: |");
        foreach (var step in (int[])[1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000])
        {
            if (step <= last)
            {
                Write($"| {step} | {Milliseconds(step + 1, step):F3} |");
            }
        }

        double[] Sorted(int to, int from) =>
            [.. samples.Select(moments => (moments[to] - (from < 0 ? 0 : moments[from])) * 1e3 / Stopwatch.Frequency).Order()];

        double Milliseconds(int to, int from) => Sorted(to, from)[samples.Length / 2];

        static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }
}
