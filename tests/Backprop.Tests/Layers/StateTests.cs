using Backprop.Layers;
using Backprop.Tests.Data;

namespace Backprop.Tests.Layers;

public class StateTests
{
    /// <summary>What gives a state dictionary takes one, by the same names and types everywhere.</summary>
    [Fact]
    public void StatesHaveOnePairOfNames()
    {
        const System.Reflection.BindingFlags Own =
            System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.DeclaredOnly;
        var takers = typeof(Module).Assembly.GetExportedTypes().SelectMany(type => type.GetMethods(Own))
            .Where(method => method.Name.StartsWith("LoadState", StringComparison.Ordinal) && method.GetBaseDefinition() == method).ToArray();
        Assert.Equal(3, takers.Length);
        Assert.All(takers, taker =>
        {
            Assert.Equal("LoadStateDictionary", taker.Name);
            Assert.Equal(typeof(IReadOnlyDictionary<string, Tensor>), taker.GetParameters()[0].ParameterType);
            Assert.Equal(typeof(Dictionary<string, Tensor>), taker.DeclaringType!.GetMethod("StateDictionary", [])!.ReturnType);
        });
    }

    [Fact]
    public void AStateIsACopyThatTrainingLeavesAlone()
    {
        var model = Model(1);
        var state = model.StateDictionary();

        Assert.Equal(["0.weight", "0.bias", "1.scale", "1.mean"], state.Keys);
        Assert.All(state, entry => Assert.Equal(entry.Key, entry.Value.Name));
        Assert.All(state.Values, tensor => Assert.False(tensor.RequiresGradient));
        var before = state["0.weight"].ToArray<float>();
        Initialize.Constant(((Linear)model[0]).Weight, 7);
        Assert.Equal(before, state["0.weight"].ToArray<float>());
    }

    [Fact]
    public void AStateGoesBackIntoAnotherModel()
    {
        var (from, to) = (Model(1), Model(2));
        Assert.NotEqual(Bits(from), Bits(to));
        var parameters = to.Parameters();

        to.LoadStateDictionary(from.StateDictionary());

        Assert.Equal(Bits(from), Bits(to));
        Assert.Equal(parameters, to.Parameters());
    }

    [Fact]
    public void AFileGivesBackTheSameBits()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "model.safetensors");
        var (from, to) = (Model(1), Model(2));

        from.Save(path);
        to.Load(path);

        Assert.Equal(Bits(from), Bits(to));
        Assert.Equal(["0.bias", "0.weight", "1.mean", "1.scale"], Safetensors.Load(path).Keys.Order());
    }

    [Fact]
    public void EverythingThatDoesNotFitIsListedAndNothingIsChanged()
    {
        var model = Model(1);
        var before = Bits(model);
        var state = Model(2).StateDictionary();
        state.Remove("0.bias");
        state["0.weight"] = Tensor.Zeros([3, 2]);
        state["1.mean"] = Tensor.Zeros([2], DType.Float32);
        state["other"] = Tensor.Zeros([5]);

        var error = Assert.Throws<ArgumentException>(() => model.LoadStateDictionary(state));

        Assert.Equal(
            "load_state_dictionary: the state does not fit Sequential; nothing was changed.\n"
            + "  shape differs: 0.weight is float32 [2, 3] in the module, float32 [3, 2] in the state\n"
            + "  missing: 0.bias float32 [2]\n"
            + "  dtype differs: 1.mean is float64 [2] in the module, float32 [2] in the state; convert with To(DType.Float64)\n"
            + "  unexpected: other float32 [5]",
            error.Message);
        Assert.Equal(before, Bits(model));
    }

    [Fact]
    public void WithoutStrictnessOnlyCommonNamesAreCopied()
    {
        var (model, other) = (Model(1), Model(2));
        var bias = Numbers.Of(((Linear)model[0]).Bias!);
        var state = other.StateDictionary();
        state.Remove("0.bias");
        state["other"] = Tensor.Zeros([5]);

        model.LoadStateDictionary(state, strict: false);

        Assert.Equal(Numbers.Of(((Linear)other[0]).Weight), Numbers.Of(((Linear)model[0]).Weight));
        Assert.Equal(bias, Numbers.Of(((Linear)model[0]).Bias!));

        // What both have must still fit.
        state["1.scale"] = Tensor.Zeros([3]);
        Assert.Contains("shape differs: 1.scale", Assert.Throws<ArgumentException>(() => model.LoadStateDictionary(state, strict: false)).Message);
    }

    [Fact]
    public void NullsInAStateAreMissing()
    {
        var model = Model(1);
        var state = model.StateDictionary();
        state["0.bias"] = null!;

        Assert.Contains("missing: 0.bias", Assert.Throws<ArgumentException>(() => model.LoadStateDictionary(state)).Message);
        model.LoadStateDictionary(state, strict: false);
        Assert.Throws<ArgumentNullException>(() => model.LoadStateDictionary(null!));
    }

    [Fact]
    public void ARecycledTensorInAStateIsAnErrorBeforeAnythingIsChanged()
    {
        var model = Model(1);
        var before = Bits(model);
        var state = Model(2).StateDictionary();
        using (TensorScope.Begin())
        {
            state["1.mean"] = Tensor.Zeros([2], DType.Float64);
        }

        Assert.Throws<ObjectDisposedException>(() => model.LoadStateDictionary(state));
        Assert.Equal(before, Bits(model));
    }

    [Fact]
    public void AFileThatDoesNotFitIsAnErrorThatNamesIt()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "model.safetensors");
        new Linear(3, 2).Save(path);
        var model = Model(1);
        var before = Bits(model);

        var error = Assert.Throws<InvalidDataException>(() => model.Load(path));

        Assert.StartsWith($"{path}: the file does not fit Sequential; nothing was changed.\n", error.Message);
        Assert.Contains("missing: 0.weight", error.Message);
        Assert.Contains("unexpected: weight", error.Message);
        Assert.Equal(before, Bits(model));
        Assert.Throws<FileNotFoundException>(() => model.Load(Path.Combine(folder.Path, "nothing")));
    }

    [Fact]
    public void AModelLoadedInAScopeOutlivesIt()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "model.safetensors");
        var (from, to) = (Model(1), Model(2));
        using (TensorScope.Begin())
        {
            from.Save(path);
            to.Load(path);
        }

        Assert.Equal(Bits(from), Bits(to));
    }

    private static Sequential Model(ulong seed)
    {
        var generator = new Generator(seed);
        return new Sequential(new Linear(3, 2, generator: generator), new Scale(generator));
    }

    /// <summary>All values of a model, bit by bit.</summary>
    private static long[] Bits(Module model) =>
        [.. model.StateDictionary().Values.SelectMany(tensor => Numbers.Of(tensor).Select(BitConverter.DoubleToInt64Bits))];

    private sealed class Scale(Generator generator) : Module
    {
        private readonly Tensor scale = Initialize.Normal(Parameter([2]), generator: generator);

        [Buffer]
        private readonly Tensor mean = Initialize.Normal(Buffer([2], DType.Float64), generator: generator);

        public override Tensor Forward(Tensor x) => (x - mean.To(DType.Float32)) * scale;
    }
}
