using Backprop.Kernels;

namespace Backprop.Tests.Optimizers;

/// <summary>The fused loop that applies a rule, against the same rule over plain numbers.</summary>
[Collection(nameof(Workers))]
public class UpdateTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(1001)]
    public void AgreesWithTheRuleOverPlainNumbers(int count)
    {
        Compare(new ThreeStateRule(0.1), [count], DType.Float64, 1e-14);
        Compare(new ThreeStateRule(0.1), [count], DType.Float32, 1e-5);
        Compare(new SignRule(0.1, 0.9), [count], DType.Float64, 1e-14);
        Compare(new SignRule(0.1, 0.9), [count], DType.Float32, 1e-5);
    }

    [Fact]
    public void SameBitsOnEveryNumberOfThreads()
    {
        var before = Parallelism.Threads;
        try
        {
            byte[]? expected = null;
            foreach (var threads in new[] { 1, 2, 3, 4 })
            {
                Parallelism.Threads = threads;
                var generator = new Generator(3);
                var parameter = Tensor.Normal([100_003], generator: generator);
                var gradient = Tensor.Normal([100_003], generator: generator);
                var states = Enumerable.Range(0, 3).Select(_ => Tensor.Uniform([100_003], generator: generator)).ToArray();
                Elementwise.Update(new ThreeStateRule(0.1), parameter, gradient, states);
                var bits = states.Prepend(parameter).SelectMany(tensor => tensor.Bytes().ToArray()).ToArray();
                Assert.Equal(expected ?? bits, bits);
                expected = bits;
            }
        }
        finally
        {
            Parallelism.Threads = before;
        }
    }

    [Fact]
    public void ParametersAndGradientsMayBeViewsOfAnyStrides()
    {
        var generator = new Generator(4);
        var whole = Tensor.Normal([40, 60], dtype: DType.Float64, generator: generator);
        var untouched = whole.Clone();
        var gradient = Tensor.Normal([30, 1], dtype: DType.Float64, generator: generator).Expand([30, 20]);
        var view = whole[..20, 30..].Transpose(0, 1);
        var (dense, denseState) = (view.Clone(), Tensor.Zeros([30, 20], DType.Float64));
        var state = Tensor.Zeros([30, 20], DType.Float64);

        Elementwise.Update(new SignRule(0.1, 0.5), view, gradient, state);
        Elementwise.Update(new SignRule(0.1, 0.5), dense, gradient.Contiguous(), denseState);

        Assert.Equal(dense.ToArray<double>(), view.ToArray<double>());
        Assert.Equal(denseState.ToArray<double>(), state.ToArray<double>());
        Assert.NotEqual(untouched[..20, 30..].ToArray<double>(), whole[..20, 30..].ToArray<double>());
        Assert.Equal(untouched[20..].ToArray<double>(), whole[20..].ToArray<double>());
        Assert.Equal(untouched[.., ..30].ToArray<double>(), whole[.., ..30].ToArray<double>());
    }

    [Fact]
    public void WorksOnLeavesWhetherRecordingOrNot()
    {
        var leaf = Tensor.Ones([5]).RequireGradient();
        Elementwise.Update(new SignRule(0.25, 0), leaf, Tensor.Ones([5]), Tensor.Zeros([5]));
        Assert.True(Recording.IsOn);
        using (Recording.Pause())
        {
            Elementwise.Update(new SignRule(0.25, 0), leaf, Tensor.Ones([5]), Tensor.Zeros([5]));
            Assert.False(Recording.IsOn);
        }

        Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f, 0.5f], leaf.ToArray<float>());
        Assert.True(leaf.RequiresGradient);
    }

    [Fact]
    public void EmptyTensorsAreLeftAlone() =>
        Elementwise.Update(new SignRule(1, 0), Tensor.Zeros([0, 3]), Tensor.Zeros([0, 3]), Tensor.Zeros([0, 3]));

    [Fact]
    public void BadOperandsAreRefusedBeforeAnythingChanges()
    {
        var rule = new SignRule(0.1, 0.9);
        var (p, g, s) = (Tensor.Ones([2, 3]), Tensor.Ones([2, 3]), Tensor.Zeros([2, 3]));
        Message<ShapeException>("sign: the gradient has shape [3, 2]", () => Elementwise.Update(rule, p, Tensor.Ones([3, 2]), s));
        Message<ShapeException>("sign: the momentum has shape [3]", () => Elementwise.Update(rule, p, g, Tensor.Ones([3])));
        Message<DTypeException>("float64", () => Elementwise.Update(rule, p, Tensor.Ones([2, 3], DType.Float64), s));
        Message<DTypeException>("parameters are float32 or float64", () => Elementwise.Update(rule, Tensor.Ones([2, 3], DType.Int32), g, s));
        Message<ArgumentOutOfRangeException>("it must be 1 for this rule", () => Elementwise.Update(rule, p, g));
        Message<ArgumentOutOfRangeException>("it must be 1 for this rule", () => Elementwise.Update(rule, p, g, s, s));
        Message<ArgumentException>("same tensor", () => Elementwise.Update(rule, p, g, g));
        Message<ArgumentException>("not contiguous", () => Elementwise.Update(rule, p, g, Tensor.Ones([3, 2]).Transpose(0, 1)));
        Message<InvalidOperationException>(
            "recorded", () => Elementwise.Update(rule, Tensor.Ones([2, 3]).RequireGradient() * 2, g, s));
        Message<InvalidOperationException>("expanded", () => Elementwise.Update(rule, Tensor.Ones([1, 3]).Expand([2, 3]), g, s));
        Assert.All(p.ToArray<float>(), value => Assert.Equal(1, value));
        Assert.All(s.ToArray<float>(), value => Assert.Equal(0, value));
    }

    private static void Message<TException>(string part, Action action)
        where TException : Exception => Assert.Contains(part, Assert.Throws<TException>(action).Message);

    private static void Compare<TRule>(TRule rule, int[] shape, DType dtype, double tolerance)
        where TRule : struct, IUpdateRule
    {
        var generator = new Generator(11);
        var parameter = Tensor.Normal(shape, dtype: dtype, generator: generator);
        var states = Enumerable.Range(0, TRule.StateCount).Select(_ => Tensor.Uniform(shape, dtype: dtype, generator: generator)).ToArray();
        var expected = states.Prepend(parameter).Select(tensor => tensor.To(DType.Float64).ToArray<double>()).ToArray();
        for (var step = 0; step < 3; step++)
        {
            var gradient = Tensor.Normal(shape, dtype: dtype, generator: generator);
            Elementwise.Update(rule, parameter, gradient, states);
            var g = gradient.To(DType.Float64).ToArray<double>();
            for (var i = 0; i < g.Length; i++)
            {
                Dual State(int index) => index < TRule.StateCount ? expected[index + 1][i] : 0;
                var next = rule.Update<Dual>(expected[0][i], g[i], new(State(0), State(1), State(2)));
                var values = new[] { next.Parameter, next.First, next.Second, next.Third };
                for (var k = 0; k <= TRule.StateCount; k++)
                {
                    expected[k][i] = values[k].Value;
                }
            }
        }

        foreach (var (tensor, values) in states.Prepend(parameter).Zip(expected))
        {
            var actual = tensor.To(DType.Float64).ToArray<double>();
            Assert.All(actual.Zip(values), pair => Assert.Equal(pair.Second, pair.First, tolerance * (1 + Math.Abs(pair.Second))));
        }
    }
}
