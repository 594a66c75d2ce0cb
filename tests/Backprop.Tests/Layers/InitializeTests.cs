using Backprop.Layers;

namespace Backprop.Tests.Layers;

public class InitializeTests
{
    public static TheoryData<string, Func<Tensor, Generator, Tensor>, double> Uniforms => new()
    {
        // Weights are [60, 20, 2, 2]: fan-in 80, fan-out 240.
        { "uniform", (w, g) => Initialize.Uniform(w, -0.25, 0.25, g), 0.25 },
        { "by fan", (w, g) => Initialize.UniformByFan(w, 80, g), 1 / Math.Sqrt(80) },
        { "xavier", (w, g) => Initialize.XavierUniform(w, generator: g), Math.Sqrt(6.0 / 320) },
        { "xavier tanh", (w, g) => Initialize.XavierUniform(w, Gain.Tanh, g), 5.0 / 3 * Math.Sqrt(6.0 / 320) },
        { "kaiming", (w, g) => Initialize.KaimingUniform(w, generator: g), Math.Sqrt(2) * Math.Sqrt(3.0 / 80) },
        { "kaiming out", (w, g) => Initialize.KaimingUniform(w, FanMode.Out, Gain.Linear, g), Math.Sqrt(3.0 / 240) },
    };

    [Theory]
    [MemberData(nameof(Uniforms), DisableDiscoveryEnumeration = true)]
    public void UniformValuesFillTheirRange(string name, Func<Tensor, Generator, Tensor> fill, double bound)
    {
        var values = Fill(name, fill);

        Assert.All(values, value => Assert.InRange(value, -bound, bound));
        Assert.InRange(values.Max(), bound * 0.99, bound);
        Assert.InRange(values.Min(), -bound, -bound * 0.99);
        Assert.Equal(0, values.Average(), bound * 0.04);
        Assert.Equal(bound * bound / 3, values.Average(value => value * value), bound * bound * 0.02);
    }

    public static TheoryData<string, Func<Tensor, Generator, Tensor>, double> Normals => new()
    {
        { "normal", (w, g) => Initialize.Normal(w, 0, 0.25, g), 0.25 },
        { "xavier", (w, g) => Initialize.XavierNormal(w, generator: g), Math.Sqrt(2.0 / 320) },
        { "kaiming", (w, g) => Initialize.KaimingNormal(w, generator: g), Math.Sqrt(2.0 / 80) },
        { "kaiming leaky", (w, g) => Initialize.KaimingNormal(w, FanMode.Out, Gain.LeakyRelu(2), g), Math.Sqrt(0.4 / 240) },
    };

    [Theory]
    [MemberData(nameof(Normals), DisableDiscoveryEnumeration = true)]
    public void NormalValuesHaveTheirDeviation(string name, Func<Tensor, Generator, Tensor> fill, double deviation)
    {
        var values = Fill(name, fill);

        Assert.Equal(0, values.Average(), deviation * 0.08);
        Assert.Equal(deviation, Math.Sqrt(values.Average(value => value * value)), deviation * 0.05);
        Assert.True(values.Max() > deviation * 2.5);
    }

    [Fact]
    public void ALinearLayerStartsAsInPyTorch()
    {
        var layer = new Linear(100, 400, generator: new Generator(1));
        double[] values = [.. Numbers.Of(layer.Weight), .. Numbers.Of(layer.Bias!)];

        Assert.All(values, value => Assert.InRange(value, -0.1, 0.1));
        Assert.Equal(0.01 / 3, values.Average(value => value * value), 0.0001);
        Assert.True(Numbers.Of(layer.Bias!).Max() > 0.09);
    }

    [Fact]
    public void TheSeedDecides()
    {
        float[] Weights(ulong seed) => new Linear(7, 5, generator: new Generator(seed)).Weight.ToArray<float>();

        Assert.Equal(Weights(3), Weights(3));
        Assert.NotEqual(Weights(3), Weights(4));
    }

    [Fact]
    public void TheTensorItselfIsFilled()
    {
        var weight = Tensor.Zeros([4, 3]).RequireGradient();

        Assert.Same(weight, Initialize.Constant(weight, 7));
        Assert.All(weight.ToArray<float>(), value => Assert.Equal(7f, value));
        Assert.Same(weight, Initialize.XavierNormal(weight));
        Assert.True(weight.IsLeaf && weight.RequiresGradient);

        var transposed = Tensor.Zeros([4, 3]).T;
        Initialize.Uniform(transposed, 1, 2);
        Assert.All(transposed.ToArray<float>(), value => Assert.InRange(value, 1f, 2f));
    }

    [Fact]
    public void BadInputIsRefused()
    {
        var vector = Tensor.Zeros([4]);
        var weight = Tensor.Zeros([4, 3]);

        Assert.Equal("xavier_uniform: fans need a shape [out, in, …], not [4].", Assert.Throws<ShapeException>(() => Initialize.XavierUniform(vector)).Message);
        Assert.StartsWith("xavier_normal: ", Assert.Throws<ShapeException>(() => Initialize.XavierNormal(vector)).Message);
        Assert.StartsWith("kaiming_uniform: ", Assert.Throws<ShapeException>(() => Initialize.KaimingUniform(vector)).Message);
        Assert.StartsWith("kaiming_normal: ", Assert.Throws<ShapeException>(() => Initialize.KaimingNormal(vector)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Initialize.KaimingNormal(weight, (FanMode)3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initialize.UniformByFan(weight, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initialize.Uniform(weight, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initialize.Normal(weight, 0, -1));
        Assert.Throws<DTypeException>(() => Initialize.Normal(Tensor.Zeros([2], DType.Int64)));
        Assert.Throws<ArgumentNullException>(() => Initialize.Constant(null!, 1));
        Assert.Throws<ArgumentNullException>(() => Initialize.XavierUniform(null!));
    }

    private static double[] Fill(string name, Func<Tensor, Generator, Tensor> fill)
    {
        Assert.NotEmpty(name);
        return Numbers.Of(fill(Tensor.Zeros([60, 20, 2, 2]), new Generator(5)));
    }
}
