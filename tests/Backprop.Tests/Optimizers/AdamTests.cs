using Backprop.Optimizers;

namespace Backprop.Tests.Optimizers;

public class AdamTests
{
    public static TheoryData<double, double, double, double, double, bool, bool, bool> Settings => new()
    {
        { 0.1, 0.9, 0.999, 1e-8, 0, false, false, false },
        { 0.05, 0.8, 0.99, 1e-8, 0, false, false, false },
        { 0.1, 0.9, 0.999, 1e-8, 0, true, false, false },
        { 0.1, 0.9, 0.999, 1e-8, 0.1, false, false, false },
        { 0.3, 0.9, 0.999, 1e-3, 0, false, false, false },
        { 0.1, 0.9, 0.999, 1e-8, 0.01, false, true, false },
        { 0.05, 0.9, 0.999, 1e-8, 0.2, true, true, false },
        { 0.001, 0.9, 0.999, 1e-8, 0.2, false, false, true },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void FollowsTheFormulas(
        double rate, double beta1, double beta2, double epsilon, double decay, bool amsGrad, bool decoupled, bool maximize)
    {
        var valley = new Valley();
        Tensor[] parameters = [valley.A, valley.B];
        valley.Walk(
            decoupled
                ? new AdamW(parameters, rate, beta1, beta2, epsilon, decay, amsGrad, maximize)
                : new Adam(parameters, rate, beta1, beta2, epsilon, decay, amsGrad, maximize),
            20);

        var p = Valley.Start;
        var (m, v, largest) = (new double[6], new double[6], new double[6]);
        for (var t = 1; t <= 20; t++)
        {
            var slope = Valley.Slope(p);
            for (var i = 0; i < 6; i++)
            {
                var g = maximize ? -slope[i] : slope[i];
                if (decoupled)
                {
                    p[i] -= rate * decay * p[i];
                }
                else
                {
                    g += decay * p[i];
                }

                m[i] = (beta1 * m[i]) + ((1 - beta1) * g);
                v[i] = (beta2 * v[i]) + ((1 - beta2) * g * g);
                largest[i] = Math.Max(largest[i], v[i]);
                var size = Math.Sqrt(amsGrad ? largest[i] : v[i]) / Math.Sqrt(1 - Math.Pow(beta2, t));
                p[i] -= rate / (1 - Math.Pow(beta1, t)) * m[i] / (size + epsilon);
            }
        }

        Assert.All(p.Zip(valley.Point), pair => Assert.Equal(pair.First, pair.Second, 1e-11));
    }

    [Fact]
    public void GroupsHaveTheirOwnSettings()
    {
        var (both, left, right) = (new Valley(), new Valley(), new Valley());
        both.Walk(new Adam(new AdamGroup([both.A]) { LearningRate = 0.1 }, new AdamGroup([both.B]) { LearningRate = 0.01, Beta1 = 0.5, Beta2 = 0.9 }), 10);
        left.Walk(new Adam([left.A], 0.1), 10);
        right.Walk(new Adam([right.B], 0.01, 0.5, 0.9), 10);
        Assert.Equal(left.A.ToArray<double>(), both.A.ToArray<double>());
        Assert.Equal(right.B.ToArray<double>(), both.B.ToArray<double>());
    }

    [Fact]
    public void DefaultsAreThePapers()
    {
        var group = new Adam([Tensor.Ones([1]).RequireGradient()]).Groups[0];
        Assert.Equal((1e-3, 0.9, 0.999, 1e-8, 0, false), (group.LearningRate, group.Beta1, group.Beta2, group.Epsilon, group.WeightDecay, group.AmsGrad));
    }

    [Fact]
    public void WeightDecayThatAGroupDoesNotStateIsTheOptimizers()
    {
        Tensor P() => Tensor.Ones([1]).RequireGradient();
        Assert.Equal(0.01, new AdamW([P()]).Groups[0].WeightDecay);
        var adamW = new AdamW(new AdamGroup([P()]), new AdamGroup([P()]) { WeightDecay = 0 });
        adamW.Add(new AdamGroup([P()]) { WeightDecay = 0.5 });
        adamW.Add(new AdamGroup([P()]));
        Assert.Equal([0.01, 0, 0.5, 0.01], adamW.Groups.Select(group => group.WeightDecay));
        Assert.Equal(0, new Adam(new AdamGroup([P()])).Groups[0].WeightDecay);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void BetasLieBelowOne(double bad)
    {
        Tensor[] parameters = [Tensor.Ones([2]).RequireGradient()];
        Assert.Contains("at least 0 and below 1", Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(parameters, beta1: bad)).Message);
        Assert.Contains("Beta2", Assert.Throws<ArgumentOutOfRangeException>(() => new AdamW(parameters, beta2: bad)).Message);
        Assert.Contains("Epsilon", Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(parameters, epsilon: -1)).Message);
    }
}
