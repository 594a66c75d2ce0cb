using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Backprop.Layers;
using Backprop.Tests.Catalog;

namespace Backprop.Tests.Properties;

/// <summary>
/// Whatever a public function is called with, it answers, or refuses with an error that names the operation: never an index out of range, a null
/// reference, an overflow or an error of the runtime's libraries that shows through.
/// </summary>
public sealed partial class FuzzTests
{
    private const int Rounds = 40;

    private static readonly Dictionary<string, FuzzCall> functions =
        new[] { typeof(Tensor), typeof(LinearAlgebra), typeof(TensorBuilder), typeof(Losses), typeof(Initialize) }
            .SelectMany(FuzzCall.Of).ToDictionary(call => call.Name);

    private static readonly Dictionary<string, FuzzCall> layers = typeof(Module).Assembly.GetExportedTypes()
        .Where(type => type.IsSubclassOf(typeof(Module)) && !type.IsAbstract).SelectMany(FuzzCall.Constructors).ToDictionary(call => call.Name);

    public static TheoryData<string> Functions() => [.. functions.Keys];

    public static TheoryData<string> Samples() => SampleCatalog.Names(_ => true);

    public static TheoryData<string> Modules() => [.. layers.Keys];

    [Theory]
    [MemberData(nameof(Functions))]
    public void FunctionsAnswerOrRefuseByName(string name)
    {
        var call = functions[name];
        var random = new Random(Seed(name));
        for (var round = 0; round < Rounds; round++)
        {
            var arguments = new FuzzArguments(random).For(call);
            var told = string.Join(", ", arguments.Select(FuzzArguments.Text));
            object? result = null;
            Try(() => result = call.Invoke(arguments), $"{name} of {told}");
            TryGradients(Tensors(result), $"{name} of {told}");
        }

    }

    [Theory]
    [MemberData(nameof(Modules))]
    public void LayersAnswerOrRefuseByName(string name)
    {
        var call = layers[name];
        var random = new Random(Seed(name));
        for (var round = 0; round < Rounds; round++)
        {
            var made = new FuzzArguments(random);
            var arguments = made.For(call);
            var told = string.Join(", ", arguments.Select(FuzzArguments.Text));
            object? result = null;
            Try(() => result = call.Invoke(arguments), $"{name} of {told}");
            for (var i = 0; i < 5 && result is Module module; i++)
            {
                var x = made.Tensor();
                Try(() => module.Forward(x), $"{name} of {told} and {FuzzArguments.Text(x)}");
            }
        }
    }

    /// <summary>The catalog's calls with inputs that were changed: an axis more or less, another size, another dtype, wild numbers.</summary>
    [Theory]
    [MemberData(nameof(Samples))]
    public void SamplesOfOtherInputsAnswerOrAreRefusedByName(string name)
    {
        var sample = SampleCatalog.Get(name);
        var random = new Random(Seed(name));
        for (var round = 0; round < Rounds / 2; round++)
        {
            Tensor[] inputs = [.. sample.Inputs.Select(input => FuzzArguments.Change(input, random, likelihood: 2.0 / (sample.Inputs.Length + 1)))];
            var told = string.Join(", ", inputs.Select(FuzzArguments.Text));
            Tensor[] results = [];
            Try(() => results = sample.Call(inputs), $"{name} of {told}");
            TryGradients(results, $"{name} of {told}");
        }
    }

    private static void TryGradients(IEnumerable<Tensor> results, string what)
    {
        foreach (var tensor in results.Where(tensor => tensor.RequiresGradient))
        {
            Try(() => tensor.Backward(Tensor.OnesLike(tensor), keepTape: true), $"the gradient of {what}");
            Try(() => tensor.Backward(Tensor.OnesLike(tensor), keepTape: true, record: true), $"the recorded gradient of {what}");
        }
    }

    private static void Try(Action call, string what)
    {
        var thrown = Record.Exception(call);
        if (thrown is null or ArgumentNullException)
        {
            return;
        }

        Assert.True(thrown is ArgumentException or InvalidOperationException or NotSupportedException, $"{what}: {thrown}");
        Assert.True(IsNamed().IsMatch(thrown.Message), $"{what} does not say which operation it is: {thrown}");
    }

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z_0-9.]*: ")]
    private static partial Regex IsNamed();

    private static IEnumerable<Tensor> Tensors(object? result) => result switch
    {
        Tensor tensor => [tensor],
        Tensor[] several => several.Take(3),
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Tensors(tuple[i])),
        _ => [],
    };

    /// <summary>The same in every run.</summary>
    private static int Seed(string name) => name.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));
}
