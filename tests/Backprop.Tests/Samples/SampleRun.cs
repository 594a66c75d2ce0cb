using System.Diagnostics;

namespace Backprop.Tests.Samples;

/// <summary>What a sample wrote, and how it ended.</summary>
internal sealed record SampleRun(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(2);

    public string LastLine => Output.TrimEnd('\n', '\r').Split('\n')[^1].TrimEnd('\r');

    public static SampleRun Of(string sample, params string[] arguments) => Of(sample, null, arguments);

    /// <summary>Runs a sample to its end, in a folder if given, with nothing of the environment that it would look for.</summary>
    public static SampleRun Of(string sample, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = Start(sample, environment, arguments);
        return End(process);
    }

    public static Process Start(string sample, IReadOnlyDictionary<string, string>? environment, params string[] arguments) =>
        StartIn(Path.GetTempPath(), sample, environment, arguments);

    public static Process StartIn(string folder, string sample, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
            WorkingDirectory = folder,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, sample + ".dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Remove("BACKPROP_DATA");
        start.Environment.Remove("BACKPROP_THREADS");
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    public static SampleRun End(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The sample did not end. Output so far:\n{output.Result}\n{errors.Result}");
        }

        return new SampleRun(process.ExitCode, output.Result, errors.Result);
    }
}
