using System.Globalization;
using System.Text;

namespace Backprop.Inspection;

/// <summary>A profile as text.</summary>
internal static class ProfilerTable
{
    public static string Write(Profiler profiler)
    {
        var text = new StringBuilder();
        var (busy, elapsed) = (profiler.Busy, profiler.Elapsed);
        text.Append(CultureInfo.InvariantCulture, $"{Milliseconds(busy)} ms in operations and gradients, of {Milliseconds(elapsed)} ms in all\n\n");
        Add(text, "operation", profiler.ByOperation(), busy);
        text.Append('\n');
        Add(text, "module", profiler.ByModule(), busy);
        return text.ToString();
    }

    private static void Add(StringBuilder text, string heading, IReadOnlyList<ProfilerRow> rows, TimeSpan busy)
    {
        var table = new TextTable(heading, "direction", "calls", "ms", "share", "µs/call", "MB", "GFLOP/s");
        foreach (var row in rows)
        {
            table.Add(
                row.Name,
                row.IsBackward ? "backward" : "forward",
                row.Calls.ToString(CultureInfo.InvariantCulture),
                Milliseconds(row.Time),
                busy.Ticks == 0 ? "" : (row.Time / busy).ToString("P1", CultureInfo.InvariantCulture),
                (row.Time.TotalMicroseconds / row.Calls).ToString("F1", CultureInfo.InvariantCulture),
                (row.Bytes / 1e6).ToString("F2", CultureInfo.InvariantCulture),
                double.IsFinite(row.GigaflopsPerSecond) && row.Flops > 0 ? row.GigaflopsPerSecond.ToString("F2", CultureInfo.InvariantCulture) : "");
        }

        text.Append(table);
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("F2", CultureInfo.InvariantCulture);
}
