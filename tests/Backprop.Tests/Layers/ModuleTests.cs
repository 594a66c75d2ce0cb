using Backprop.Layers;

namespace Backprop.Tests.Layers;

public class ModuleTests
{
    [Fact]
    public void FieldsGiveParametersTheirNames()
    {
        var model = new Perceptron();

        Assert.Equal(["hidden.weight", "hidden.bias", "output.weight", "output.bias"], Names(model));
        Assert.Equal(["hidden.weight", "hidden.bias", "output.weight", "output.bias"], model.Parameters().Select(parameter => parameter.Name));
        Assert.All(model.Parameters(), parameter => Assert.True(parameter.RequiresGradient && parameter.IsLeaf));
    }

    [Fact]
    public void PositionsNameTheChildrenOfASequence()
    {
        var model = new Sequential(new Linear(2, 3), new Relu(), new Sequential(new Linear(3, 4, bias: false)));

        Assert.Equal(["0.weight", "0.bias", "2.0.weight"], Names(model));
        Assert.Equal(["0", "1", "2"], model.Children().Select(child => child.Name));
        Assert.Equal(["", "0", "1", "2", "2.0"], model.NamedModules().Select(module => module.Name));
    }

    [Fact]
    public void EveryKindOfFieldIsFoundInOrderOfDeclaration()
    {
        Assert.Equal(
            [
                "inherited.weight", "inherited.bias", "captured.weight", "scale", "blocks.0.weight", "blocks.1.weight", "list.0.0.weight", "map.first.weight",
                "tensors.0", "tensors.1", "written", "held.weight",
            ],
            Names(new EveryField(new Linear(1, 1, bias: false))));
    }

    [Fact]
    public void TensorsThatAreNoParametersAreLeftAlone()
    {
        var model = new WithBuffers();

        Assert.Equal(["weight"], Names(model));
        Assert.Equal(["mean", "inner.count"], model.NamedBuffers().Select(buffer => buffer.Name));
        Assert.Equal(["inner.count", "mean", "weight"], model.StateDictionary().Keys.Order());
    }

    [Fact]
    public void ASharedParameterCountsOnce()
    {
        var model = new Tied();

        Assert.Equal(["first.weight", "first.bias"], Names(model));
        Assert.Single(model.Children());
        Assert.Equal(["", "first"], model.NamedModules().Select(module => module.Name));
    }

    [Fact]
    public void AModuleThatPointsBackToItsParentIsWalkedOnce()
    {
        var parent = new Parent();

        Assert.Equal(["child.weight"], Names(parent));
        Assert.Equal("Parent(\n  (child): Child(\n    (parent): Parent()\n  )\n)", parent.ToString());
    }

    [Fact]
    public void TwoTensorsOfOneNameAreAnError()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new Ambiguous().Parameters());

        Assert.Contains("module: Ambiguous holds two tensors called 'weight'", error.Message);
    }

    [Theory]
    [InlineData("weight", "weight")]
    [InlineData("_weight", "weight")]
    [InlineData("Weight", "weight")]
    [InlineData("<Weight>k__BackingField", "weight")]
    [InlineData("<hidden>P", "hidden")]
    [InlineData("<Some.Interface.Weight>k__BackingField", "weight")]
    [InlineData("__", "__")]
    public void NamesFollowFieldsAndProperties(string field, string name) => Assert.Equal(name, ModuleFields.NameOf(field));

    [Fact]
    public void TrainingModeReachesEveryModule()
    {
        var model = new Sequential(new Relu(), new Sequential(new Dropout()));
        var all = model.NamedModules().Select(entry => entry.Module).ToList();

        Assert.All(all, module => Assert.True(module.IsTraining));
        model.Evaluate();
        Assert.All(all, module => Assert.False(module.IsTraining));
        model.Train();
        Assert.All(all, module => Assert.True(module.IsTraining));
    }

    [Fact]
    public void GradientsAreForgotten()
    {
        var model = new Sequential(new Linear(2, 2), new Linear(2, 1));
        model.Forward(Tensor.Ones([3, 2])).Sum().Backward();

        Assert.All(model.Parameters(), parameter => Assert.NotNull(parameter.Gradient));
        model.ZeroGradients();
        Assert.All(model.Parameters(), parameter => Assert.Null(parameter.Gradient));
    }

    [Fact]
    public void TextShowsTheStructure()
    {
        Assert.Equal(
            "Sequential(\n  (0): Linear(784 → 128)\n  (1): Relu()\n  (2): Dropout(0.5)\n  (3): Sequential(\n    (0): Linear(128 → 10, no bias)\n  )\n)",
            new Sequential(new Linear(784, 128), new Relu(), new Dropout(), new Sequential(new Linear(128, 10, bias: false))).ToString());
        Assert.Equal("Perceptron(\n  (hidden): Linear(784 → 200)\n  (output): Linear(128 → 10)\n)", new Perceptron().ToString());
        Assert.Equal("Generic()", new Generic<int>().ToString());
    }

    [Fact]
    public void AnErrorNamesTheModuleByItsPath()
    {
        var model = new Perceptron();
        var x = Tensor.Zeros([64, 784]);

        // Nobody knows the path until the model has listed its parameters.
        var before = Assert.Throws<ShapeException>(() => model.Output.Forward(x));
        Assert.Equal("matmul: inner dimensions differ: [64, 784] × [128, 10] (784 ≠ 128), in Linear 128 → 10", before.Message);

        _ = model.Parameters();
        var error = Assert.Throws<ShapeException>(() => model.Output.Forward(x));
        Assert.Equal("matmul: inner dimensions differ: [64, 784] × [128, 10] (784 ≠ 128), in Perceptron.output (Linear 128 → 10)", error.Message);
    }

    [Fact]
    public void ImagesThatWereNotFlattenedAreAdvisedToBe()
    {
        static string Refused(params int[] shape) => Assert.Throws<ShapeException>(() => new Linear(784, 10).Forward(Tensor.Zeros(shape))).Message;
        Assert.Equal(
            "matmul: inner dimensions differ: [64, 1, 28, 28] × [784, 10] (28 ≠ 784); Flatten(1)? It gives [64, 784], in Linear 784 → 10",
            Refused(64, 1, 28, 28));
        Assert.EndsWith("(28 ≠ 784); Flatten(1)? It gives [64, 784], in Linear 784 → 10", Refused(64, 28, 28));
        Assert.EndsWith("(28 ≠ 784); Flatten(2)? It gives [8, 5, 784], in Linear 784 → 10", Refused(8, 5, 28, 28));
        Assert.EndsWith("[28, 28] × [784, 10] (28 ≠ 784), in Linear 784 → 10", Refused(28, 28));
        Assert.EndsWith("(28 ≠ 784), in Linear 784 → 10", Refused(64, 27, 28));
    }

    [Fact]
    public void AnOptimizerOverTheModelsParametersIsEnoughForThePath()
    {
        var model = new Perceptron();
        _ = new Backprop.Optimizers.Sgd(model.Parameters(), 0.1);
        var error = Assert.Throws<ShapeException>(() => model.Output.Forward(Tensor.Zeros([64, 784])));
        Assert.Equal("matmul: inner dimensions differ: [64, 784] × [128, 10] (784 ≠ 128), in Perceptron.output (Linear 128 → 10)", error.Message);
    }

    [Fact]
    public void FieldsAssignedAnewAreFound()
    {
        var model = new Changeable();
        Assert.Equal(["first.weight", "first.bias"], Names(model));
        model.First = new Linear(3, 4, bias: false);
        model.Second = Tensor.Ones([2]).RequireGradient();
        Assert.Equal(["first.weight", "second"], Names(model));
        Assert.Same(model.First.Weight, model.Parameters()[0]);
        Assert.Equal(["first.weight", "first.bias"], Names(new Changeable()));
    }

    [Fact]
    public void ListingAgainCostsLittle()
    {
        var model = new Sequential(new Linear(4, 4), new Linear(4, 4));
        for (var i = 0; i < 10; i++)
        {
            model.ZeroGradients();
        }

        Assert.InRange(Allocations.Of(model.ZeroGradients, times: 100) / 100, 0, 2500);
    }

    [Fact]
    public void APartListedAloneKeepsItsPlaceInTheModel()
    {
        var model = new Sequential(new Sequential(new Linear(2, 3)));
        _ = model.Parameters();

        var part = (Sequential)model[0];
        Assert.Equal(["0.weight", "0.bias"], Names(part));
        Assert.Equal("0.0.weight", part.Parameters()[0].Name);
        var error = Assert.Throws<ShapeException>(() => part.Forward(Tensor.Zeros([1])));
        Assert.EndsWith("in Sequential.0.0 (Linear 2 → 3)", error.Message);
    }

    [Fact]
    public void ParametersMadeInAScopeOutliveIt()
    {
        WithBuffers model;
        Linear layer;
        Dictionary<string, Tensor> state;
        using (TensorScope.Begin())
        {
            model = new WithBuffers();
            layer = new Linear(300, 300);
            state = layer.StateDictionary();
        }

        // Another scope would hand the arrays out again.
        using var scope = TensorScope.Begin();
        var other = Tensor.Full([300, 300], 7);
        Assert.All(layer.Weight.ToArray<float>(), value => Assert.InRange(value, -1, 1));
        Assert.Equal(layer.Weight.ToArray<float>(), state["weight"].ToArray<float>());
        Assert.Equal([0f, 0f], model.Mean.ToArray<float>());
        Assert.Equal(7f, other[0, 0].Item<float>());
    }

    private static IEnumerable<string> Names(Module model) => model.NamedParameters().Select(entry => entry.Name);

    private sealed class Changeable : Module
    {
        public Linear First { get; set; } = new(2, 3);

        public Tensor? Second { get; set; }

        public int Unrelated { get; set; } = 3;

        public override Tensor Forward(Tensor x) => First.Forward(x);
    }

    private sealed class Perceptron : Module
    {
        private readonly Linear hidden = new(784, 200);
        private readonly Linear output = new(128, 10);

        public Linear Output => output;

        public override Tensor Forward(Tensor x) => output.Forward(hidden.Forward(x).Relu());
    }

    private abstract class WithBase : Module
    {
        private readonly Linear inherited = new(1, 1);

        protected Tensor Use(Tensor x) => inherited.Forward(x);
    }

    private sealed class EveryField(Linear captured) : WithBase
    {
        private readonly Tensor scale = Parameter([1]);
        private readonly Module[] blocks = [new Linear(1, 1, bias: false), new Linear(1, 1, bias: false)];
        private readonly List<Linear[]> list = [[new Linear(1, 1, bias: false)]];
        private readonly Dictionary<string, Linear> map = new() { ["first"] = new Linear(1, 1, bias: false) };
        private readonly Tensor[] tensors = [Parameter([1]), Parameter([1])];
        private readonly float[] numbers = new float[10];
        private readonly string text = "text";
        private readonly Dictionary<string, int> counts = new() { ["a"] = 1 };
        private readonly Linear? nothing = null;

        public Tensor Written { get; } = Parameter([1]);

        public override Tensor Forward(Tensor x) => captured.Forward(Use(x)) * scale * tensors[0] * numbers.Length * text.Length * counts.Count
            + (nothing ?? Held).Forward(blocks[0].Forward(list[0][0].Forward(map["first"].Forward(x))));

        private Linear Held { get; } = new(1, 1, bias: false);
    }

    private sealed class WithBuffers : Module
    {
        [Buffer]
        private readonly Tensor mean = Buffer([2]);
        private readonly Tensor cache = Tensor.Ones([2]);
        private readonly Tensor weight = Parameter([2]);
        private readonly Tensor computed;
        private readonly Counter inner = new();

        public WithBuffers() => computed = weight * 2;

        public Tensor Mean => mean;

        public override Tensor Forward(Tensor x) => inner.Forward(x * weight * cache + computed);
    }

    private sealed class Counter : Module
    {
        [field: Buffer]
        public Tensor Count { get; } = Buffer([], DType.Int64);

        public override Tensor Forward(Tensor x) => x;
    }

    private sealed class Tied : Module
    {
        private readonly Linear first = new(2, 2);
        private readonly Linear second;
        private readonly Tensor weight;

        public Tied()
        {
            second = first;
            weight = first.Weight;
        }

        public override Tensor Forward(Tensor x) => second.Forward(first.Forward(x)).MatMul(weight);
    }

    private sealed class Parent : Module
    {
        private readonly Child child;

        public Parent() => child = new Child(this);

        public override Tensor Forward(Tensor x) => child.Forward(x);
    }

    private sealed class Child(Module parent) : Module
    {
        private readonly Module parent = parent;
        private readonly Tensor weight = Parameter([1]);

        public override Tensor Forward(Tensor x) => parent.IsTraining ? x * weight : x;
    }

    private sealed class Ambiguous : Module
    {
        private readonly Tensor weight = Parameter([1]);
        private readonly Tensor _weight = Parameter([1]);

        public override Tensor Forward(Tensor x) => x * weight * _weight;
    }

    private sealed class Generic<T> : Module
    {
        public override Tensor Forward(Tensor x) => x;
    }
}
