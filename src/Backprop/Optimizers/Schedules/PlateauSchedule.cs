namespace Backprop.Optimizers;

/// <summary>
/// The rate is multiplied by a factor each time a metric, such as the validation loss, has not got better for a while; call
/// <see cref="Schedule.Step(double)"/> with the metric.
/// </summary>
/// <example><code>
/// var schedule = new PlateauSchedule(factor: 0.5, patience: 3).Attach(optimizer);
/// …
/// schedule.Step(validationLoss);
/// </code></example>
public sealed class PlateauSchedule : Schedule
{
    private const string Schedule = "plateau_schedule";

    private readonly double factor;
    private readonly int patience;
    private readonly double threshold;
    private readonly PlateauThreshold kind;
    private readonly bool maximize;
    private readonly int coolDown;
    private readonly PerGroup lowest;
    private readonly double leastChange;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="factor">What the rate is multiplied by; at least 0 and below 1.</param>
    /// <param name="patience">How many steps in a row may pass without improvement before the rate falls; 0 or more.</param>
    /// <param name="threshold">How much better than the best a metric must be to count; finite, 0 or more.</param>
    /// <param name="kind">What the threshold is a share of.</param>
    /// <param name="maximize">Whether larger metrics are better.</param>
    /// <param name="coolDown">How many steps after a fall bad metrics don't count; 0 or more.</param>
    /// <param name="lowest">The rate below which it does not fall, of all groups or of each; finite, 0 or more.</param>
    /// <param name="leastChange">Falls by this or less are left out; finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public PlateauSchedule(
        double factor = 0.1,
        int patience = 10,
        double threshold = 1e-4,
        PlateauThreshold kind = PlateauThreshold.Relative,
        bool maximize = false,
        int coolDown = 0,
        PerGroup lowest = default,
        double leastChange = 1e-8)
    {
        this.factor = factor is >= 0 and < 1 ? factor : throw Error.Range(Schedule, nameof(factor), factor, "at least 0 and below 1");
        this.patience = ScheduleCheck.NotNegative(Schedule, nameof(patience), patience);
        this.threshold = ScheduleCheck.Factor(Schedule, nameof(threshold), threshold);
        this.kind = kind is PlateauThreshold.Relative or PlateauThreshold.Absolute
            ? kind
            : throw Error.Range(Schedule, nameof(kind), kind, "Relative or Absolute");
        this.maximize = maximize;
        this.coolDown = ScheduleCheck.NotNegative(Schedule, nameof(coolDown), coolDown);
        this.lowest = lowest.Check(Schedule, nameof(lowest));
        this.leastChange = ScheduleCheck.Factor(Schedule, nameof(leastChange), leastChange);
        Best = maximize ? double.NegativeInfinity : double.PositiveInfinity;
    }

    /// <summary>The best metric so far; an infinity before the first.</summary>
    public double Best { get; private set; }

    /// <summary>How many steps in a row brought no improvement.</summary>
    public int BadSteps { get; private set; }

    /// <summary>How many steps bad metrics still don't count.</summary>
    public int CoolDownLeft { get; private set; }

    /// <summary>How often the rate fell.</summary>
    public int Reductions { get; private set; }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group)
    {
        var rate = baseRate;
        for (var i = 0; i < Reductions; i++)
        {
            var next = Math.Max(rate * factor, lowest[group]);
            if (!(rate - next > leastChange))
            {
                break;
            }

            rate = next;
        }

        return rate;
    }

    internal override bool FollowsMetricAt(int step) => true;

    internal override void Observe(int step, double metric)
    {
        if (IsBetter(metric))
        {
            Best = metric;
            BadSteps = 0;
        }
        else
        {
            BadSteps++;
        }

        if (CoolDownLeft > 0)
        {
            CoolDownLeft--;
            BadSteps = 0;
        }

        if (BadSteps > patience)
        {
            Reductions++;
            CoolDownLeft = coolDown;
            BadSteps = 0;
        }
    }

    internal override IEnumerable<(string Name, double Value)> Numbers(string prefix) =>
    [
        (prefix + "best", Best), (prefix + "bad_steps", BadSteps), (prefix + "cool_down_left", CoolDownLeft), (prefix + "reductions", Reductions),
    ];

    internal override void CheckNumbers(string prefix, IReadOnlyDictionary<string, double> numbers)
    {
        if (double.IsNaN(numbers[prefix + "best"]))
        {
            throw Error.Range("load_state_dictionary", prefix + "best", double.NaN, "a number");
        }

        foreach (var name in new[] { "bad_steps", "cool_down_left", "reductions" })
        {
            var value = numbers[prefix + name];
            if (!(value is >= 0 and <= int.MaxValue && value == Math.Floor(value)))
            {
                throw Error.Range("load_state_dictionary", prefix + name, value, $"a whole number, 0 … {int.MaxValue}");
            }
        }
    }

    internal override void SetNumbers(string prefix, IReadOnlyDictionary<string, double> numbers)
    {
        Best = numbers[prefix + "best"];
        BadSteps = (int)numbers[prefix + "bad_steps"];
        CoolDownLeft = (int)numbers[prefix + "cool_down_left"];
        Reductions = (int)numbers[prefix + "reductions"];
    }

    // Before the first metric the best is infinite, and no share of it is a number.
    private bool IsBetter(double metric) => double.IsInfinity(Best) ? (maximize ? metric > Best : metric < Best) : (kind, maximize) switch
    {
        (PlateauThreshold.Relative, false) => metric < Best * (1 - threshold),
        (PlateauThreshold.Relative, true) => metric > Best * (1 + threshold),
        (_, false) => metric < Best - threshold,
        (_, true) => metric > Best + threshold,
    };
}

/// <summary>What the threshold of <see cref="PlateauSchedule"/> is.</summary>
public enum PlateauThreshold
{
    /// <summary>A share of the best metric.</summary>
    Relative,

    /// <summary>A difference to the best metric.</summary>
    Absolute,
}
