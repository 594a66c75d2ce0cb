using Backprop.Optimizers;

namespace Backprop.Tests.Optimizers;

/// <summary>A run that is resumed has the same rates, bit for bit.</summary>
public sealed class ScheduleStateTests
{
    private const int Steps = 40;

    public static TheoryData<string> All => new(
        "step", "multi_step", "constant", "linear", "exponential", "polynomial", "cosine", "restarts", "one_cycle", "cyclic", "lambda", "product",
        "plateau", "warm_up", "sequential", "chained");

    [Theory]
    [MemberData(nameof(All))]
    public void ResumedRunsHaveTheSameRates(string kind)
    {
        var whole = Run(kind, null, null, 0, Steps, out _, out _);
        for (var stop = 0; stop < Steps; stop += 7)
        {
            var begun = Run(kind, null, null, 0, stop, out var optimizerState, out var scheduleState);
            var resumed = Run(kind, optimizerState, scheduleState, stop, Steps, out _, out _);
            Assert.Equal(whole, begun[..^1].Concat(resumed));
        }

        Assert.True(whole.Distinct().Count() > 1, $"{kind}: the rate never changes");
    }

    [Fact]
    public void StatesHaveReadableNames()
    {
        var schedule = new ChainedSchedule(new ExponentialSchedule(0.5), new PlateauSchedule().WithWarmUp(3)).Attach(ScheduleTests.Optimizer(1));
        Assert.Equal(
            [
                "base_rates", "parts.1.parts.0.bad_steps", "parts.1.parts.0.best", "parts.1.parts.0.cool_down_left", "parts.1.parts.0.reductions", "step",
            ],
            schedule.StateDictionary().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void WrongStatesAreRefusedBeforeAnythingChanges()
    {
        var schedule = new PlateauSchedule(0.5, patience: 0).Attach(ScheduleTests.Optimizer(1));
        schedule.Step(1);
        schedule.Step(2);
        Refused("'step' is missing", state => state.Remove("step"));
        Refused("step is -1", state => state["step"] = Tensor.Scalar(-1L));
        Refused("'base_rates' is missing", state => state.Remove("base_rates"));
        Refused("the optimizer's groups need float64 [1]", state => state["base_rates"] = Tensor.From([1.0, 2]));
        Refused("base_rates is -1", state => state["base_rates"] = Tensor.From([-1.0]));
        Refused("'best' is missing", state => state.Remove("best"));
        Refused("best is NaN", state => state["best"] = Tensor.Scalar(double.NaN));
        Refused("reductions is 0.5", state => state["reductions"] = Tensor.Scalar(0.5));
        Refused("'worst' is no entry of this PlateauSchedule", state => state["worst"] = Tensor.Scalar(0.5));
        Assert.Throws<InvalidOperationException>(() => new PlateauSchedule().LoadStateDictionary(schedule.StateDictionary()));

        var moody = false;
        var lambda = new LambdaSchedule(step => moody ? -1 : 2).Attach(ScheduleTests.Optimizer(1));
        var saved = lambda.StateDictionary();
        lambda.Step();
        moody = true;
        Assert.Throws<ArgumentOutOfRangeException>(() => lambda.LoadStateDictionary(saved));
        Assert.Equal((1, 2), (lambda.StepNumber, lambda.LearningRate));

        void Refused(string part, Action<Dictionary<string, Tensor>> spoil)
        {
            var good = schedule.StateDictionary();
            var bad = new Dictionary<string, Tensor>(good);
            bad["bad_steps"] = Tensor.Scalar(7.0);
            spoil(bad);
            Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(() => schedule.LoadStateDictionary(bad)).Message);
            Assert.All(schedule.StateDictionary(), entry => Assert.Equal(good[entry.Key].Bytes().ToArray(), entry.Value.Bytes().ToArray()));
            Assert.Equal((2, 0.5), (schedule.StepNumber, schedule.LearningRate));
        }
    }

    /// <summary>The rates and momenta before each step from one number to another, and at the end.</summary>
    private static double[] Run(
        string kind,
        IReadOnlyDictionary<string, Tensor>? optimizerState,
        IReadOnlyDictionary<string, Tensor>? scheduleState,
        int from,
        int to,
        out IReadOnlyDictionary<string, Tensor> optimizerEnd,
        out IReadOnlyDictionary<string, Tensor> scheduleEnd)
    {
        var p = Tensor.Ones([1]).RequireGradient();
        var optimizer = new Sgd([p], 0.3, momentum: 0.9);
        if (optimizerState is not null)
        {
            optimizer.LoadStateDictionary(optimizerState);  // brings the rate of the stop, not the base rate
        }

        var schedule = Create(kind).Attach(optimizer);
        if (scheduleState is not null)
        {
            schedule.LoadStateDictionary(scheduleState);
        }

        var rates = new List<double>();
        for (var step = from; step < to; step++)
        {
            rates.Add(optimizer.LearningRate + (100 * optimizer.Groups[0].Momentum));
            schedule.Step(Math.Abs(((step * 7) % 11) - 5));
        }

        rates.Add(optimizer.LearningRate + (100 * optimizer.Groups[0].Momentum));
        (optimizerEnd, scheduleEnd) = (optimizer.StateDictionary(), schedule.StateDictionary());
        return [.. rates];
    }

    private static Schedule Create(string kind) => kind switch
    {
        "step" => new StepSchedule(7, 0.3),
        "multi_step" => new MultiStepSchedule([20, 3]),
        "constant" => new ConstantSchedule(0.3, 9),
        "linear" => new LinearSchedule(0.1, 0.7, 33),
        "exponential" => new ExponentialSchedule(0.93),
        "polynomial" => new PolynomialSchedule(30, 1.7),
        "cosine" => new CosineAnnealingSchedule(13, 0.01),
        "restarts" => new CosineWarmRestartsSchedule(3, 2, 0.01),
        "one_cycle" => new OneCycleSchedule(1, 37),
        "cyclic" => new CyclicSchedule(0.1, 1, 5, 9, CycleShape.Exponential, 0.99),
        "lambda" => new LambdaSchedule(step => 1 / (1.0 + step)),
        "product" => new MultiplicativeSchedule(step => 1 - (1.0 / (step + 2))),
        "plateau" => new PlateauSchedule(0.7, patience: 2, coolDown: 1),
        "warm_up" => new PlateauSchedule(0.7, patience: 2).WithWarmUp(9),
        "sequential" => new SequentialSchedule([new StepSchedule(2), new PlateauSchedule(0.7, 2), new OneCycleSchedule(1, 9)], [5, 25]),
        _ => new ChainedSchedule(new PlateauSchedule(0.7, 2), new MultiplicativeSchedule(step => 0.97), new CyclicSchedule(0.1, 1, 5)),
    };
}
