using System.Diagnostics;
using System.Text.RegularExpressions;
using MnistSample;

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
        AssertFails("not a safetensors file", "--load", junk);
        AssertFails("missing.safetensors", "--load", folder.PathOf("missing.safetensors"));
        AssertFails($"'{folder.Root}' is a folder, not a file", "--load", folder.Root);
        var target = folder.PathOf("missing/model.safetensors");
        AssertFails($"cannot write '{target}': the folder '{folder.PathOf("missing")}' does not exist", "--save", target);
        AssertFails("it is a folder", "--save", folder.Root);
        AssertFails("truncated", "--data", damaged);
        AssertFails("there is no such folder", "--data", folder.PathOf("missing"));
        AssertFails("is a file, not a folder", "--data", keras);
    }

    [Fact]
    public void AFileOfAnotherModelIsToldByLines()
    {
        var keras = folder.PathOf("keras-only.safetensors");
        Train("--epochs", "0", "--save", keras);
        var run = Train("--load", keras, "--model", "torch", "--epochs", "0");
        Assert.Equal(1, run.ExitCode);
        var lines = run.Errors.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.Equal($"error: {keras} does not fit --model torch; try --model keras.", lines[0]);
        Assert.Equal(3, lines[1..].Length);
        Assert.All(lines[1..], line => Assert.StartsWith("  shape differs: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void CheckingATargetLeavesNothingBehind()
    {
        ModelFile.CheckWritable(folder.PathOf("later.safetensors"));
        Assert.Empty(Directory.GetFiles(folder.Root, "*.tmp"));
        Assert.False(File.Exists(folder.PathOf("later.safetensors")));
    }

    [Fact]
    public void FiguresThatDoNotFitATerminalAreLeftOut()
    {
        var progress = new Progress(1000, 0.5, 0.75, 0.1);
        Assert.Equal("epoch 1/5   loss 0.5000   accuracy 0.7500    10,000 images/s", EpochView.Line("epoch 1/5", progress));
        Assert.Equal("epoch 1/5   loss 0.5000   accuracy 0.7500", EpochView.Line("epoch 1/5", progress, room: 59));
        Assert.Equal("epoch 1/5   loss 0.5000", EpochView.Line("epoch 1/5", progress, room: 40));
        Assert.Equal("epoch 1/5", EpochView.Line("epoch 1/5", progress, room: 2));
    }

    [Fact]
    public async Task InterruptionSavesAndLeaves()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // there, a process cannot send Ctrl+C to just one other
        }

        var file = folder.PathOf("stopped.safetensors");
        await CheckInterrupted(folder.Root, file, "--save", file);
    }

    [Fact]
    public async Task InterruptionWithoutANameTakesAFreeOne()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var work = Directory.CreateDirectory(folder.PathOf("work")).FullName;
        var earlier = Path.Combine(work, "mnist-keras.safetensors");
        File.WriteAllText(earlier, "of an earlier run");
        await CheckInterrupted(work, Path.Combine(work, "mnist-keras-2.safetensors"));
        Assert.Equal("of an earlier run", File.ReadAllText(earlier));
    }

    /// <summary>
    /// What Ctrl+C sends; a process started in the background by a shell inherits that this is ignored, and is then asked to terminate instead.
    /// </summary>
    private static string InterruptSignal
    {
        get
        {
            const int interrupt = 2;
            var status = File.Exists("/proc/self/status") ? File.ReadAllLines("/proc/self/status") : [];
            var ignored = Array.Find(status, line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
            return ignored is not null && (Convert.ToUInt64(ignored["SigIgn:".Length..].Trim(), 16) & (1UL << (interrupt - 1))) != 0 ? "-TERM" : "-INT";
        }
    }

    private static double Accuracy(SampleRun run) => double.Parse(run.LastLine.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);

    private SampleRun Train(params string[] arguments) => SampleRun.Of("Mnist", ["--data", folder.Data, .. arguments]);

    private async Task CheckInterrupted(string workingFolder, string file, params string[] arguments)
    {
        using var process = SampleRun.StartIn(workingFolder, "Mnist", null, ["--data", folder.Data, "--epochs", "1000000", .. arguments]);
        var line = "";
        while (!EpochLine().IsMatch(line))
        {
            line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the sample ended by itself");
        }

        using (var kill = Process.Start("kill", [InterruptSignal, $"{process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        var run = SampleRun.End(process);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains($"model saved to {file}", run.Output, StringComparison.Ordinal);
        Assert.Matches("^test accuracy: [01]\\.[0-9]{4}$", run.LastLine);
        Assert.Equal(run.LastLine, Train("--load", file, "--epochs", "0").LastLine);
    }

    private void AssertFails(string message, params string[] arguments)
    {
        string[] data = arguments.Contains("--data") ? [] : ["--data", folder.Data];
        var run = SampleRun.Of("Mnist", [.. data, .. arguments, "--epochs", "0"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Matches("\\Aerror: [^\\n]+\\r?\\n\\z", run.Errors);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("test accuracy", run.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^epoch \d+/\d+   loss \d+\.\d{4}   accuracy [01]\.\d{4} +[\d,]+ images/s", RegexOptions.Multiline)]
    private static partial Regex EpochLine();
}
