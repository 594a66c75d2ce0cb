using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Backprop.Tests.Samples;

/// <summary>The MNIST sample from its command line to its last line, on a small data set.</summary>
public sealed partial class MnistRunTests(DigitFolder folder) : IClassFixture<DigitFolder>
{
    [Fact]
    public void TrainsReportsAndEndsWithTheAccuracy()
    {
        var run = Train("--epochs", "4");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Matches("^test accuracy: 0\\.[0-9]{4}$", run.LastLine);
        Assert.True(Accuracy(run) > 0.8, run.LastLine);
        Assert.Contains($"{DigitFolder.TrainingCount:N0} training images, {DigitFolder.TestCount:N0} test images", run.Output, StringComparison.Ordinal);
        Assert.Equal(4, EpochLine().Count(run.Output));
        Assert.Contains("class   precision   recall       F1", run.Output, StringComparison.Ordinal);
        Assert.Contains("confusion matrix", run.Output, StringComparison.Ordinal);
        Assert.Contains("read as", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keras")]
    [InlineData("torch")]
    public void TheSeedDecidesTheNumberOfThreadsDoesNot(string model)
    {
        var files = new[] { "1", "2", "3" }.Select(threads =>
        {
            var file = folder.PathOf($"{model}-{threads}.safetensors");
            Assert.Equal(0, Train("--model", model, "--epochs", "1", "--seed", "5", "--threads", threads, "--save", file).ExitCode);
            return File.ReadAllBytes(file);
        }).ToArray();
        Assert.Equal(files[0], files[1]);
        Assert.Equal(files[0], files[2]);

        var other = folder.PathOf($"{model}-other.safetensors");
        Assert.Equal(0, Train("--model", model, "--epochs", "1", "--seed", "6", "--save", other).ExitCode);
        Assert.NotEqual(files[0], File.ReadAllBytes(other));
    }

    [Fact]
    public void ASavedModelIsAsGoodAsItWas()
    {
        var file = folder.PathOf("model.safetensors");
        var trained = Train("--epochs", "2", "--save", file);
        var loaded = Train("--epochs", "0", "--seed", "99", "--load", file);
        Assert.Equal(0, loaded.ExitCode);
        Assert.Equal(trained.LastLine, loaded.LastLine);
        Assert.DoesNotMatch(EpochLine(), loaded.Output);
        Assert.True(Accuracy(Train("--epochs", "2", "--load", file)) >= Accuracy(trained));
    }

    [Fact]
    public void LimitTakesTheFirstTrainingImagesOnly()
    {
        var run = Train("--limit", "70", "--epochs", "1");
        Assert.Contains($"70 training images, {DigitFolder.TestCount:N0} test images", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void DataAreFoundThroughTheEnvironment()
    {
        var run = SampleRun.Of("Mnist", new Dictionary<string, string> { ["BACKPROP_DATA"] = folder.Root }, "--epochs", "1");
        Assert.Contains($"data: {folder.Data}", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void BadFilesAreOneLineAndOne()
    {
        var junk = folder.PathOf("junk.safetensors");
        File.WriteAllText(junk, "no model");
        var damaged = Directory.CreateDirectory(folder.PathOf("damaged")).FullName;
        foreach (var file in Directory.GetFiles(folder.Data))
        {
            File.WriteAllBytes(Path.Combine(damaged, Path.GetFileName(file)), File.ReadAllBytes(file)[..^1]);
        }

        var keras = folder.PathOf("keras.safetensors");
        Train("--epochs", "0", "--save", keras);
        AssertFails("--load", junk);
        AssertFails("--load", folder.PathOf("missing.safetensors"));
        AssertFails("--load", keras, "--model", "torch");
        AssertFails("--save", folder.PathOf("missing/model.safetensors"));
        AssertFails("--save", folder.Root);
        AssertFails("--data", damaged);
        AssertFails("--data", folder.PathOf("missing"));
    }

    [Fact]
    public async Task InterruptionSavesAndLeaves()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // there, a process cannot send Ctrl+C to just one other
        }

        var file = folder.PathOf("stopped.safetensors");
        using var process = SampleRun.Start("Mnist", null, "--data", folder.Data, "--epochs", "1000000", "--save", file);
        var line = "";
        while (!EpochLine().IsMatch(line))
        {
            line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the sample ended by itself");
        }

        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        var run = SampleRun.End(process);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains($"model saved to {file}", run.Output, StringComparison.Ordinal);
        Assert.Matches("^test accuracy: [01]\\.[0-9]{4}$", run.LastLine);
        Assert.Equal(run.LastLine, Train("--load", file, "--epochs", "0").LastLine);
    }

    private static double Accuracy(SampleRun run) => double.Parse(run.LastLine.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);

    private SampleRun Train(params string[] arguments) => SampleRun.Of("Mnist", ["--data", folder.Data, .. arguments]);

    private void AssertFails(params string[] arguments)
    {
        string[] data = arguments.Contains("--data") ? [] : ["--data", folder.Data];
        var run = SampleRun.Of("Mnist", [.. data, .. arguments, "--epochs", "0"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Matches("\\Aerror: [^\\n]+\\r?\\n\\z", run.Errors);
        Assert.DoesNotContain("test accuracy", run.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^epoch \d+/\d+   loss \d+\.\d{4}   accuracy [01]\.\d{4} +[\d,]+ images/s", RegexOptions.Multiline)]
    private static partial Regex EpochLine();
}
