using System.Globalization;
using System.Text.RegularExpressions;

namespace Backprop.Tests.Samples;

/// <summary>The small samples do what they say.</summary>
public sealed partial class SmallSampleTests
{
    [Fact]
    public void GradientDescentStopsWhereTheGradientIsBelowAMillionth()
    {
        var run = SampleRun.Of("GradientDescent");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("minimum at x = 1.000000", run.LastLine);
        var gradients = Gradients().Matches(run.Output).Select(match => Number(match.Groups[1].Value)).ToArray();
        Assert.True(gradients.Length > 2, run.Output);
        Assert.InRange(gradients[^1], 0, 1e-6);
        Assert.All(gradients[..^1], gradient => Assert.True(gradient >= 1e-6));
    }

    [Fact]
    public void LinearRegressionFindsTheSlopeTwice()
    {
        var run = SampleRun.Of("LinearRegression");
        Assert.Equal(0, run.ExitCode);
        var weights = Weights().Matches(run.Output).ToDictionary(match => match.Groups[1].Value, match => Number(match.Groups[2].Value));
        Assert.InRange(weights["tape"], 1.95, 2.05);
        Assert.InRange(weights["layer"], 1.95, 2.05);
    }

    [Fact]
    public void XorGetsAllFourRowsRight()
    {
        var run = SampleRun.Of("Xor");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("4 of 4 right", run.LastLine);
    }

    [Fact]
    public void DerivativesFindTheMinimumTheDecayAndTheSolution()
    {
        var run = SampleRun.Of("Derivatives");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"step [67]   x \[1\. 1\.\]   value \d\.\dE-\d\d|step [67]   x \[1\. 1\.\]   value 0\.0E\+00", run.Output);
        var fit = Fit().Match(run.Output);
        Assert.InRange(Number(fit.Groups[1].Value), 2.47, 2.53);
        Assert.InRange(Number(fit.Groups[2].Value), 1.25, 1.35);
        Assert.InRange(Number(fit.Groups[3].Value), 0.48, 0.52);
        Assert.InRange(Number(run.LastLine.Split(": ")[1]), 0, 0.02);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"offset: \[\s*(\S+)\s+(\S+)\s+([^\]\s]+)\s*\]")]
    private static partial Regex Fit();

    [GeneratedRegex(@"^step .* gradient (\S+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Gradients();

    [GeneratedRegex(@"^by the (\w+): +weight (\S+)", RegexOptions.Multiline)]
    private static partial Regex Weights();
}
