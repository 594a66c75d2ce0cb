using Backprop.Layers;
using Backprop.Tests.Catalog;
using Backprop.Tests.Core;
using Backprop.Tests.Data;
using FsCheck;
using FsCheck.Fluent;

namespace Backprop.Tests.Properties;

/// <summary>What is saved and loaded again has the same names, shapes, dtypes and bits.</summary>
public sealed class RoundTripProperties
{
    [Fact]
    public void TensorsOfAnyShapeAndDTypeComeBack() => Properties.Hold(Contents(), contents =>
    {
        using var folder = new TemporaryFolder();
        var random = new Random(8);
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (shape, dtype) in contents)
        {
            var x = Naive.Random(random, shape).ToView(random, dtype);
            tensors[$"tensor {tensors.Count} é"] = dtype.IsFloating() && shape.Length > 0 ? x / 7 : x;
        }

        Safetensors.Save(folder["all"], tensors);
        AssertSame(tensors, Safetensors.Load(folder["all"]));
    }, count: 60);

    [Fact]
    public void ModulesComeBackFromTheirState() => Properties.Hold(Arb.From(Gen.ArrayOf(Gen.Choose(1, 5), 3), _ => []), sizes =>
    {
        using var folder = new TemporaryFolder();
        Module Make(ulong seed) => new Sequential(
            new Backprop.Layers.Linear(sizes[0], sizes[1], generator: new Generator(seed)), new Backprop.Layers.Tanh(),
            new Backprop.Layers.Linear(sizes[1], sizes[2], bias: sizes[0] % 2 == 0, generator: new Generator(seed + 1)));
        var (module, other) = (Make(1), Make(3));
        module.Save(folder["module"]);
        other.Load(folder["module"]);
        AssertSame(module.StateDictionary(), other.StateDictionary());
        var third = Make(5);
        third.LoadStateDictionary(module.StateDictionary());
        AssertSame(module.StateDictionary(), third.StateDictionary());
    }, count: 30);

    private static Arbitrary<(int[] Shape, DType DType)[]> Contents()
    {
        var tensors = from shape in Generators.Shapes.Generator from dtype in Gen.Elements(Enum.GetValues<DType>()) select (shape, dtype);
        return Arb.From(
            from count in Gen.Choose(0, 5) from all in Gen.ArrayOf(tensors, count) select all,
            all => Enumerable.Range(0, all.Length).Select(i => all.Where((_, at) => at != i).ToArray()));
    }

    private static void AssertSame(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (name, tensor) in expected)
        {
            Assert.Equal(tensor.DType, actual[name].DType);
            Assert.Equal(tensor.Shape.ToArray(), actual[name].Shape.ToArray());
            Assert.Equal(BitsOf(tensor), BitsOf(actual[name]));
        }
    }

    /// <summary>16-bit numbers widen without loss.</summary>
    private static long[] BitsOf(Tensor x) => SampleRun.BitsOf(x.DType is DType.BFloat16 or DType.Float16 ? x.Detach().To(DType.Float32) : x.Detach());
}
