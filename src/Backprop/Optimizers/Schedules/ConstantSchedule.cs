namespace Backprop.Optimizers;

/// <summary>The rate is multiplied by a factor for the first steps: base · factor, then base.</summary>
public sealed class ConstantSchedule : Schedule
{
    private readonly double factor;
    private readonly int steps;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="factor">Finite, 0 or more.</param>
    /// <param name="steps">How many steps the factor lasts; 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public ConstantSchedule(double factor = 1.0 / 3, int steps = 5)
    {
        this.factor = ScheduleCheck.Factor("constant_schedule", nameof(factor), factor);
        this.steps = ScheduleCheck.NotNegative("constant_schedule", nameof(steps), steps);
    }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group) =>
        step < steps ? baseRate * factor : baseRate;
}
