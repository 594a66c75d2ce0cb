using Backprop.Optimizers;

namespace Backprop.Tests.Optimizers;

/// <summary>What all schedules share: attaching, stepping, composing. The rates of each are held against PyTorch's by the golden tests.</summary>
public sealed class ScheduleTests
{
    [Fact]
    public void WarmUpRisesInALineToTheFirstRateOfTheOther()
    {
        var optimizer = Optimizer(0.8);
        var schedule = new ExponentialSchedule(0.5).WithWarmUp(steps: 4, from: 0.2).Attach(optimizer);
        Follows(schedule, [0.16, 0.32, 0.48, 0.64, 0.8, 0.4, 0.2, 0.1]);
    }

    [Fact]
    public void WarmUpOfAScheduleThatBeginsLow()
    {
        var schedule = new ConstantSchedule(factor: 0.5, steps: 1).WithWarmUp(steps: 2, from: 0).Attach(Optimizer(0.8));
        Follows(schedule, [0, 0.2, 0.4, 0.8, 0.8]);
    }

    [Fact]
    public void NoWarmUpChangesNothing() => Follows(new ExponentialSchedule(0.5).WithWarmUp(0).Attach(Optimizer(1)), [1, 0.5, 0.25]);

    [Fact]
    public void SchedulesFollowOneAnother()
    {
        var schedule = new SequentialSchedule(
            [new ConstantSchedule(0.1, 100), new ExponentialSchedule(0.5), new LinearSchedule(1, 0, 2)], milestones: [2, 5]).Attach(Optimizer(1));
        Follows(schedule, [0.1, 0.1, 1, 0.5, 0.25, 1, 0.5, 0, 0]);
    }

    [Fact]
    public void ChainedFactorsMultiply()
    {
        var schedule = new ChainedSchedule(new ExponentialSchedule(0.5), new StepSchedule(every: 2, factor: 0.1)).Attach(Optimizer(1));
        Follows(schedule, [1, 0.5, 0.025, 0.0125, 0.000625]);
    }

    [Fact]
    public void CompositionsCompose()
    {
        var inner = new SequentialSchedule([new ConstantSchedule(0.5, 9), new ExponentialSchedule(0.5)], [1]);
        var schedule = new ChainedSchedule(inner.WithWarmUp(2, 0), new ConstantSchedule(0.1, 1)).Attach(Optimizer(1));
        Follows(schedule, [0, 0.25, 0.5, 1, 0.5, 0.25]);
    }

    [Fact]
    public void AScheduleOfOnesOwnIsAFunction()
    {
        var schedule = new Halving().WithWarmUp(1, 0.5).Attach(Optimizer(1));
        Follows(schedule, [0.5, 1, 0.5, 1.0 / 3, 0.25]);
    }

    [Fact]
    public void GroupsKeepTheirProportions()
    {
        var (a, b) = (P(), P());
        var sgd = new Sgd(new SgdGroup([a]) { LearningRate = 1 }, new SgdGroup([b]) { LearningRate = 0.1 });
        var schedule = new ExponentialSchedule(0.5).Attach(sgd);
        schedule.Step();
        Assert.Equal([0.5, 0.05], schedule.LearningRates);
        sgd.Add(new SgdGroup([P()]) { LearningRate = 4 });
        schedule.Step();
        Assert.Equal([0.25, 0.025, 1], schedule.LearningRates);
        Assert.Equal((0.25, 2), (schedule.LearningRate, schedule.StepNumber));
    }

    [Fact]
    public void GroupsMayHaveNumbersOfTheirOwn()
    {
        var (a, b) = (P(), P());
        Sgd Two() => new(new SgdGroup([a]) { LearningRate = 1 }, new SgdGroup([b]) { LearningRate = 1 });
        Assert.Equal([1, 3.0], new CyclicSchedule(new double[] { 1, 3 }, 5, up: 4).Attach(Two()).LearningRates);
        Assert.Equal([2, 4.0], new OneCycleSchedule(new double[] { 4, 8 }, 10, startDivisor: 2).Attach(Two()).LearningRates);
        var lambda = new LambdaSchedule(step => 1.0 / (1 + step), step => 7).Attach(Two());
        var product = new MultiplicativeSchedule(step => 0.5, step => step).Attach(Two());
        lambda.Step();
        product.Step();
        product.Step();
        Assert.Equal([0.5, 7], new[] { lambda.RateAt(1, 1), lambda.RateAt(1, 1, 1) });
        Assert.Equal([0.25, 2], product.LearningRates);
        Assert.Equal([0.5, 1, 0.125], new[] { product.RateAt(1, 1), product.RateAt(0, 1), product.RateAt(3, 1) });

        var plateau = new PlateauSchedule(0.5, 0, lowest: new[] { 0, 0.75 }).Attach(Two());
        plateau.Step(1);
        plateau.Step(1);
        Assert.Equal([0.5, 0.75], plateau.LearningRates);

        var three = new Sgd(new SgdGroup([P()]), new SgdGroup([P()]), new SgdGroup([P()]));
        Assert.Contains(
            "group is 2; it must be 0 … 1: the schedule was given numbers for 2 groups",
            Assert.Throws<ArgumentOutOfRangeException>(() => new OneCycleSchedule(new double[] { 4, 8 }, 10).Attach(three)).Message);
        Assert.Contains(
            "functions for 2 groups",
            Assert.Throws<ArgumentOutOfRangeException>(() => new LambdaSchedule(step => 1, step => 1).Attach(three)).Message);
        Assert.All(three.Groups, group => Assert.Equal(1e-3, group.LearningRate));
    }

    [Fact]
    public void MomentumMovesAgainstTheRate()
    {
        var p = P();
        var adam = new Adam([p]);
        var schedule = new OneCycleSchedule(1, 11, rise: 0.5, annealing: Annealing.Linear, startDivisor: 10, endDivisor: 1).Attach(adam);
        Assert.Equal((0.1, 0.95), (adam.LearningRate, adam.Groups[0].Beta1));
        for (var step = 0; step < 20; step++)
        {
            schedule.Step();
            Assert.Equal(schedule.MomentumAt(step + 1), adam.Groups[0].Beta1);
            Assert.InRange(adam.Groups[0].Beta1, 0.85, 0.95);
        }

        Assert.Equal(0.1, adam.LearningRate, 1e-15);    // the end stays
        Assert.Equal(0.95, adam.Groups[0].Beta1, 1e-15);
        var prop = new RmsProp([p], momentum: 0.5);
        new CyclicSchedule(0.1, 0.2, up: 3).Attach(prop);
        Assert.Equal(0.9, prop.Groups[0].Momentum);
    }

    [Fact]
    public void MomentumWithoutAGroupThatHasItIsRefused()
    {
        var adagrad = new Adagrad([P()], 0.5);
        Refused("OneCycleSchedule moves the momentum, and a group of Adagrad has none", () => new OneCycleSchedule(1, 10).Attach(adagrad));
        Refused("WarmUpSchedule moves the momentum", () => new CyclicSchedule(0.1, 1).WithWarmUp(3).Attach(adagrad));
        Assert.Equal(0.5, adagrad.LearningRate);
        Assert.Equal(0.04, new OneCycleSchedule(1, 10, cycleMomentum: false).Attach(adagrad).LearningRate, 1e-15);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    public void TheFirstMetricIsTheBestSoFar(double threshold, bool maximize)
    {
        var schedule = new PlateauSchedule(patience: 0, threshold: threshold, maximize: maximize);
        schedule.Attach(Optimizer(1)).Step(5);
        Assert.Equal((5, 0, 0), (schedule.Best, schedule.BadSteps, schedule.Reductions));
    }

    [Fact]
    public void PlateauAfterWarmUp()
    {
        var schedule = new PlateauSchedule(factor: 0.1, patience: 1).WithWarmUp(2, 0.5).Attach(Optimizer(1));
        schedule.Step();            // the warm-up needs no metric
        schedule.Step(1);           // nor does the step that ends it: 1 is not seen
        Assert.Equal(1, schedule.LearningRate);
        Refused("follows a metric; call Step(metric)", schedule.Step);
        foreach (var (metric, rate) in new[] { (3.0, 1.0), (2, 1), (2, 1), (double.NaN, 0.1), (1, 0.1), (1, 0.1), (1, 0.01) })
        {
            schedule.Step(metric);
            Assert.Equal(rate, schedule.LearningRate, 1e-15);
        }
    }

    [Fact]
    public void WhatCannotBeAttachedIsRefused()
    {
        var attached = new ExponentialSchedule(0.5);
        Refused("no optimizer yet", attached.Step);
        Refused("no optimizer yet", () => attached.Step(1));
        Refused("no optimizer yet", () => attached.LearningRates.ToString());
        Refused("no optimizer yet", () => attached.StateDictionary());
        attached.Attach(Optimizer(1));
        Refused("ExponentialSchedule is attached already", () => attached.Attach(Optimizer(1)));
        Refused("is attached already", () => attached.WithWarmUp(3));
        var part = new ExponentialSchedule(0.5);
        var whole = part.WithWarmUp(3);
        Refused("is part of another", () => part.Attach(Optimizer(1)));
        Refused("is part of another", () => new ChainedSchedule(part));
        Assert.Same(part, Assert.Single(whole.Parts));
        var twice = new ExponentialSchedule(0.5);
        Assert.Contains("appears twice", Assert.Throws<ArgumentException>(() => new ChainedSchedule(twice, twice)).Message);
        Assert.Contains("need 1 milestones, not 2", Assert.Throws<ArgumentException>(
            () => new SequentialSchedule([twice, new StepSchedule(1)], [1, 2])).Message);
        Assert.Contains("milestone 0 is 0; it must be above 0", Assert.Throws<ArgumentOutOfRangeException>(
            () => new SequentialSchedule([twice, new StepSchedule(1)], [0])).Message);
        Assert.Contains("there are no schedules", Assert.Throws<ArgumentException>(() => new ChainedSchedule()).Message);
        Assert.Contains("is null", Assert.Throws<ArgumentException>(() => new ChainedSchedule(twice, null!)).Message);
        twice.Attach(Optimizer(1));     // what was refused has bound nothing
    }

    [Fact]
    public void RatesThatAreNoneAreRefusedBeforeAnythingChanges()
    {
        var (a, b) = (P(), P());
        var sgd = new Sgd(new SgdGroup([a]) { LearningRate = 1 }, new SgdGroup([b]) { LearningRate = 1 });
        var schedule = new LambdaSchedule(step => 0.5, step => step < 2 ? 1 : -1).Attach(sgd);
        schedule.Step();
        Assert.Contains(
            "the learning rate of step 2 is -1; it must be finite and 0 or more", Assert.Throws<ArgumentOutOfRangeException>(schedule.Step).Message);
        Assert.Equal(1, schedule.StepNumber);
        Assert.Equal([0.5, 1], schedule.LearningRates);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LambdaSchedule(step => double.NaN).Attach(Optimizer(1)));
    }

    [Fact]
    public void SettingsHaveRanges()
    {
        Range("step_schedule: every is 0; it must be 1 or more", () => new StepSchedule(0));
        Range("step_schedule: factor is -1; it must be finite and 0 or more", () => new StepSchedule(1, -1));
        Range("multi_step_schedule: milestones is -2", () => new MultiStepSchedule([3, -2]));
        Range("constant_schedule: factor is NaN", () => new ConstantSchedule(double.NaN));
        Range("linear_schedule: steps is 0", () => new LinearSchedule(steps: 0));
        Range("exponential_schedule: factor is ∞", () => new ExponentialSchedule(double.PositiveInfinity));
        Range("polynomial_schedule: power is 0; it must be finite and above 0", () => new PolynomialSchedule(5, 0));
        Range("cosine_annealing_schedule: lowest is -0.1", () => new CosineAnnealingSchedule(5, -0.1));
        Range("cosine_warm_restarts_schedule: growth is 0", () => new CosineWarmRestartsSchedule(5, 0));
        Range("one_cycle_schedule: steps is 1; it must be 2 or more", () => new OneCycleSchedule(1, 1));
        Range("one_cycle_schedule: rise is 1.5; it must be 0 … 1", () => new OneCycleSchedule(1, 10, rise: 1.5));
        Range("one_cycle_schedule: highest is -1", () => new OneCycleSchedule(new[] { 1.0, -1 }, 10));
        Range("one_cycle_schedule: highestMomentum is 1; it must be at least 0 and below 1", () => new OneCycleSchedule(1, 10, highestMomentum: 1));
        Range("one_cycle_schedule: annealing is 7", () => new OneCycleSchedule(1, 10, annealing: (Annealing)7));
        Range("cyclic_schedule: down is 0", () => new CyclicSchedule(0.1, 1, down: 0));
        Range("cyclic_schedule: shape is 7", () => new CyclicSchedule(0.1, 1, shape: (CycleShape)7));
        Range("plateau_schedule: factor is 1; it must be at least 0 and below 1", () => new PlateauSchedule(1));
        Range("plateau_schedule: patience is -1", () => new PlateauSchedule(patience: -1));
        Range("warm_up_schedule: steps is -1", () => new StepSchedule(1).WithWarmUp(-1));
        Range("schedule: step is -1; it must be 0 or more", () => new StepSchedule(1).RateAt(-1, 1));
        Range("schedule: baseRate is NaN", () => new StepSchedule(1).RateAt(1, double.NaN));
        Assert.Contains("there are no functions", Assert.Throws<ArgumentException>(() => new LambdaSchedule()).Message);

        static void Range(string part, Func<object> make)
        {
            var message = Assert.Throws<ArgumentOutOfRangeException>(make).Message;
            Assert.Contains(part.Replace("∞", double.PositiveInfinity.ToString(System.Globalization.CultureInfo.InvariantCulture)), message);
        }
    }

    /// <summary>Every rise from 0 to 1, phases of no length included: rates are rates.</summary>
    [Fact]
    public void OneCycleIsDefinedAtItsEdges()
    {
        foreach (var phases in new[] { false, true })
        {
            for (var rise = 0.0; rise <= 1; rise += 0.05)
            {
                for (var steps = 2; steps < 30; steps++)
                {
                    var schedule = new OneCycleSchedule(1, steps, rise, threePhases: phases);
                    for (var step = 0; step < steps + 2; step++)
                    {
                        Assert.InRange(schedule.RateAt(step, 0), 1 / 25.0 / 1e4 * 0.999, 1 + 1e-12);
                        Assert.InRange(schedule.MomentumAt(step)!.Value, 0.85 - 1e-12, 0.95 + 1e-12);
                    }
                }
            }
        }
    }

    [Fact]
    public void StepsAllocateNothing()
    {
        var schedule = new ChainedSchedule(new ExponentialSchedule(0.999), new CosineAnnealingSchedule(50)).WithWarmUp(10).Attach(Optimizer(1));
        schedule.Step();
        Assert.Equal(0, Allocations.Of(schedule.Step, 100));
    }

    internal static Sgd Optimizer(double rate) => new([P()], rate);

    private static Tensor P() => Tensor.Ones([1]).RequireGradient();

    private static void Refused(string part, Action action) => Assert.Contains(part, Assert.Throws<InvalidOperationException>(action).Message);

    private static void Follows(Schedule schedule, double[] rates)
    {
        for (var step = 0; step < rates.Length; step++)
        {
            Assert.Equal(rates[step], schedule.LearningRate, 1e-15);
            Assert.Equal(schedule.RateAt(step, BaseOf(schedule)), schedule.LearningRate);
            schedule.Step();
        }
    }

    private static double BaseOf(Schedule schedule) => schedule.StateDictionary()["base_rates"].ToArray<double>()[0];

    private sealed class Halving : Schedule
    {
        protected override double Rate(int step, double baseRate, int group) => baseRate / (1 + step);
    }
}
