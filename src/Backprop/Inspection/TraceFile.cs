using System.Diagnostics;
using System.Text.Json;

namespace Backprop.Inspection;

/// <summary>The trace event format of Chromium: complete events ("ph": "X"), times in microseconds.</summary>
internal static class TraceFile
{
    public static void Write(string path, IReadOnlyList<Call> calls)
    {
        var temporary = path + ".tmp";
        try
        {
            using (var stream = File.Create(temporary))
            {
                Write(stream, calls);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void Write(Stream stream, IReadOnlyList<Call> calls)
    {
        var first = calls.Count == 0 ? 0 : calls.Min(call => call.Start);
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ns");
        json.WriteStartArray("traceEvents");
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("name", call.IsBackward ? $"{call.Name} backward" : call.Name);
            json.WriteString("cat", call.IsBackward ? "backward" : "forward");
            json.WriteString("ph", "X");
            json.WriteNumber("ts", Stopwatch.GetElapsedTime(first, call.Start).TotalMicroseconds);
            json.WriteNumber("dur", Stopwatch.GetElapsedTime(call.Start, call.End).TotalMicroseconds);
            json.WriteNumber("pid", 1);
            json.WriteNumber("tid", 1);
            json.WriteStartObject("args");
            json.WriteString("module", call.Module);
            json.WriteString("detail", call.Detail);
            json.WriteNumber("bytes", call.Bytes);
            if (double.IsFinite(call.Flops))
            {
                json.WriteNumber("flops", call.Flops);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
