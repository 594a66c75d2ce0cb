using MnistSample;

namespace Backprop.Tests.Samples;

/// <summary>The command line of the MNIST sample.</summary>
public sealed class MnistOptionsTests
{
    [Fact]
    public void DefaultsAreTheKerasRecipe()
    {
        var options = Options.Parse([]);
        Assert.Equal(("keras", 128, 32, 5), (options.Model.Name, options.Model.Hidden, options.Model.BatchSize, options.Model.Epochs));
        Assert.Equal(0ul, options.Seed);
        Assert.Null(options.Data);
        Assert.Null(options.Epochs);
        Assert.Null(options.Threads);
        Assert.Null(options.Save);
        Assert.Null(options.Load);
        Assert.Null(options.Limit);
    }

    [Fact]
    public void EveryOptionIsRead()
    {
        var options = Options.Parse(
            ["--data", "d", "--model", "torch", "--epochs", "0", "--seed", "7", "--threads", "3", "--save", "s", "--load=l=1", "--limit", "9"]);
        Assert.Equal(("torch", 200, 64, 10), (options.Model.Name, options.Model.Hidden, options.Model.BatchSize, options.Model.Epochs));
        Assert.Equal(("d", 0, 7ul, 3), (options.Data, options.Epochs, options.Seed, options.Threads));
        Assert.Equal(("s", "l=1", 9), (options.Save, options.Load, options.Limit));
    }

    [Theory]
    [InlineData("unknown option '--foo'", "--foo", "1")]
    [InlineData("unknown option 'digits'", "digits")]
    [InlineData("--data needs a value", "--data")]
    [InlineData("--save needs a value", "--save", "--seed")]
    [InlineData("--load needs a value", "--load=")]
    [InlineData("--epochs needs a value", "--epochs")]
    [InlineData("--limit needs a value", "--limit", "--seed", "1")]
    [InlineData("--model needs a value", "--model")]
    [InlineData("--model must be keras or torch, not 'tf'", "--model", "tf")]
    [InlineData("--epochs must be a whole number from 0 to 2147483647, not '-1'", "--epochs", "-1")]
    [InlineData("--epochs must be a whole number from 0 to 2147483647, not '1.5'", "--epochs", "1.5")]
    [InlineData("--seed must be a whole number from 0 to 18446744073709551615, not '18446744073709551616'", "--seed", "18446744073709551616")]
    [InlineData("--threads must be a whole number from 1 to 1024, not '0'", "--threads", "0")]
    [InlineData("--threads must be a whole number from 1 to 1024, not '1025'", "--threads", "1025")]
    [InlineData("--limit must be a whole number from 1 to 2147483647, not '0'", "--limit", "0")]
    [InlineData("--seed is given twice", "--seed", "1", "--seed", "1")]
    public void MistakesAreNamed(string message, params string[] arguments) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Options.Parse(arguments)).Message);

    [Fact]
    public void AMistakeEndsWithUsageAndTwo()
    {
        var run = SampleRun.Of("Mnist", "--epochs", "many");
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith("--epochs must be a whole number", run.Errors, StringComparison.Ordinal);
        Assert.Contains("usage: Mnist [--data FOLDER] [--model keras|torch]", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void HelpIsNoMistake()
    {
        var run = SampleRun.Of("Mnist", "--help");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith("usage: Mnist", run.Output, StringComparison.Ordinal);
        Assert.Contains("mnist-MODEL.safetensors", run.Output, StringComparison.Ordinal);
        Assert.Contains("130 stopped before training", run.Output, StringComparison.Ordinal);
    }
}
