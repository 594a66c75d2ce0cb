namespace Backprop.Optimizers;

/// <summary>Several schedules at once: the rate of each is the base rate of the next, so that their factors multiply.</summary>
/// <example><code>
/// var schedule = new ChainedSchedule(new ExponentialSchedule(0.99), new StepSchedule(every: 30)).Attach(optimizer);
/// </code></example>
public sealed class ChainedSchedule : ComposedSchedule
{
    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="parts">At least one; those that don't look at the base rate belong first. The last that moves momentum sets it.</param>
    /// <exception cref="ArgumentException">There are none, or one appears twice.</exception>
    /// <exception cref="InvalidOperationException">One is attached or part of another schedule.</exception>
    public ChainedSchedule(params IEnumerable<Schedule> parts)
        : base("chained_schedule", parts) => TakeParts();

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group)
    {
        for (var i = 0; i < Parts.Count; i++)
        {
            baseRate = Parts[i].RateAt(step, baseRate, group);
        }

        return baseRate;
    }

    /// <inheritdoc/>
    protected override double? Momentum(int step)
    {
        double? result = null;
        for (var i = 0; i < Parts.Count; i++)
        {
            result = Parts[i].MomentumAt(step) ?? result;
        }

        return result;
    }

    internal override bool FollowsMetricAt(int step)
    {
        var follows = false;
        for (var i = 0; i < Parts.Count; i++)
        {
            follows |= Parts[i].FollowsMetricAt(step);
        }

        return follows;
    }

    internal override void Observe(int step, double metric)
    {
        for (var i = 0; i < Parts.Count; i++)
        {
            Parts[i].Observe(step, metric);
        }
    }
}
