namespace Backprop.Optimizers;

/// <summary>
/// The rate falls along half a cosine and jumps back, in cycles that may become longer:
/// lowest + (base − lowest) (1 + cos(π k / n)) / 2 at step k of a cycle of n steps.
/// </summary>
/// <remarks>Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts (2017).</remarks>
public sealed class CosineWarmRestartsSchedule : Schedule
{
    private readonly int steps;
    private readonly int growth;
    private readonly double lowest;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="steps">The length of the first cycle; 1 or more.</param>
    /// <param name="growth">How many times as long as the last each cycle is; 1 or more.</param>
    /// <param name="lowest">The rate that a cycle falls towards; finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public CosineWarmRestartsSchedule(int steps, int growth = 1, double lowest = 0)
    {
        this.steps = ScheduleCheck.Positive("cosine_warm_restarts_schedule", nameof(steps), steps);
        this.growth = ScheduleCheck.Positive("cosine_warm_restarts_schedule", nameof(growth), growth);
        this.lowest = ScheduleCheck.Factor("cosine_warm_restarts_schedule", nameof(lowest), lowest);
    }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group)
    {
        long length = steps;
        long place = growth == 1 ? step % steps : step;
        while (place >= length)
        {
            place -= length;
            length *= growth;
        }

        return lowest + ((baseRate - lowest) * (1 + Math.Cos(Math.PI * place / length)) / 2);
    }
}
