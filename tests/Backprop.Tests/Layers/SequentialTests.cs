using Backprop.Layers;

namespace Backprop.Tests.Layers;

public class SequentialTests
{
    [Fact]
    public void EachModuleGetsTheResultOfTheOneBefore()
    {
        Sequential model = [new Function(x => x + 1), new Function(x => x * 3)];

        Assert.Equal(9f, model.Forward(Tensor.Scalar(2f)).Item<float>());
        Assert.Equal(2f, new Sequential().Forward(Tensor.Scalar(2f)).Item<float>());
    }

    [Fact]
    public void ModulesAreFoundByPosition()
    {
        var (first, second) = (new Relu(), new Tanh());
        var model = new Sequential { first };
        model.Add(second);

        Assert.Equal(2, model.Count);
        Assert.Same(first, model[0]);
        Assert.Same(second, model[^1]);
        Assert.Equal([first, second], model);
        Assert.Contains("sequential: index is 2; it must be from 0 to 1", Assert.Throws<ArgumentOutOfRangeException>(() => model[2]).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sequential()[0]);
    }

    [Fact]
    public void RectifyingAfterMaxPoolingGivesTheSame()
    {
        var numbers = Tensor.Normal([2, 3, 7, 7], generator: new Generator(5)).ToArray<float>();
        for (var i = 0; i < numbers.Length; i++)
        {
            // Ties, of positive ones too, whole windows of negative ones, zeros of both signs, and what is no number.
            numbers[i] = (i % 11) switch { 0 or 1 => 0.5f, 2 => 0, 3 => -0f, 4 => float.NegativeInfinity, _ => i is > 40 and < 80 ? -Math.Abs(numbers[i]) : numbers[i] };
        }

        (numbers[100], numbers[101]) = (float.NaN, float.PositiveInfinity);
        var first = Tensor.From(numbers, 2, 3, 7, 7).RequireGradient();
        var second = Tensor.From(numbers, 2, 3, 7, 7).RequireGradient();
        var layers = new Sequential(new Relu(), new MaxPool2d(3, stride: 2, padding: 1), new Relu());
        var y = layers.Forward(first);
        var expected = second.Relu().MaxPool2d(3, stride: 2, padding: 1).Relu();
        Assert.Equal(expected.ToArray<float>(), y.ToArray<float>());
        var seed = Tensor.Normal(y.Shape, generator: new Generator(6));
        y.Backward(seed);
        expected.Backward(seed);
        Assert.Equal(second.Gradient!.ToArray<float>(), first.Gradient!.ToArray<float>());
        Assert.Equal(["max_pool", "relu", "relu"], Tape.Of(layers.Forward(first)).Where(node => node.Op is not null).Select(node => node.Op!.Name));
    }

    [Fact]
    public void NullIsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => new Sequential(new Relu(), null!));
        Assert.Throws<ArgumentNullException>(() => new Sequential().Add(null!));
        Assert.Throws<ArgumentNullException>(() => new Sequential().Forward(null!));
        Assert.Throws<ArgumentNullException>(() => new Function(null!));
    }

    [Fact]
    public void OneModuleInTwoPlacesSharesItsParameters()
    {
        var shared = new Linear(2, 2);
        var model = new Sequential(shared, new Relu(), shared);

        Assert.Equal(["0.weight", "0.bias"], model.NamedParameters().Select(entry => entry.Name));
        model.Forward(Tensor.Ones([1, 2])).Sum().Backward();
        Assert.NotNull(shared.Weight.Gradient);
    }

    public static TheoryData<Module, Func<Tensor, Tensor>, string> Activations => new()
    {
        { new Identity(), x => x, "Identity()" },
        { new Relu(), x => x.Relu(), "Relu()" },
        { new LeakyRelu(0.2), x => x.LeakyRelu(0.2), "LeakyRelu(0.2)" },
        { new Sigmoid(), x => x.Sigmoid(), "Sigmoid()" },
        { new Tanh(), x => x.Tanh(), "Tanh()" },
        { new Gelu(), x => x.Gelu(), "Gelu()" },
        { new Gelu(approximate: true), x => x.GeluTanh(), "Gelu(tanh)" },
        { new Silu(), x => x.Silu(), "Silu()" },
        { new Softplus(2, 10), x => x.Softplus(2, 10), "Softplus(β 2, threshold 10)" },
        { new Elu(0.5), x => x.Elu(0.5), "Elu(α 0.5)" },
        { new Softmax(), x => x.Softmax(), "Softmax(axis -1)" },
        { new LogSoftmax(0), x => x.LogSoftmax(0), "LogSoftmax(axis 0)" },
        { new Flatten(0), x => x.Reshape(24), "Flatten()" },
        { new Flatten(), x => x.Reshape(2, 12), "Flatten()" },
        { new Selu(), x => x.Selu(), "Selu()" },
        { new Celu(0.5), x => x.Celu(0.5), "Celu(α 0.5)" },
        { new Mish(), x => x.Mish(), "Mish()" },
        { new Relu6(), x => x.Relu6(), "Relu6()" },
        { new Hardtanh(-2), x => x.Hardtanh(-2, 1), "Hardtanh(low -2, high 1)" },
        { new Hardsigmoid(), x => x.Hardsigmoid(), "Hardsigmoid()" },
        { new Hardswish(), x => x.Hardswish(), "Hardswish()" },
        { new LogSigmoid(), x => x.LogSigmoid(), "LogSigmoid()" },
        { new Softsign(), x => x.Softsign(), "Softsign()" },
        { new Tanhshrink(), x => x.Tanhshrink(), "Tanhshrink()" },
        { new Softshrink(0.3), x => x.Softshrink(0.3), "Softshrink(threshold 0.3)" },
        { new Hardshrink(0.3), x => x.Hardshrink(0.3), "Hardshrink(threshold 0.3)" },
        { new Glu(), x => x.Glu(-1), "Glu(axis -1)" },
        { new Function(x => x * x), x => x.Square(), "Function()" },
    };

    [Theory]
    [MemberData(nameof(Activations), DisableDiscoveryEnumeration = true)]
    public void ActivationsComputeTheirFunction(Module module, Func<Tensor, Tensor> function, string text)
    {
        var x = Numbers.Normal(4, 2, 3, 4) * 3;
        var expected = function(x);
        var actual = module.Forward(x);

        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.Equal(Numbers.Of(expected), Numbers.Of(actual));
        Assert.Empty(module.Parameters());
        Assert.Equal(text, module.ToString());
    }

    [Fact]
    public void PReluLearnsItsSlopes()
    {
        var layer = new PRelu(3, initial: 0.5, dtype: DType.Float64);
        Assert.Equal(["weight"], layer.NamedParameters().Select(entry => entry.Name));
        var x = Numbers.Normal(4, 2, 3, 4);
        var y = layer.Forward(x);
        Assert.Equal(Numbers.Of(Tensor.Where(x > 0, x, 0.5 * x)), Numbers.Of(y));
        y.Sum().Backward();
        var negative = Tensor.Where(x > 0, Tensor.ZerosLike(x), x).Sum([0, 2]);
        Assert.All(Numbers.Of(negative).Zip(Numbers.Of(layer.Weight.Gradient!)), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.Equal("PRelu(3)", layer.ToString());
        Assert.StartsWith("prelu: slopes is 0", Assert.Throws<ArgumentOutOfRangeException>(() => new PRelu(0)).Message, StringComparison.Ordinal);
        Assert.StartsWith("prelu: initial is NaN", Assert.Throws<ArgumentOutOfRangeException>(() => new PRelu(1, double.NaN)).Message, StringComparison.Ordinal);
    }
}
