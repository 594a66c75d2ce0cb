namespace Backprop.Optimizers;

/// <summary>The rate falls along half a cosine: lowest + (base − lowest) (1 + cos(π step / steps)) / 2.</summary>
/// <remarks>Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts (2017), without the restarts.</remarks>
public sealed class CosineAnnealingSchedule : Schedule
{
    private readonly int steps;
    private readonly double lowest;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="steps">How many steps the fall takes; 1 or more. After them the rate rises again the same way, and so on.</param>
    /// <param name="lowest">The rate at the end of the fall; finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public CosineAnnealingSchedule(int steps, double lowest = 0)
    {
        this.steps = ScheduleCheck.Positive("cosine_annealing_schedule", nameof(steps), steps);
        this.lowest = ScheduleCheck.Factor("cosine_annealing_schedule", nameof(lowest), lowest);
    }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group) =>
        lowest + ((baseRate - lowest) * (1 + Math.Cos(Math.PI * (step % (2L * steps)) / steps)) / 2);
}
