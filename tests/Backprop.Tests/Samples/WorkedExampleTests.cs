using System.Globalization;
using System.Text.Json;
using WorkedExample;

namespace Backprop.Tests.Samples;

/// <summary>The worked example's network has the numbers of golden/worked_example.json, all of them, to 1e-12; and its page shows them.</summary>
public sealed class WorkedExampleTests
{
    private const double Tolerance = 1e-12;

    private static readonly JsonElement expected = JsonDocument.Parse(File.ReadAllText(GoldenFile)).RootElement.GetProperty("sigmoid_output");

    /// <summary>The copy beside the tests, whose values the sample carries.</summary>
    private static string GoldenFile => Path.Combine(AppContext.BaseDirectory, "Golden", "data", "worked_example.json");

    [Fact]
    public void EveryNumberIsTheGoldenOne()
    {
        var network = new Network();
        Same(expected.GetProperty("x"), network.Input);
        Same(expected.GetProperty("y"), network.Target);
        Same(expected.GetProperty("learning_rate"), Tensor.Scalar(Network.LearningRate));
        var layers = expected.GetProperty("layers").EnumerateArray().ToArray();
        Assert.Equal(layers.Length, network.Layers.Count);
        for (var i = 0; i < layers.Length; i++)
        {
            Same(expected.GetProperty("weights")[i], network.Layers[i].Weight);
            Same(expected.GetProperty("biases")[i], network.Layers[i].Bias);
        }

        var cost = network.Cost();
        cost.Backward();
        Same(expected.GetProperty("cost"), cost);
        Same(expected.GetProperty("output"), network.Layers[^1].A);
        foreach (var (golden, layer) in layers.Zip(network.Layers))
        {
            Same(golden.GetProperty("z"), layer.Z);
            Same(golden.GetProperty("a"), layer.A);
            Same(golden.GetProperty("delta"), layer.Z.Gradient!);
            Same(golden.GetProperty("weight_grad"), layer.Weight.Gradient!);
            Same(golden.GetProperty("bias_grad"), layer.Bias.Gradient!);
        }

        network.Step();
        foreach (var (golden, layer) in layers.Zip(network.Layers))
        {
            Same(golden.GetProperty("weight_updated"), layer.Weight);
            Same(golden.GetProperty("bias_updated"), layer.Bias);
        }

        Same(expected.GetProperty("cost_after_update"), network.Cost());
    }

    [Fact]
    public void ThePageShowsEveryNumber()
    {
        var run = SampleRun.Of("WorkedExample");
        Assert.Equal(0, run.ExitCode);
        var ends = run.Output.Split('\n').Where(line => line.Contains('=')).Select(line => line.TrimEnd()).ToList();
        var names = new[] { "z", "a", "delta", "weight_grad", "bias_grad", "weight_updated", "bias_updated" };
        var values = expected.GetProperty("layers").EnumerateArray().SelectMany(layer => names.SelectMany(name => Numbers(layer.GetProperty(name)))).ToList();
        Assert.Equal(71, values.Count);
        foreach (var value in values.Append(expected.GetProperty("cost").GetDouble()))
        {
            Assert.Contains(ends, line => line.EndsWith($" = {Paper.Show(value)}", StringComparison.Ordinal));
        }

        Assert.Contains(Paper.Show(expected.GetProperty("cost_after_update").GetDouble()), run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(2, "2")]
    [InlineData(2.0000000000000004, "2")]
    [InlineData(-0.0068295828, "−0.006830")]
    public void NumbersAreShort(double value, string text) => Assert.Equal(text, Paper.Show(value));

    private static void Same(JsonElement golden, Tensor actual)
    {
        var numbers = Numbers(golden).ToArray();
        var values = actual.ToArray<double>();
        Assert.Equal(numbers.Length, values.Length);
        foreach (var (number, value) in numbers.Zip(values))
        {
            Assert.True(
                Math.Abs(number - value) <= Tolerance,
                string.Create(CultureInfo.InvariantCulture, $"expected {number:R}, got {value:R}"));
        }
    }

    private static IEnumerable<double> Numbers(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().SelectMany(Numbers) : [element.GetDouble()];
}
