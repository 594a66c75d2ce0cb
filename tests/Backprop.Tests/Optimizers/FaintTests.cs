using Backprop.Optimizers;

namespace Backprop.Tests.Optimizers;

/// <summary>Running means of parameters that get no more gradient end at zero, and not among the slow subnormal numbers.</summary>
public sealed class FaintTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MeansFadeToZero(bool adam)
    {
        var p = Tensor.Ones([40]).RequireGradient();
        Optimizer optimizer = adam ? new Adam([p]) : new Sgd([p], learningRate: 0.01, momentum: 0.9);
        for (var step = 0; step < 1200; step++)
        {
            (p * (step == 0 ? 1e-3 : 0)).Sum().Backward();
            optimizer.Step();
            optimizer.ZeroGradients();
            var mean = optimizer.States[0].Find(adam ? "first_moment" : "momentum")!.ToArray<float>();
            Assert.All(mean, value => Assert.False(float.IsSubnormal(value), $"step {step}: {value}"));
            if (step is < 650 or > 800)
            {
                Assert.Equal(step < 650, mean[0] != 0); // 1e-3 · 0.9ⁿ passes 1e-36 near n = 722, a tenth of it near n = 700
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NotANumberDoesNotFade(bool adam)
    {
        var p = Tensor.Ones([40]).RequireGradient();
        Optimizer optimizer = adam ? new Adam([p]) : new Sgd([p], learningRate: 0.01, momentum: 0.9);
        (p * double.NaN).Sum().Backward();
        optimizer.Step();
        Assert.All(p.ToArray<float>(), value => Assert.True(float.IsNaN(value)));
    }
}
