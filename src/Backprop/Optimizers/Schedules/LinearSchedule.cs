namespace Backprop.Optimizers;

/// <summary>
/// The factor of the rate goes from one number to another in equal steps, and stays there: base · (from + (to − from) · min(step / steps, 1)).
/// </summary>
public sealed class LinearSchedule : Schedule
{
    private readonly double from;
    private readonly double to;
    private readonly int steps;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="from">The first factor; finite, 0 or more.</param>
    /// <param name="to">The last factor; finite, 0 or more.</param>
    /// <param name="steps">How many steps the way takes; 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public LinearSchedule(double from = 1.0 / 3, double to = 1, int steps = 5)
    {
        this.from = ScheduleCheck.Factor("linear_schedule", nameof(from), from);
        this.to = ScheduleCheck.Factor("linear_schedule", nameof(to), to);
        this.steps = ScheduleCheck.Positive("linear_schedule", nameof(steps), steps);
    }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group) =>
        baseRate * (from + ((to - from) * Math.Min(step, steps) / steps));
}
