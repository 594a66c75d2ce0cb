namespace Backprop.Optimizers;

/// <summary>
/// The rate goes up and down between two rates: lowest + (highest − lowest) · h · scale, where h rises from 0 to 1 in equal steps and falls again.
/// Momentum moves the other way. The base rates of the groups play no part.
/// </summary>
/// <remarks>Smith, Cyclical Learning Rates for Training Neural Networks (2017). Call <see cref="Schedule.Step()"/> after every batch.</remarks>
public sealed class CyclicSchedule : Schedule
{
    private const string Name = "cyclic_schedule";

    private readonly PerGroup lowest;
    private readonly PerGroup highest;
    private readonly int up;
    private readonly int down;
    private readonly CycleShape shape;
    private readonly double factor;
    private readonly bool cycleMomentum;
    private readonly double lowestMomentum;
    private readonly double highestMomentum;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="lowest">The rate at both ends of a cycle, of all groups or of each; finite, 0 or more.</param>
    /// <param name="highest">The rate in between, of all groups or of each; finite, 0 or more.</param>
    /// <param name="up">How many steps the rise takes; 1 or more.</param>
    /// <param name="down">How many steps the fall takes, 1 or more; as many as the rise if null.</param>
    /// <param name="shape">How the height of the cycles changes.</param>
    /// <param name="factor">What the height of <see cref="CycleShape.Exponential"/> is multiplied by at each step; finite, 0 or more.</param>
    /// <param name="cycleMomentum">Whether momentum (μ, or β₁ of Adam and its kin) moves too.</param>
    /// <param name="lowestMomentum">The momentum where the rate is highest; at least 0 and below 1.</param>
    /// <param name="highestMomentum">The momentum where the rate is lowest; at least 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public CyclicSchedule(
        PerGroup lowest,
        PerGroup highest,
        int up = 2000,
        int? down = null,
        CycleShape shape = CycleShape.Triangular,
        double factor = 1,
        bool cycleMomentum = true,
        double lowestMomentum = 0.8,
        double highestMomentum = 0.9)
    {
        this.lowest = lowest.Check(Name, nameof(lowest));
        this.highest = highest.Check(Name, nameof(highest));
        this.up = ScheduleCheck.Positive(Name, nameof(up), up);
        this.down = ScheduleCheck.Positive(Name, nameof(down), down ?? up);
        this.shape = shape is CycleShape.Triangular or CycleShape.Halving or CycleShape.Exponential
            ? shape
            : throw Error.Range(Name, nameof(shape), shape, "Triangular, Halving or Exponential");
        this.factor = ScheduleCheck.Factor(Name, nameof(factor), factor);
        this.cycleMomentum = cycleMomentum;
        this.lowestMomentum = ScheduleCheck.Momentum(Name, nameof(lowestMomentum), lowestMomentum);
        this.highestMomentum = ScheduleCheck.Momentum(Name, nameof(highestMomentum), highestMomentum);
    }

    /// <inheritdoc/>
    public override bool MovesMomentum => cycleMomentum;

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group) => lowest[group] + ((highest[group] - lowest[group]) * Height(step));

    /// <inheritdoc/>
    protected override double? Momentum(int step) =>
        cycleMomentum ? highestMomentum - ((highestMomentum - lowestMomentum) * Height(step)) : null;

    private double Height(int step)
    {
        var length = (long)up + down;
        var place = step % length;
        var height = place <= up ? (double)place / up : (double)(length - place) / down;
        return height * shape switch
        {
            CycleShape.Halving => Math.Pow(2, -(step / length)),
            CycleShape.Exponential => Math.Pow(factor, step),
            _ => 1,
        };
    }
}

/// <summary>How the height of a cycle changes.</summary>
public enum CycleShape
{
    /// <summary>Not at all.</summary>
    Triangular,

    /// <summary>Each cycle is half as high as the last.</summary>
    Halving,

    /// <summary>It is multiplied by a factor at each step.</summary>
    Exponential,
}
