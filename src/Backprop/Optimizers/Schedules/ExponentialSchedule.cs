namespace Backprop.Optimizers;

/// <summary>The rate is multiplied by a factor at each step: base · factor^step.</summary>
public sealed class ExponentialSchedule : Schedule
{
    private readonly double factor;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="factor">Finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public ExponentialSchedule(double factor)
    {
        this.factor = ScheduleCheck.Factor("exponential_schedule", nameof(factor), factor);
    }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group) =>
        baseRate * Math.Pow(factor, step);
}
