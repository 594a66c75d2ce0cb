using Backprop.Data;
using MnistSample;
using Module = Backprop.Layers.Module;

namespace Backprop.Tests.Samples;

/// <summary>The figures of the MNIST sample, on images that say themselves what they will be taken for.</summary>
public sealed class MnistReportTests
{
    // What each image is, and what the model takes it for.
    private static readonly (byte Label, byte Answer)[] cases = [(0, 0), (0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (7, 7), (8, 7)];

    [Fact]
    public void FiguresFollowTheirDefinitions()
    {
        var evaluation = Evaluate();
        Assert.Equal(cases.Length, evaluation.Count);
        Assert.Equal(5 / 8.0, evaluation.Accuracy, 12);
        Assert.Equal((3, 1, 1), (evaluation.Confusion(0, 0), evaluation.Confusion(0, 1), evaluation.Confusion(1, 0)));
        Assert.Equal((1, 1, 0), (evaluation.Confusion(7, 7), evaluation.Confusion(8, 7), evaluation.Confusion(7, 8)));
        Assert.Equal((4, 2, 0), (evaluation.CountOf(0), evaluation.CountOf(1), evaluation.CountOf(5)));
        Assert.Equal(3 / 4.0, evaluation.Precision(0), 12);
        Assert.Equal(3 / 4.0, evaluation.Recall(0), 12);
        Assert.Equal(1 / 2.0, evaluation.Precision(7), 12);
        Assert.Equal(1, evaluation.Recall(7), 12);
        Assert.Equal(2 / 3.0, evaluation.F1(7), 12);
        Assert.Equal((0, 0, 0), (evaluation.Precision(8), evaluation.Recall(8), evaluation.F1(8)));
    }

    [Fact]
    public void MistakesAreListedSurestFirst()
    {
        var mistakes = Evaluate().Mistakes;
        Assert.Equal([(7, 8, 7), (5, 1, 0), (3, 0, 1)], mistakes.Select(mistake => (mistake.Image, mistake.Label, mistake.Answer)));
        Assert.True(mistakes[0].Probability > mistakes[1].Probability);
    }

    [Fact]
    public void TheReportShowsThemAll()
    {
        using var writer = new StringWriter { NewLine = "\n" };
        Report.Write(writer, Evaluate(), Images(), width: 80);
        var lines = writer.ToString().Split('\n');
        Assert.Contains("    0      0.7500   0.7500   0.7500         4", lines);
        Assert.Contains("    7      0.5000   1.0000   0.6667         1", lines);
        Assert.Contains("    1     1     1     0     0     0     0     0     0     0     0", lines); // two images of 1: one taken for 0
        Assert.Contains("3 mistakes; those that the model is surest of:", lines);
        Assert.Contains(lines, line => line.StartsWith("8, read as 7", StringComparison.Ordinal) && line.Contains("1, read as 0", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.Contains(lines, line => line.Contains('+') || line.Contains('='));
    }

    private static Evaluation Evaluate() => Evaluation.Of(new FirstPixels(), Images());

    /// <summary>The pixel at the answer's position is lit, the later the image the brighter.</summary>
    private static LabeledImages Images()
    {
        const int Size = 28;
        var pixels = new byte[cases.Length * Size * Size];
        for (var i = 0; i < cases.Length; i++)
        {
            pixels[(i * Size * Size) + cases[i].Answer] = (byte)(100 + (20 * i));
        }

        return new LabeledImages(pixels, cases.Select(item => item.Label).ToArray(), Size, Size, "test");
    }

    private sealed class FirstPixels : Module
    {
        public override Tensor Forward(Tensor x) => 5 * x[.., ..10];
    }
}
