using System.Runtime.CompilerServices;

namespace Backprop;

/// <summary>
/// How much is added around the input of a convolution: a number of positions on both sides of every axis, or <see cref="Same"/>.
/// </summary>
/// <example><code>
/// var y = Tensor.Conv2d(x, weight, padding: 1);
/// var z = Tensor.Conv2d(x, weight, padding: [1, 0]);
/// var w = Tensor.Conv2d(x, weight, padding: Padding.Same);
/// </code></example>
[CollectionBuilder(typeof(Padding), nameof(Create))]
public readonly struct Padding : IEquatable<Padding>
{
    private Padding(PerAxis numbers, bool isSame) => (Numbers, IsSame) = (numbers, isSame);

    /// <summary>
    /// As much as makes the result as large as the input: dilation · (kernel − 1) in all, an odd one behind. Only for stride 1.
    /// </summary>
    public static Padding Same => new(0, true);

    /// <summary>None: the kernel stays within the input.</summary>
    public static Padding Valid => default;

    /// <summary>Whether this is <see cref="Same"/>.</summary>
    public bool IsSame { get; }

    /// <summary>The positions on each side, as they were given.</summary>
    public PerAxis Numbers { get; }

    /// <summary>One number per axis.</summary>
    public static Padding Create(ReadOnlySpan<int> values) => PerAxis.Create(values);

    /// <summary>The same number for all axes.</summary>
    public static implicit operator Padding(int value) => new(value, false);

    /// <summary>One number for all axes, or one for each.</summary>
    public static implicit operator Padding(PerAxis numbers) => new(numbers, false);

    /// <summary>The same padding, given in the same way.</summary>
    public static bool operator ==(Padding left, Padding right) => left.Equals(right);

    /// <summary>Different paddings.</summary>
    public static bool operator !=(Padding left, Padding right) => !left.Equals(right);

    /// <summary>The numbers as they were given.</summary>
    public IEnumerator<int> GetEnumerator() => Numbers.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Padding other) => IsSame == other.IsSame && Numbers == other.Numbers;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Padding other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsSame, Numbers);

    /// <summary>The numbers, or "same".</summary>
    public override string ToString() => IsSame ? "same" : Numbers == default ? "0" : Numbers.ToString();
}
