namespace Backprop;

/// <summary>
/// How much is added around the input of a convolution: a number of positions on both sides of every axis, or <see cref="Same"/>.
/// </summary>
/// <remarks>Made from a number, a tuple or an array: <c>padding: 1</c>, <c>padding: (1, 2)</c>, <c>padding: Padding.Same</c>.</remarks>
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

    /// <summary>The positions on each side; 0 for <see cref="Same"/>.</summary>
    public PerAxis Numbers { get; }

    /// <summary>The same number for all axes.</summary>
    public static implicit operator Padding(int all) => new(all, false);

    /// <summary>Numbers for two axes.</summary>
    public static implicit operator Padding((int First, int Second) each) => new(each, false);

    /// <summary>Numbers for three axes.</summary>
    public static implicit operator Padding((int First, int Second, int Third) each) => new(each, false);

    /// <summary>A number for each axis.</summary>
    /// <exception cref="ArgumentException">There are no numbers.</exception>
    public static implicit operator Padding(int[] each) => new(each, false);

    /// <summary>One number for all axes, or one for each.</summary>
    public static implicit operator Padding(PerAxis numbers) => new(numbers, false);

    /// <summary>The same padding, given in the same way.</summary>
    public static bool operator ==(Padding left, Padding right) => left.Equals(right);

    /// <summary>Different paddings.</summary>
    public static bool operator !=(Padding left, Padding right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Padding other) => IsSame == other.IsSame && Numbers == other.Numbers;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Padding other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsSame, Numbers);

    /// <summary>The numbers, or "same".</summary>
    public override string ToString() => IsSame ? "same" : Numbers.ToString();
}
