namespace Backprop.Optimizers;

/// <summary>
/// A linear rise to the first rate of another schedule, which begins when the rise is over: first · (from + (1 − from) step / steps). See
/// <see cref="Schedule.WithWarmUp"/>.
/// </summary>
public sealed class WarmUpSchedule : ComposedSchedule
{
    private readonly int steps;
    private readonly double from;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="then">What comes after the rise.</param>
    /// <param name="steps">How long the rise takes; 0 or more.</param>
    /// <param name="from">The first factor; finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="then"/> is attached or part of another schedule.</exception>
    public WarmUpSchedule(Schedule then, int steps, double from = 0.1)
        : base("warm_up_schedule", [then])
    {
        this.steps = ScheduleCheck.NotNegative("warm_up_schedule", nameof(steps), steps);
        this.from = ScheduleCheck.Factor("warm_up_schedule", nameof(from), from);
        TakeParts();
    }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group) => step < steps
        ? Parts[0].RateAt(0, baseRate, group) * (from + ((1 - from) * step / steps))
        : Parts[0].RateAt(step - steps, baseRate, group);

    /// <inheritdoc/>
    protected override double? Momentum(int step) => Parts[0].MomentumAt(Math.Max(0, step - steps));

    internal override bool FollowsMetricAt(int step) => step > steps && Parts[0].FollowsMetricAt(step - steps);

    internal override void Observe(int step, double metric)
    {
        if (step > steps)
        {
            Parts[0].Observe(step - steps, metric);
        }
    }
}
