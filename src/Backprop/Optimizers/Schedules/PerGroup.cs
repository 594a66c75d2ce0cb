using System.Globalization;

namespace Backprop.Optimizers;

/// <summary>A setting of a schedule: one number for all groups of the optimizer, or one for each. Numbers and arrays convert to it.</summary>
/// <example><code>
/// new CyclicSchedule(lowest: 1e-4, highest: new[] { 1e-2, 1e-3 });
/// </code></example>
public readonly struct PerGroup : IEquatable<PerGroup>
{
    private readonly double one;
    private readonly double[]? each;

    private PerGroup(double one, double[]? each)
    {
        this.one = one;
        this.each = each;
    }

    /// <summary>One number for all groups.</summary>
    public static implicit operator PerGroup(double value) => new(value, null);

    /// <summary>A number for each group, in their order; copied.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static implicit operator PerGroup(double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values.Length > 0
            ? new(0, [.. values])
            : throw new ArgumentException("schedule: there are no numbers; give one for each group of the optimizer.", nameof(values));
    }

    /// <summary>The number of a group.</summary>
    /// <param name="group">Its position in the optimizer.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no number for it.</exception>
    public double this[int group] => each is null ? one
        : (uint)group < (uint)each.Length ? each[group]
        : throw Error.Range("schedule", nameof(group), group, $"0 … {each.Length - 1}: the schedule was given numbers for {each.Length} groups");

    /// <inheritdoc/>
    public bool Equals(PerGroup other) => Values.SequenceEqual(other.Values) && (each is null) == (other.each is null);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PerGroup other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(each is null, each is null ? one : each[0]);

    /// <summary>Whether both have the same numbers.</summary>
    public static bool operator ==(PerGroup left, PerGroup right) => left.Equals(right);

    /// <summary>Whether the numbers differ.</summary>
    public static bool operator !=(PerGroup left, PerGroup right) => !left.Equals(right);

    /// <summary>The numbers as they are written in code.</summary>
    public override string ToString() => each is null
        ? one.ToString(CultureInfo.InvariantCulture)
        : "[" + string.Join(", ", each.Select(value => value.ToString(CultureInfo.InvariantCulture))) + "]";

    /// <summary>Throws unless every number is finite and not negative.</summary>
    internal PerGroup Check(string schedule, string name)
    {
        foreach (var value in Values)
        {
            ScheduleCheck.Factor(schedule, name, value);
        }

        return this;
    }

    private ReadOnlySpan<double> Values => each is null ? new[] { one } : each;
}
