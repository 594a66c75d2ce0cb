using Backprop.Optimizers;

namespace Backprop.Tests.Optimizers;

public class SgdTests
{
    public static TheoryData<double, double, double, double, bool, bool> Settings => new()
    {
        { 0.02, 0, 0, 0, false, false },
        { 0.02, 0, 0, 0.1, false, false },
        { 0.01, 0.9, 0, 0, false, false },
        { 0.01, 0.8, 0.3, 0.05, false, false },
        { 0.01, 0.9, 0, 0.05, true, false },
        { 0.0001, 0.5, 0, 0.1, false, true },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void FollowsTheFormulas(double rate, double momentum, double dampening, double decay, bool nesterov, bool maximize)
    {
        var valley = new Valley();
        valley.Walk(new Sgd([valley.A, valley.B], rate, momentum, dampening, decay, nesterov, maximize), 20);

        var p = Valley.Start;
        double[]? velocity = null;
        for (var step = 0; step < 20; step++)
        {
            var slope = Valley.Slope(p);
            var first = velocity is null;
            velocity ??= new double[6];
            for (var i = 0; i < 6; i++)
            {
                var g = (maximize ? -slope[i] : slope[i]) + (decay * p[i]);
                velocity[i] = first ? g : (momentum * velocity[i]) + ((1 - dampening) * g);
                p[i] -= rate * (momentum == 0 ? g : nesterov ? g + (momentum * velocity[i]) : velocity[i]);
            }
        }

        Assert.All(p.Zip(valley.Point), pair => Assert.Equal(pair.First, pair.Second, 1e-11));
    }

    [Fact]
    public void GroupsHaveTheirOwnSettings()
    {
        var (both, left, right) = (new Valley(), new Valley(), new Valley());
        both.Walk(new Sgd(new SgdGroup([both.A]) { LearningRate = 0.05 }, new SgdGroup([both.B]) { LearningRate = 0.005, Momentum = 0.9 }), 10);
        left.Walk(new Sgd([left.A], 0.05), 10);
        right.Walk(new Sgd([right.B], 0.005, momentum: 0.9), 10);
        Assert.Equal(left.A.ToArray<double>(), both.A.ToArray<double>());
        Assert.Equal(right.B.ToArray<double>(), both.B.ToArray<double>());
    }

    [Fact]
    public void MomentumTurnedOnLaterBeginsWithTheGradient()
    {
        var valley = new Valley();
        var sgd = new Sgd([valley.A, valley.B], 0.01);
        valley.Walk(sgd, 3);
        var (point, slope) = (valley.Point, Valley.Slope(valley.Point));
        (sgd.Groups[0].Momentum, sgd.Groups[0].Dampening) = (0.9, 0.5);
        valley.Walk(sgd, 1);
        Assert.All(
            point.Zip(slope, valley.Point), triple => Assert.Equal(triple.First - (0.01 * triple.Second), triple.Third, 1e-12));
    }

    [Fact]
    public void NesterovNeedsMomentumAndNoDampening()
    {
        Tensor[] parameters = [Tensor.Ones([2]).RequireGradient()];
        Assert.Contains("Nesterov", Assert.Throws<InvalidOperationException>(() => new Sgd(parameters, 0.1, nesterov: true)).Message);
        Assert.Contains(
            "0.9 and 0.1",
            Assert.Throws<InvalidOperationException>(() => new Sgd(parameters, 0.1, momentum: 0.9, dampening: 0.1, nesterov: true)).Message);
        var sgd = new Sgd(parameters, 0.1, momentum: 0.9, nesterov: true);
        parameters[0].Gradient = Tensor.Ones([2]);
        sgd.Groups[0].Momentum = 0;
        Assert.Throws<InvalidOperationException>(sgd.Step);
        Assert.Equal([1, 1], parameters[0].ToArray<float>());
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void SettingsOutsideTheirRangeAreRefused(double bad)
    {
        Tensor[] parameters = [Tensor.Ones([2]).RequireGradient()];
        Refused("LearningRate", () => new Sgd(parameters, bad));
        Refused("Momentum", () => new Sgd(parameters, 0.1, momentum: bad));
        Refused("WeightDecay", () => new Sgd(parameters, 0.1, weightDecay: bad));
        Refused("Dampening", () => new Sgd(parameters, 0.1, dampening: double.NaN));
        var sgd = new Sgd(parameters, 0.1);
        Refused("LearningRate", () => sgd.LearningRate = bad);
        Assert.Equal(0.1, sgd.LearningRate);
    }

    private static void Refused(string setting, Action action)
    {
        var message = Assert.Throws<ArgumentOutOfRangeException>(action).Message;
        Assert.Contains($"optimizer: {setting} is ", message);
        Assert.Contains("finite", message);
    }
}
