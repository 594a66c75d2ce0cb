namespace Backprop.Optimizers;

/// <summary>The rate is multiplied by a factor every so many steps: base · factor^⌊step / every⌋.</summary>
public sealed class StepSchedule : Schedule
{
    private readonly int every;
    private readonly double factor;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="every">How many steps a rate lasts; 1 or more.</param>
    /// <param name="factor">Finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public StepSchedule(int every, double factor = 0.1)
    {
        this.every = ScheduleCheck.Positive("step_schedule", nameof(every), every);
        this.factor = ScheduleCheck.Factor("step_schedule", nameof(factor), factor);
    }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group) =>
        baseRate * Math.Pow(factor, step / every);
}
