using System.Diagnostics;
using System.Globalization;
using Backprop.Benchmarks.Soak;

namespace Backprop.Benchmarks.Commands;

/// <summary>
/// The command <c>soak</c>: trains for minutes with inputs whose shapes change, and fails when memory grows, steps become slower, or threads stay
/// busy after the last step.
/// </summary>
public static class SoakCommand
{
    private const string Usage = """
        usage: soak [--minutes M] [--threads N]
          --minutes M    how long, 0.05 to 10000, default 10
          --threads N    threads of the process, default as many as there are processors
        """;

    private const double MostGrowth = 0.05;
    private const double MostDrift = 0.25;
    private const double MostIdleSeconds = 0.020;
    private const int SettledCollections = 3;
    private const double TurnSeconds = 0.05;

    /// <summary>
    /// Runs the command; 0 on success, 1 where something grew, drifted or kept a processor busy. Memory goes up and down with the collections, so intervals
    /// are compared by the most that was resident; a run of seconds is given until the first few collections to come to its usual size.
    /// </summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        var options = new Options(arguments, Usage, "--minutes", "--threads");
        var seconds = 60 * options.Number("--minutes", 10, 0.05, 10_000);
        Parallelism.Threads = options.Integer("--threads", Environment.ProcessorCount, 1, 1024);
        var runners = StepKind.All.Select(kind => new Runner(kind)).ToArray();
        var intervals = (int)Math.Ceiling(seconds / Math.Min(30, seconds / 10));
        var warmUp = intervals / 5;
        double settled = 0, most = 0;

        Write($"{seconds / 60:G4} minutes, {Parallelism.Threads} threads; medians of the steps' times in every interval");
        Write($"");
        Write($"| seconds | resident at most, MiB | collections (full) | {string.Join(" | ", runners.Select(runner => runner.Name + ", µs"))} |");
        Write($"| ---: | ---: | ---: |{string.Concat(runners.Select(_ => " ---: |"))}");
        var clock = Stopwatch.StartNew();
        for (var interval = 0; interval < intervals; interval++)
        {
            var end = seconds * (interval + 1) / intervals;
            most = 0;
            while (clock.Elapsed.TotalSeconds < end)
            {
                foreach (var runner in runners)
                {
                    runner.TakeTurn(TurnSeconds);
                    most = Math.Max(most, Environment.WorkingSet / 1024.0 / 1024.0);
                }
            }

            settled = interval < warmUp || (GC.CollectionCount(0) < SettledCollections && interval < intervals / 2) ? Math.Max(settled, most) : settled;
            var times = string.Join(" | ", runners.Select(runner => (runner.Interval.Median * 1e6).ToString("F0", CultureInfo.InvariantCulture)));
            Write($"| {end:F1} | {most:F1} | {GC.CollectionCount(0)} ({GC.CollectionCount(2)}) | {times} |");
            foreach (var runner in runners)
            {
                runner.EndInterval(isEarly: interval >= warmUp && interval < 2 * warmUp, isLate: interval >= intervals - warmUp);
            }
        }

        var idle = IdleSeconds();
        Write($"");
        var passed = Check($"resident memory: at most {settled:F1} MiB in the first fifth or until the third collection, {most:F1} MiB in the last interval", most <= settled * (1 + MostGrowth));
        foreach (var runner in runners)
        {
            var (early, late) = (runner.Early.Median, runner.Late.Median);
            passed &= Check(
                $"{runner.Name}: {runner.Steps} steps, from the second fifth to the last their median went from {early * 1e6:F0} to {late * 1e6:F0} µs",
                late <= early * (1 + MostDrift));
        }

        passed &= Check($"idle: {1000 * idle:F1} ms of processor time in the second after one second of rest", idle <= MostIdleSeconds);
        return passed ? 0 : 1;
    }

    private static double IdleSeconds()
    {
        Thread.Sleep(1000);
        var before = Environment.CpuUsage.TotalTime;
        Thread.Sleep(1000);
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private static bool Check(FormattableString text, bool holds)
    {
        Write($"{(holds ? "ok  " : "FAIL")} {text.ToString(CultureInfo.InvariantCulture)}");
        return holds;
    }

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>A kind of step under way, and its times.</summary>
    private sealed class Runner(StepKind kind)
    {
        private readonly Action<int> step = kind.Build();

        public string Name => kind.Name;

        public int Steps { get; private set; }

        public StepTimes Interval { get; } = new();

        public StepTimes Early { get; } = new();

        public StepTimes Late { get; } = new();

        public void TakeTurn(double seconds)
        {
            var begin = Stopwatch.GetTimestamp();
            var last = begin;
            do
            {
                step(Steps++);
                var now = Stopwatch.GetTimestamp();
                Interval.Add(Stopwatch.GetElapsedTime(last, now).TotalSeconds);
                last = now;
            }
            while (Stopwatch.GetElapsedTime(begin, last).TotalSeconds < seconds);
        }

        public void EndInterval(bool isEarly, bool isLate)
        {
            if (isEarly)
            {
                Early.Add(Interval);
            }

            if (isLate)
            {
                Late.Add(Interval);
            }

            Interval.Clear();
        }
    }
}
