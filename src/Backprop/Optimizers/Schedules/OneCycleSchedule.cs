namespace Backprop.Optimizers;

/// <summary>
/// One cycle: the rate rises from a low one to the highest and falls to one far lower, while momentum moves the other way. The base rates of the groups
/// play no part.
/// <para>From rate a to rate b, where a share t of the phase is over: b + (a − b) (1 + cos πt) / 2, or in a line a + (b − a) t.</para>
/// </summary>
/// <remarks>
/// Smith and Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates (2018). Call <see cref="Schedule.Step()"/>
/// after every batch. After the cycle the last rate stays.
/// </remarks>
public sealed class OneCycleSchedule : Schedule
{
    private const string Name = "one_cycle_schedule";

    private readonly PerGroup highest;
    private readonly int steps;
    private readonly double rise;
    private readonly Annealing annealing;
    private readonly double startDivisor;
    private readonly double endDivisor;
    private readonly bool threePhases;
    private readonly bool cycleMomentum;
    private readonly double lowestMomentum;
    private readonly double highestMomentum;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="highest">The highest rate, of all groups or of each; finite, 0 or more.</param>
    /// <param name="steps">The length of the cycle, which is steps 0 … steps − 1; 2 or more.</param>
    /// <param name="rise">The share of the cycle that rises, 0 … 1: until step rise · steps − 1.</param>
    /// <param name="annealing">How the rate goes from one to the other.</param>
    /// <param name="startDivisor">highest / startDivisor is the first rate; finite, above 0.</param>
    /// <param name="endDivisor">first / endDivisor is the last rate; finite, above 0.</param>
    /// <param name="threePhases">Whether the fall first takes as long as the rise, back to the first rate, and then goes on to the last.</param>
    /// <param name="cycleMomentum">Whether momentum (μ, or β₁ of Adam and its kin) moves too.</param>
    /// <param name="lowestMomentum">The momentum where the rate is highest; at least 0 and below 1.</param>
    /// <param name="highestMomentum">The momentum at both ends; at least 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public OneCycleSchedule(
        PerGroup highest,
        int steps,
        double rise = 0.3,
        Annealing annealing = Annealing.Cosine,
        double startDivisor = 25,
        double endDivisor = 1e4,
        bool threePhases = false,
        bool cycleMomentum = true,
        double lowestMomentum = 0.85,
        double highestMomentum = 0.95)
    {
        this.highest = highest.Check(Name, nameof(highest));
        this.steps = steps >= 2 ? steps : throw Error.Range(Name, nameof(steps), steps, "2 or more");
        this.rise = ScheduleCheck.Share(Name, nameof(rise), rise);
        this.annealing = annealing is Annealing.Cosine or Annealing.Linear
            ? annealing
            : throw Error.Range(Name, nameof(annealing), annealing, "Cosine or Linear");
        this.startDivisor = ScheduleCheck.PositiveNumber(Name, nameof(startDivisor), startDivisor);
        this.endDivisor = ScheduleCheck.PositiveNumber(Name, nameof(endDivisor), endDivisor);
        this.threePhases = threePhases;
        this.cycleMomentum = cycleMomentum;
        this.lowestMomentum = ScheduleCheck.Momentum(Name, nameof(lowestMomentum), lowestMomentum);
        this.highestMomentum = ScheduleCheck.Momentum(Name, nameof(highestMomentum), highestMomentum);
    }

    /// <inheritdoc/>
    public override bool MovesMomentum => cycleMomentum;

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group)
    {
        var (phase, part) = Place(step);
        var top = highest[group];
        var first = top / startDivisor;
        var last = first / endDivisor;
        return phase switch
        {
            0 => Between(first, top, part),
            1 => Between(top, threePhases ? first : last, part),
            _ => Between(first, last, part),
        };
    }

    /// <inheritdoc/>
    protected override double? Momentum(int step)
    {
        if (!cycleMomentum)
        {
            return null;
        }

        var (phase, part) = Place(step);
        return phase switch
        {
            0 => Between(highestMomentum, lowestMomentum, part),
            1 => Between(lowestMomentum, highestMomentum, part),
            _ => highestMomentum,
        };
    }

    /// <summary>The phase of a step, and how much of it is over.</summary>
    private (int Phase, double Part) Place(int step)
    {
        double place = Math.Min(step, steps - 1);
        var top = (rise * steps) - 1;
        if (place <= top)
        {
            return (0, top > 0 ? place / top : 1);
        }

        top = Math.Max(top, 0);
        var back = (2 * rise * steps) - 2;
        if (threePhases && place <= back)
        {
            return (1, (place - top) / (back - top));
        }

        var start = threePhases ? Math.Max(back, top) : top;
        return (threePhases ? 2 : 1, (place - start) / (steps - 1 - start));
    }

    private double Between(double from, double to, double part) => annealing == Annealing.Cosine
        ? to + ((from - to) / 2 * (1 + Math.Cos(Math.PI * part)))
        : from + ((to - from) * part);
}

/// <summary>How a rate goes from one number to another.</summary>
public enum Annealing
{
    /// <summary>Along half a cosine: slowly, quickly, slowly.</summary>
    Cosine,

    /// <summary>In equal steps.</summary>
    Linear,
}
