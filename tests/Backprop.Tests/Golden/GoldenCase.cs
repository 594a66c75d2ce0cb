using System.Text.Json;

namespace Backprop.Tests.Golden;

/// <summary>One case as the file states it: inputs, arguments, and what must come out.</summary>
internal sealed class GoldenCase(string file, int line, JsonElement json)
{
    public string File { get; } = file;

    /// <summary>Its place in the file, from 1.</summary>
    public int Line { get; } = line;

    public string Op { get; } = json.GetProperty("op").GetString()!;

    public string Name { get; } = json.GetProperty("case").GetString()!;

    public GoldenArguments Arguments { get; } = new(json.GetProperty("args"));

    /// <summary>The whole line, for files with other fields.</summary>
    public JsonElement Json { get; } = json;

    /// <summary>Whether the case records a convention at a pole, a tie or a kink.</summary>
    public bool IsSpecial => Json.TryGetProperty("special", out var special) && special.GetBoolean();

    public IEnumerable<GoldenTensor> Inputs => Json.GetProperty("inputs").EnumerateArray().Select(t => new GoldenTensor(t));

    public GoldenTensor[] Outputs => [.. Json.GetProperty("outputs").EnumerateArray().Select(t => new GoldenTensor(t))];

    /// <summary>The gradient of each output; null where it has none.</summary>
    public double[]?[] OutputGradients => NumbersOrNull(Json.GetProperty("grad_outputs"));

    /// <summary>What the gradient of each input must be.</summary>
    public IReadOnlyDictionary<string, double[]> Gradients => ByName(Json.GetProperty("grads"));

    /// <summary>The second-order part; null where there is none.</summary>
    public GoldenSecond? Second
    {
        get
        {
            var second = Json.GetProperty("second");
            return second.ValueKind == JsonValueKind.Null ? null : new GoldenSecond(
                ByName(second.GetProperty("v")), ByName(second.GetProperty("grads")), NumbersOrNull(second.GetProperty("grad_outputs")));
        }
    }

    public override string ToString() => $"{File}.jsonl, line {Line}: {Op}/{Name}";

    private static Dictionary<string, double[]> ByName(JsonElement element) =>
        element.EnumerateObject().ToDictionary(p => p.Name, p => GoldenTensor.Numbers(p.Value));

    private static double[]?[] NumbersOrNull(JsonElement element) =>
        [.. element.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.Null ? null : GoldenTensor.Numbers(e))];
}

/// <summary>With S = Σ sum(gradient · <see cref="Directions"/>): dS/d input and dS/d gradient of the output.</summary>
internal sealed record GoldenSecond(
    IReadOnlyDictionary<string, double[]> Directions, IReadOnlyDictionary<string, double[]> Gradients, double[]?[] OutputGradients);
