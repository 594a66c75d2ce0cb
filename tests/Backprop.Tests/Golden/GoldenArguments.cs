using System.Text.Json;

namespace Backprop.Tests.Golden;

/// <summary>The keyword arguments of a case under PyTorch's names, with PyTorch's defaults given by whoever reads them.</summary>
internal sealed class GoldenArguments(JsonElement json)
{
    /// <summary>The arguments as they stand.</summary>
    public JsonElement Json { get; } = json;

    /// <summary>Whether the argument is there and not None.</summary>
    public bool Has(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public JsonElement this[string name] => Json.GetProperty(name);

    public double Number(string name, double whenMissing = double.NaN) => Has(name) ? GoldenTensor.Number(this[name]) : whenMissing;

    public int Integer(string name, int whenMissing = 0) => Has(name) ? this[name].GetInt32() : whenMissing;

    public bool Flag(string name, bool whenMissing = false) => Has(name) ? this[name].GetBoolean() : whenMissing;

    public string Text(string name, string whenMissing = "") => Has(name) ? this[name].GetString()! : whenMissing;

    /// <summary>Whole numbers: a list, one number as a list of one, none where missing.</summary>
    public int[] Integers(string name) => !Has(name) ? []
        : this[name].ValueKind == JsonValueKind.Array ? [.. this[name].EnumerateArray().Select(e => e.GetInt32())]
        : [this[name].GetInt32()];
}
