using Backprop.Optimizers;

namespace Backprop.Tests.Golden;

/// <summary>The learning rates, and momenta, of each schedule over fifty steps.</summary>
public sealed class GoldenScheduleTests
{
    private const double Tolerance = 1e-9;

    public static TheoryData<int, string, string> Cases()
    {
        var cases = new TheoryData<int, string, string>();
        foreach (var golden in GoldenCoverage.Mapped("schedulers"))
        {
            cases.Add(golden.Line, golden.Op, golden.Name);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void GivesTheSameRates(int line, string op, string name)
    {
        var golden = GoldenData.Cases("schedulers")[line - 1];
        Assert.Equal((op, name), (golden.Op, golden.Name));
        var optimizer = new Sgd([Tensor.Ones([1]).RequireGradient()], golden.Json.GetProperty("base_lr").GetDouble(), momentum: 0.9);
        var schedule = GoldenSchedules.Create(golden).Attach(optimizer);
        var rates = GoldenTensor.Numbers(golden.Json.GetProperty("lr"));
        var momenta = golden.Json.TryGetProperty("momentum", out var moved) ? GoldenTensor.Numbers(moved) : null;
        var metrics = golden.Json.TryGetProperty("metrics", out var given) ? GoldenTensor.Numbers(given) : null;
        for (var step = 0; step < rates.Length; step++)
        {
            Agree($"rate {step}", rates[step], optimizer.LearningRate);
            Agree($"momentum {step}", momenta?[step] ?? 0.9, optimizer.Groups[0].Momentum);
            Assert.Equal(step, schedule.StepNumber);
            if (step == rates.Length - 1)
            {
                break;
            }

            if (metrics is null)
            {
                schedule.Step();
            }
            else
            {
                schedule.Step(metrics[step]);
            }
        }
    }

    private static void Agree(string what, double expected, double actual) =>
        Assert.True(Math.Abs(actual - expected) <= Tolerance * Math.Abs(expected) + 1e-15, $"{what} is {actual:R}, not {expected:R}");
}
