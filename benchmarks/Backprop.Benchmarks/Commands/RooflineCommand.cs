using System.Globalization;
using Backprop.Benchmarks.Roofline;
using Backprop.Benchmarks.Suite;

namespace Backprop.Benchmarks.Commands;

/// <summary>
/// The command <c>roofline</c>: how near each kernel of the suite is to what the machine can do, both measured in the same run. The bound of a
/// kernel is the larger of two times: its operations at the peak of the multiply-adds, and its bytes at the bandwidth for as many bytes.
/// Both sides are the best of many short runs, so that what else the machine does falls out.
/// </summary>
public static class RooflineCommand
{
    private const string Usage = """
        usage: roofline [--only NAME,...] [--threads N] [--seconds S]
          --only NAMES   just these kernels, in this order
          --threads N    threads of the process, default 1
          --seconds S    timed seconds per kernel, default 0.5
        """;

    /// <summary>Runs the command; 0 on success.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        var options = new Options(arguments, Usage, "--only", "--threads", "--seconds");
        var threads = Parallelism.Threads = options.Integer("--threads", 1, 1, 1024);
        var seconds = options.Number("--seconds", 0.5, 0.01, 3600);
        var kernels = options.Choose(Suite.Kernels.All);
        var limits = new MachineLimits(threads);
        Write($"{threads} {(threads == 1 ? "thread" : "threads")}, float32; multiply-adds of {MachineLimits.RegisterBits} bits: {limits.Flops / 1e9:F0} GFLOP/s");
        Write($"");
        Write($"| bytes touched, of all threads together | reading GB/s | copying GB/s, read and written |");
        Write($"| ---: | ---: | ---: |");
        foreach (var (label, bytes) in ((string, long)[])[("32 KiB", 32 << 10), ("512 KiB", 512 << 10), ("8 MiB", 8 << 20), ("256 MiB", 256 << 20)])
        {
            Write($"| {label} | {limits.Reading(bytes) / 1e9:F0} | {limits.Copying(bytes) / 1e9:F0} |");
        }

        var native = NativeProduct.Load(threads);
        Write($"");
        Write($"| kernel | median µs | best µs | GFLOP/s | GB/s | bound µs | bound by | % of bound | {(native is null ? "" : "OpenBLAS best µs |")}");
        Write($"| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | {(native is null ? "" : "---: |")}");
        foreach (var kernel in kernels)
        {
            Print(kernel, limits, native, seconds);
        }

        return 0;
    }

    private static void Print(Workload kernel, MachineLimits limits, NativeProduct? native, double seconds)
    {
        var row = kernel.Measure(DType.Float32, seconds, eager: true);
        var (median, time) = (row.MedianMicroseconds, row.LeastMicroseconds * 1e-6);
        var last = native is null ? "" : NativeTime(kernel.Name, native, seconds) + " |";
        if (KernelCost.Of(kernel.Name) is not { } cost)
        {
            Write($"| `{kernel.Name}` | {median:F1} | {time * 1e6:F1} | – | – | – | overhead | – | {last}");
            return;
        }

        var bandwidth = cost.OnlyReads ? limits.Reading((long)cost.Bytes) : limits.Copying((long)cost.Bytes);
        var (computing, moving) = (cost.Flops / limits.Flops, cost.Bytes / bandwidth);
        var bound = Math.Max(computing, moving);
        var by = computing > moving ? "multiply-adds" : cost.OnlyReads ? "reading" : "copying";
        var speed = cost.Flops == 0 ? "–" : (cost.Flops / time / 1e9).ToString("F0", CultureInfo.InvariantCulture);
        Write($"| `{kernel.Name}` | {median:F1} | {time * 1e6:F1} | {speed} | {cost.Bytes / time / 1e9:F0} | {bound * 1e6:F1} | {by} | {100 * bound / time:F0} | {last}");
    }

    private static string NativeTime(string name, NativeProduct native, double seconds)
    {
        if (!name.StartsWith("matmul_", StringComparison.Ordinal))
        {
            return "";
        }

        int[] sizes = [.. name["matmul_".Length..].Split('x').Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        return (native.Seconds(sizes[0], sizes[1], sizes[2], seconds) * 1e6).ToString("F1", CultureInfo.InvariantCulture);
    }

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture).TrimEnd());
}
