namespace Backprop.Optimizers;

/// <summary>
/// The learning rate as a function of the step number. A schedule is made, attached to an optimizer, and told of each step (or epoch) when it is over.
/// </summary>
/// <remarks>
/// <para>
/// Schedules are plain values until they are attached, so that they can be composed: <see cref="WithWarmUp"/>, <see cref="SequentialSchedule"/>,
/// <see cref="ChainedSchedule"/>. <see cref="RateAt"/> can be asked without any optimizer.
/// </para>
/// <para>
/// What a schedule is a function of is the base rate: the learning rate that each group had when the schedule was attached (or, if it joined the
/// optimizer later, at the next step). Every step sets the rates anew; what was set by hand in between is lost.
/// </para>
/// </remarks>
/// <example><code>
/// var schedule = new CosineAnnealingSchedule(steps: 90).WithWarmUp(steps: 10).Attach(optimizer);
/// for (var epoch = 0; epoch &lt; 100; epoch++)
/// {
///     Train(model, optimizer);
///     schedule.Step();
/// }
/// </code></example>
public abstract partial class Schedule
{
    private readonly List<double> baseRates = [];
    private Optimizer? optimizer;
    private bool isPart;

    /// <summary>How many steps are over: 0 after <see cref="Attach"/>.</summary>
    public int StepNumber { get; private set; }

    /// <summary>The learning rates of the optimizer's groups.</summary>
    /// <exception cref="InvalidOperationException">The schedule is not attached.</exception>
    public IReadOnlyList<double> LearningRates => [.. Attached().Groups.Select(group => group.LearningRate)];

    /// <summary>The learning rate of the optimizer's first group.</summary>
    /// <exception cref="InvalidOperationException">The schedule is not attached.</exception>
    public double LearningRate => Attached().LearningRate;

    /// <summary>Whether the schedule moves the momentum too (μ, or β₁ of Adam and its kin).</summary>
    public virtual bool MovesMomentum => false;

    /// <summary>The learning rate at a step.</summary>
    /// <param name="step">Counts the steps that are over; 0 or more.</param>
    /// <param name="baseRate">The rate of the group when the schedule was attached; finite, 0 or more.</param>
    /// <param name="group">The group's position in the optimizer, for schedules that treat groups differently.</param>
    /// <returns>The rate. A schedule that follows a metric gives the present one, whatever the step.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public double RateAt(int step, double baseRate, int group = 0)
    {
        CheckStep(step);
        return double.IsFinite(baseRate) && baseRate >= 0
            ? Rate(step, baseRate, group)
            : throw Error.Range("schedule", nameof(baseRate), baseRate, "finite and 0 or more");
    }

    /// <summary>The momentum at a step.</summary>
    /// <param name="step">Counts the steps that are over; 0 or more.</param>
    /// <returns>The momentum; null where the schedule leaves it as it is.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public double? MomentumAt(int step)
    {
        CheckStep(step);
        return Momentum(step);
    }

    /// <summary>Begins: takes the groups' learning rates as base rates, and sets the rates of step 0.</summary>
    /// <param name="optimizer">Any optimizer. No other schedule should be attached to it.</param>
    /// <returns>This schedule.</returns>
    /// <exception cref="InvalidOperationException">
    /// The schedule is attached already or is part of another, moves the momentum of a group that has none, or has settings for another number of groups.
    /// Nothing has changed then.
    /// </exception>
    public Schedule Attach(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        CheckFree();
        foreach (var group in optimizer.Groups)
        {
            if (MovesMomentum && !group.HasMomentum)
            {
                throw new InvalidOperationException(
                    $"schedule: {GetType().Name} moves the momentum, and a group of {optimizer.GetType().Name} has none; "
                    + "give it cycleMomentum: false, or take an optimizer with momentum.");
            }
        }

        SetRates(optimizer, 0);
        this.optimizer = optimizer;
        return this;
    }

    /// <summary>Counts a step as over and sets the rates of the next. Call it after the optimizer's step (or once per epoch).</summary>
    /// <exception cref="InvalidOperationException">The schedule is not attached, or follows a metric, which <see cref="Step(double)"/> takes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A function of yours gave a rate that is negative or not finite. No rate was changed.</exception>
    public void Step()
    {
        if (Capture.IsOn)
        {
            Capture.Repeat(StepNow);
        }
        else
        {
            StepNow();
        }
    }

    private void StepNow()
    {
        Attached();
        if (FollowsMetricAt(StepNumber + 1))
        {
            throw new InvalidOperationException($"schedule: {GetType().Name} follows a metric; call Step(metric).");
        }

        Advance(double.NaN);
    }

    /// <summary>Counts a step as over and sets the rates of the next, for schedules that follow a metric such as the validation loss.</summary>
    /// <param name="metric">The metric now. Schedules that follow none don't look at it. NaN counts as worse than any number.</param>
    /// <exception cref="InvalidOperationException">The schedule is not attached.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A function of yours gave a rate that is negative or not finite. No rate was changed.</exception>
    public void Step(double metric)
    {
        Attached();
        Advance(metric);
    }

    /// <summary>This schedule after a linear rise: step k of the first <paramref name="steps"/> has the factor from + (1 − from) k / steps.</summary>
    /// <param name="steps">How long the rise takes; 0 or more.</param>
    /// <param name="from">The first factor, of this schedule's first rate; finite, 0 or more.</param>
    /// <returns>The composition; attach it and not this one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The schedule is attached already or is part of another.</exception>
    public WarmUpSchedule WithWarmUp(int steps, double from = 0.1) => new(this, steps, from);

    /// <summary>The learning rate at a step: what a schedule of one's own overrides.</summary>
    /// <param name="step">Counts the steps that are over; 0 or more.</param>
    /// <param name="baseRate">The rate of the group when the schedule was attached.</param>
    /// <param name="group">The group's position in the optimizer.</param>
    /// <returns>Finite, 0 or more.</returns>
    protected abstract double Rate(int step, double baseRate, int group);

    /// <summary>The momentum at a step; null, unless overridden.</summary>
    /// <param name="step">Counts the steps that are over; 0 or more.</param>
    /// <returns>The momentum, or null where the schedule leaves it as it is.</returns>
    protected virtual double? Momentum(int step) => null;

    /// <summary>Whether the step that leads to this number needs a metric.</summary>
    internal virtual bool FollowsMetricAt(int step) => false;

    /// <summary>Takes note of the metric of the step that leads to this number.</summary>
    internal virtual void Observe(int step, double metric)
    {
    }

    /// <summary>Makes this schedule part of another, which alone may be attached.</summary>
    internal Schedule BecomePart()
    {
        CheckFree();
        isPart = true;
        return this;
    }

    internal void CheckFree()
    {
        if (optimizer is not null || isPart)
        {
            throw new InvalidOperationException(
                $"schedule: this {GetType().Name} {(isPart ? "is part of another; attach that one" : "is attached already; make one for each optimizer")}.");
        }
    }

    private static void CheckStep(int step)
    {
        if (step < 0)
        {
            throw Error.Range("schedule", nameof(step), step, "0 or more");
        }
    }

    private Optimizer Attached() =>
        optimizer ?? throw new InvalidOperationException($"schedule: this {GetType().Name} has no optimizer yet; call Attach(optimizer) first.");

    private void Advance(double metric)
    {
        var next = checked(StepNumber + 1);
        Observe(next, metric);
        SetRates(optimizer!, next);
        StepNumber = next;
    }

    /// <summary>Sets the rates of a step, all or none.</summary>
    private void SetRates(Optimizer target, int step)
    {
        var groups = target.Groups;
        for (var i = 0; i < groups.Count; i++)
        {
            var rate = RateAt(step, i < baseRates.Count ? baseRates[i] : groups[i].LearningRate, i);
            if (!(double.IsFinite(rate) && rate >= 0))
            {
                throw Error.Range("schedule", $"the learning rate of step {step}", rate, "finite and 0 or more");
            }
        }

        for (var i = baseRates.Count; i < groups.Count; i++)
        {
            baseRates.Add(groups[i].LearningRate);  // at first all of them; later those that joined
        }

        var momentum = MomentumAt(step);
        for (var i = 0; i < groups.Count; i++)
        {
            groups[i].LearningRate = RateAt(step, baseRates[i], i);
            if (momentum is { } value)
            {
                groups[i].SetMomentum(value);
            }
        }
    }
}
