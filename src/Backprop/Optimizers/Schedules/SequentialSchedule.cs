namespace Backprop.Optimizers;

/// <summary>Several schedules one after the other. Each begins at its own step 0, with the same base rates.</summary>
/// <example><code>
/// var schedule = new SequentialSchedule([new LinearSchedule(steps: 5), new ExponentialSchedule(0.9)], milestones: [5]).Attach(optimizer);
/// </code></example>
public sealed class SequentialSchedule : ComposedSchedule
{
    private readonly int[] milestones;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="parts">At least one.</param>
    /// <param name="milestones">The steps at which the second, third, … schedule begins; above 0 and rising.</param>
    /// <exception cref="ArgumentException">There are no parts, one appears twice, or the milestones are not one fewer than the parts and rising.</exception>
    /// <exception cref="InvalidOperationException">A part is attached or part of another schedule.</exception>
    public SequentialSchedule(IEnumerable<Schedule> parts, IEnumerable<int> milestones)
        : base("sequential_schedule", parts)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        this.milestones = [0, .. milestones];
        if (this.milestones.Length != Parts.Count)
        {
            throw new ArgumentException(
                $"sequential_schedule: {Parts.Count} schedules need {Parts.Count - 1} milestones, not {this.milestones.Length - 1}.", nameof(milestones));
        }

        for (var i = 1; i < this.milestones.Length; i++)
        {
            if (this.milestones[i] <= this.milestones[i - 1])
            {
                throw Error.Range("sequential_schedule", $"milestone {i - 1}", this.milestones[i], $"above {this.milestones[i - 1]}");
            }
        }

        TakeParts();
    }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group)
    {
        var (part, place) = At(step);
        return part.RateAt(place, baseRate, group);
    }

    /// <inheritdoc/>
    protected override double? Momentum(int step)
    {
        var (part, place) = At(step);
        return part.MomentumAt(place);
    }

    internal override bool FollowsMetricAt(int step)
    {
        var (part, place) = At(step);
        return place > 0 && part.FollowsMetricAt(place);
    }

    internal override void Observe(int step, double metric)
    {
        var (part, place) = At(step);
        if (place > 0)
        {
            part.Observe(place, metric);
        }
    }

    /// <summary>The schedule of a step, and the step by its own count.</summary>
    private (Schedule Part, int Step) At(int step)
    {
        var index = milestones.Length - 1;
        while (step < milestones[index])
        {
            index--;
        }

        return (Parts[index], step - milestones[index]);
    }
}
