using System.Globalization;

namespace Backprop.Benchmarks.Suite;

/// <summary>The command <c>suite</c>: times the workloads or the kernels, or prints their losses.</summary>
public static class SuiteCommand
{
    private const string Usage = """
        usage: suite [--threads N] [--only NAME,...] [--seconds S] [--json] [--kernels] [--eager] [--steps N] [--double]
          --threads N    threads of the process, 1 to 1024, default 1
          --only NAMES   just these, in this order
          --seconds S    timed seconds per workload, at most 3600, default 3
          --json         one JSON object per line
          --kernels      the kernels instead of the workloads
          --eager        every step runs as it is written, in a TensorScope; otherwise it is captured once and replayed
          --steps N      no timing: print `name step loss` for the first N steps
          --double       compute in float64
        """;

    /// <summary>Runs the command; 0 on success, 2 for unusable arguments.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        var (threads, seconds, steps, json, eager, dtype) = (1, 3.0, 0, false, arguments.Contains("--kernels"), DType.Float32);
        IReadOnlyList<Workload> all = arguments.Contains("--kernels") ? Kernels.All : Workloads.All;
        var jobs = all;
        for (var i = 0; i < arguments.Length; i++)
        {
            var (name, value) = (arguments[i], i + 1 < arguments.Length ? arguments[i + 1] : "");
            var known = true;
            switch (name)
            {
                case "--json": json = true; break;
                case "--kernels": break;
                case "--eager": eager = true; break;
                case "--double": dtype = DType.Float64; break;
                case "--threads": known = int.TryParse(value, CultureInfo.InvariantCulture, out threads) && threads is > 0 and <= 1024; i++; break;
                case "--steps": known = int.TryParse(value, CultureInfo.InvariantCulture, out steps) && steps > 0; i++; break;
                case "--seconds": known = double.TryParse(value, CultureInfo.InvariantCulture, out seconds) && seconds is > 0 and <= 3600; i++; break;
                case "--only": known = TryChoose(value, all, out jobs); i++; break;
                default: known = false; break;
            }

            if (!known)
            {
                Console.Error.WriteLine($"suite: '{name} {value}' is not understood; there are {string.Join(", ", all.Select(job => job.Name))}");
                Console.Error.WriteLine(Usage);
                return 2;
            }
        }

        Parallelism.Threads = threads;
        foreach (var job in jobs)
        {
            if (steps > 0)
            {
                PrintLosses(eager ? job : job with { Build = type => Workload.Captured(job.Build(type)) }, dtype, steps);
            }
            else
            {
                Print(job.Measure(dtype, seconds, eager), threads, json);
            }
        }

        return 0;
    }

    private static bool TryChoose(string names, IReadOnlyList<Workload> all, out IReadOnlyList<Workload> jobs)
    {
        var chosen = names.Split(',').Select(name => all.FirstOrDefault(job => job.Name == name)).ToArray();
        jobs = [.. chosen.OfType<Workload>()];
        return jobs.Count == chosen.Length;
    }

    private static void PrintLosses(Workload job, DType dtype, int steps)
    {
        var losses = Workload.Losses(job.Build(dtype), steps);
        for (var i = 0; i < losses.Length; i++)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{job.Name} {i} {losses[i]:G17}"));
        }
    }

    private static void Print(Measurement row, int threads, bool json)
    {
        var version = typeof(Tensor).Assembly.GetName().Version!.ToString(3);
        Console.WriteLine(json
            ? string.Create(CultureInfo.InvariantCulture, $$"""
                {"suite": "backprop", "version": "{{version}}", "stock": false, "threads": {{threads}}, "name": "{{row.Name}}", "median_us": {{row.MedianMicroseconds:F3}}, "min_us": {{row.LeastMicroseconds:F3}}, "samples_per_s": {{row.SamplesPerSecond:F1}}, "loss0": {{row.Loss0:G17}}, "loss20": {{row.Loss20:G17}}}
                """)
            : string.Create(CultureInfo.InvariantCulture,
                $"{row.Name,-22}{row.MedianMicroseconds,12:F1}{row.LeastMicroseconds,12:F1}{row.SamplesPerSecond,14:F1}{row.Loss0,14:G7}{row.Loss20,14:G7}"));
    }
}
