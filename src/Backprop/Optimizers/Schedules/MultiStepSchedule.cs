namespace Backprop.Optimizers;

/// <summary>The rate is multiplied by a factor at each of some steps: base · factor^(number of milestones that are reached).</summary>
public sealed class MultiStepSchedule : Schedule
{
    private readonly int[] milestones;
    private readonly double factor;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="milestones">The steps, 0 or more, in any order; one that is named twice counts twice.</param>
    /// <param name="factor">Finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public MultiStepSchedule(IEnumerable<int> milestones, double factor = 0.1)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        this.milestones = [.. milestones];
        foreach (var milestone in this.milestones)
        {
            ScheduleCheck.NotNegative("multi_step_schedule", nameof(milestones), milestone);
        }

        this.factor = ScheduleCheck.Factor("multi_step_schedule", nameof(factor), factor);
    }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group)
    {
        var reached = 0;
        foreach (var milestone in milestones)
        {
            reached += step >= milestone ? 1 : 0;
        }

        return baseRate * Math.Pow(factor, reached);
    }
}
