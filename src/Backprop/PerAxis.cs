using System.Runtime.CompilerServices;

namespace Backprop;

/// <summary>One number for all axes of a window, or one for each: <c>2</c>, or <c>[3, 2]</c>.</summary>
/// <example><code>
/// var y = x.MaxPool2d(kernelSize: 2);
/// var z = x.MaxPool2d([3, 2], stride: [2, 1], padding: [1, 0]);
/// </code></example>
[CollectionBuilder(typeof(PerAxis), nameof(Create))]
public readonly struct PerAxis : IEquatable<PerAxis>
{
    private readonly int[]? values;

    private PerAxis(int[] values) => this.values = values;

    /// <summary>Whether anything was given; <c>default</c> leaves the choice to the operation.</summary>
    internal bool IsGiven => values is not null;

    /// <summary>One number per axis.</summary>
    public static PerAxis Create(ReadOnlySpan<int> values) => new(values.ToArray());

    /// <summary>The same number for every axis.</summary>
    public static implicit operator PerAxis(int value) => new([value]);

    /// <summary>One number per axis.</summary>
    public static implicit operator PerAxis(int[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Create(values);
    }

    /// <summary>The numbers as they were given.</summary>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)(values ?? [])).GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(PerAxis other) => IsGiven == other.IsGiven && (values ?? []).AsSpan().SequenceEqual(other.values ?? []);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PerAxis other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var value in values ?? [])
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>The numbers: <c>2</c> or <c>[3, 2]</c>.</summary>
    public override string ToString() => values is [var one] ? FormattableString.Invariant($"{one}") : Error.Text(values ?? []);

    /// <summary>The same numbers.</summary>
    public static bool operator ==(PerAxis left, PerAxis right) => left.Equals(right);

    /// <summary>Other numbers.</summary>
    public static bool operator !=(PerAxis left, PerAxis right) => !left.Equals(right);

    /// <summary>One number for each of <paramref name="count"/> axes.</summary>
    /// <param name="operation">For messages.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="count">How many axes there are.</param>
    /// <param name="least">The smallest number that is legal.</param>
    /// <param name="whenMissing">What stands for nothing given.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small, or there are too few or too many.</exception>
    internal int[] Resolve(string operation, string name, int count, int least, PerAxis whenMissing)
    {
        if (!IsGiven)
        {
            return whenMissing.Resolve(operation, name, count, least, 0);
        }

        if (values!.Length != 1 && values.Length != count)
        {
            throw Error.Range(operation, name, Error.Text(values), count == 1 ? "one number" : $"one number, or one for each of {count} axes");
        }

        foreach (var value in values)
        {
            if (value < least)
            {
                throw Error.Range(operation, name, ToString(), FormattableString.Invariant($"at least {least} on every axis"));
            }
        }

        var result = new int[count];
        for (var axis = 0; axis < count; axis++)
        {
            result[axis] = values[values.Length == 1 ? 0 : axis];
        }

        return result;
    }
}
