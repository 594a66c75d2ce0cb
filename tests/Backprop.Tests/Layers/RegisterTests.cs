using Backprop.Layers;

namespace Backprop.Tests.Layers;

/// <summary>Names that no field can have.</summary>
public sealed class RegisterTests
{
    [Fact]
    public void RegisteredNamesComeFirstAndTakeTheFieldsPlace()
    {
        var module = new Named();
        Assert.Equal(["weight_ih", "in_ner.weight", "own"], module.NamedParameters().Select(entry => entry.Name));
        Assert.Equal(["running_mean"], module.NamedBuffers().Select(entry => entry.Name));
        Assert.Equal(["", "in_ner"], module.NamedModules().Select(entry => entry.Name));
        Assert.Equal(["in_ner"], module.Children().Select(entry => entry.Name));
        Assert.Equal(["in_ner.weight", "own", "running_mean", "weight_ih"], module.StateDictionary().Keys.Order());
    }

    [Fact]
    public void StatesAreExchangedUnderTheRegisteredNames()
    {
        var (from, to) = (new Named(), new Named());
        Initialize.Constant(from.NamedParameters()[0].Parameter, 3);
        to.LoadStateDictionary(from.StateDictionary());
        Assert.Equal(3, to.NamedParameters()[0].Parameter.Item());
    }

    [Theory]
    [InlineData("", "''")]
    [InlineData("a.b", "'a.b'")]
    [InlineData("weight_ih", "before")]
    public void BadNamesAreRefused(string name, string says)
    {
        var thrown = Assert.Throws<ArgumentException>(() => new Named().Add(name));
        Assert.StartsWith("register:", thrown.Message);
        Assert.Contains(says, thrown.Message);
        Assert.Contains("Named", thrown.Message);
    }

    private sealed class Named : Module
    {
        private readonly Tensor own = Parameter([2]);
        private readonly Tensor weight;
        private readonly Linear inner;

        public Named()
        {
            weight = Register("weight_ih", Parameter([1]));
            inner = Register("in_ner", new Linear(2, 2, bias: false));
            Register("running_mean", Buffer([2]), isBuffer: true);
        }

        public void Add(string name) => Register(name, Parameter([1]));

        public override Tensor Forward(Tensor x) => inner.Forward(x * own) * weight;
    }
}
