namespace Backprop.Optimizers;

/// <summary>The rate falls to 0 as a power of the steps that are left: base · (1 − min(step / steps, 1))^power.</summary>
public sealed class PolynomialSchedule : Schedule
{
    private readonly int steps;
    private readonly double power;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="steps">How many steps the way takes; 1 or more.</param>
    /// <param name="power">Finite, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public PolynomialSchedule(int steps = 5, double power = 1)
    {
        this.steps = ScheduleCheck.Positive("polynomial_schedule", nameof(steps), steps);
        this.power = ScheduleCheck.PositiveNumber("polynomial_schedule", nameof(power), power);
    }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group) =>
        baseRate * Math.Pow(1 - (Math.Min(step, steps) / (double)steps), power);
}
