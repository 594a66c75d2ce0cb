using Backprop.Layers;

namespace Backprop.Tests.Golden;

/// <summary>What a mapped operation is called with: the built inputs by name, and the arguments.</summary>
internal sealed class GoldenCall(GoldenCase golden)
{
    private readonly Dictionary<string, Tensor> inputs = golden.Inputs.ToDictionary(t => t.Name, t => t.Build());

    public GoldenArguments Arguments { get; } = golden.Arguments;

    /// <summary>The input called "input".</summary>
    public Tensor Input => this["input"];

    /// <summary>The input called "other".</summary>
    public Tensor Other => this["other"];

    public Tensor this[string name] => inputs[name];

    public IReadOnlyDictionary<string, Tensor> Inputs => inputs;

    /// <summary>An input that is not always there.</summary>
    public Tensor? Optional(string name) => inputs.GetValueOrDefault(name);

    /// <summary>
    /// Gives a layer the inputs of the names of its parameters (a dot between names is an underscore in the files). From then on the parameters
    /// stand for these inputs, and get their gradients.
    /// </summary>
    public void Bind(Module module)
    {
        using (Recording.Pause())
        {
            foreach (var (name, parameter) in module.NamedParameters())
            {
                var key = name.Replace("self_attn.", "", StringComparison.Ordinal).Replace('.', '_');
                parameter.CopyFrom(inputs[key]);
                inputs[key] = parameter;
            }
        }
    }

    /// <summary>The inputs name0, name1, ….</summary>
    public Tensor[] Numbered(string name) => [.. Enumerable.Range(0, inputs.Count).Select(i => Optional(name + i)).OfType<Tensor>()];

    /// <summary>An input tensor, or a number among the arguments as a literal.</summary>
    public Tensor TensorOrNumber(string name) => Optional(name) ?? Arguments.Number(name);

    /// <summary>The argument "dim", negative where it counts from the end.</summary>
    public int Axis => Arguments.Integer("dim");

    /// <summary>The axes in "dim": one, several, or none for all.</summary>
    public int[] Axes => Arguments.Integers("dim");

    public bool KeepDimensions => Arguments.Flag("keepdim");
}
