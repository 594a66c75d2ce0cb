using System.Globalization;

namespace Backprop.Optimizers;

/// <summary>A schedule that is made of others.</summary>
public abstract class ComposedSchedule : Schedule
{
    private readonly Schedule[] parts;

    private protected ComposedSchedule(string name, IEnumerable<Schedule> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        this.parts = [.. parts];
        if (this.parts.Length == 0 || Array.IndexOf(this.parts, null) >= 0)
        {
            throw new ArgumentException(
                $"{name}: {(this.parts.Length == 0 ? "there are no schedules; give at least one" : "a schedule is null")}.", nameof(parts));
        }

        foreach (var part in this.parts)
        {
            part.CheckFree();
        }

        if (this.parts.Distinct().Count() < this.parts.Length)
        {
            throw new ArgumentException($"{name}: a schedule appears twice; make one for each place.", nameof(parts));
        }
    }

    /// <summary>The schedules that this one is made of.</summary>
    public IReadOnlyList<Schedule> Parts => parts;

    /// <inheritdoc/>
    public override bool MovesMomentum => Array.Exists(parts, part => part.MovesMomentum);

    /// <summary>Binds the parts, once everything else is checked.</summary>
    private protected void TakeParts()
    {
        foreach (var part in parts)
        {
            part.BecomePart();
        }
    }

    internal override IEnumerable<(string Name, double Value)> Numbers(string prefix) => parts.SelectMany((part, i) => part.Numbers(Prefix(prefix, i)));

    internal override void CheckNumbers(string prefix, IReadOnlyDictionary<string, double> numbers)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i].CheckNumbers(Prefix(prefix, i), numbers);
        }
    }

    internal override void SetNumbers(string prefix, IReadOnlyDictionary<string, double> numbers)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i].SetNumbers(Prefix(prefix, i), numbers);
        }
    }

    private static string Prefix(string prefix, int index) => string.Create(CultureInfo.InvariantCulture, $"{prefix}parts.{index}.");
}
