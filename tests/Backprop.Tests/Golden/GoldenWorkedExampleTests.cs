using System.Text.Json;

namespace Backprop.Tests.Golden;

/// <summary>One step of gradient descent on a 2-3-3-1 network, every number of it, to 1e-12.</summary>
public sealed class GoldenWorkedExampleTests
{
    private const double Tolerance = 1e-12;

    [Theory]
    [InlineData("sigmoid_output")]
    [InlineData("linear_output")]
    public void EveryNumberIsReproduced(string variant)
    {
        var example = GoldenData.Document("worked_example.json").GetProperty(variant);
        var x = Tensor.From(GoldenTensor.Numbers(example.GetProperty("x")));
        var y = Tensor.From(GoldenTensor.Numbers(example.GetProperty("y")));
        var weights = example.GetProperty("weights").EnumerateArray().Select(w => Matrix(w).RequireGradient()).ToArray();
        var biases = example.GetProperty("biases").EnumerateArray().Select(b => Tensor.From(GoldenTensor.Numbers(b)).RequireGradient()).ToArray();
        var layers = example.GetProperty("layers").EnumerateArray().ToArray();
        var linearOutput = variant == "linear_output";

        var (zs, activations) = Forward(x, weights, biases, linearOutput);
        var cost = Cost(y, activations[^1]);
        var deltas = Gradient.Of(cost, zs);
        for (var l = 0; l < layers.Length; l++)
        {
            Agree(layers[l], "z", zs[l]);
            Agree(layers[l], "a", activations[l]);
            Agree(layers[l], "delta", deltas[l]);
            Agree(layers[l], "activation_derivative", ReferenceEquals(activations[l], zs[l])
                ? Tensor.OnesLike(zs[l])
                : Gradient.Of(activations[l], zs[l], Tensor.OnesLike(zs[l])));
        }

        Agree(example, "output", activations[^1]);
        Assert.Equal(example.GetProperty("cost").GetDouble(), cost.Item<double>(), Tolerance);

        cost.Backward();
        var rate = example.GetProperty("learning_rate").GetDouble();
        for (var l = 0; l < layers.Length; l++)
        {
            Agree(layers[l], "weight_grad", weights[l].Gradient!);
            Agree(layers[l], "bias_grad", biases[l].Gradient!);
            using (Recording.Pause())
            {
                weights[l].SubtractInPlace(rate * weights[l].Gradient!);
                biases[l].SubtractInPlace(rate * biases[l].Gradient!);
            }

            Agree(layers[l], "weight_updated", weights[l]);
            Agree(layers[l], "bias_updated", biases[l]);
        }

        var after = Cost(y, Forward(x, weights, biases, linearOutput).Activations[^1]);
        Assert.Equal(example.GetProperty("cost_after_update").GetDouble(), after.Item<double>(), Tolerance);
    }

    /// <summary>z = W a + b and a = σ(z) of every layer; the last a is z itself where the output is linear.</summary>
    private static (Tensor[] Zs, Tensor[] Activations) Forward(Tensor x, Tensor[] weights, Tensor[] biases, bool linearOutput)
    {
        var zs = new Tensor[weights.Length];
        var activations = new Tensor[weights.Length];
        for (var l = 0; l < weights.Length; l++)
        {
            zs[l] = weights[l].MatMul(x) + biases[l];
            activations[l] = x = linearOutput && l == weights.Length - 1 ? zs[l] : zs[l].Sigmoid();
        }

        return (zs, activations);
    }

    private static Tensor Cost(Tensor y, Tensor output) => 0.5 * (y - output).Square().Sum();

    private static Tensor Matrix(JsonElement rows)
    {
        var numbers = rows.EnumerateArray().Select(GoldenTensor.Numbers).ToArray();
        return Tensor.From(numbers.SelectMany(row => row).ToArray(), numbers.Length, numbers[0].Length);
    }

    private static void Agree(JsonElement element, string property, Tensor actual)
    {
        var expected = element.GetProperty(property);
        var numbers = expected[0].ValueKind == JsonValueKind.Array ? Matrix(expected).ToArray<double>() : GoldenTensor.Numbers(expected);
        Assert.Equal(numbers, actual.ToArray<double>(), (a, b) => Math.Abs(a - b) <= Tolerance);
    }
}
