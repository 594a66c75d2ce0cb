using System.Globalization;

namespace Backprop;

/// <summary>A derivative as the tape gives it, beside the same derivative by central differences.</summary>
/// <param name="Order">1 for a gradient, 2 for a gradient of a gradient, …</param>
/// <param name="Input">The number of the input it is taken with respect to, from 0.</param>
/// <param name="Place">That input in words, with its name and shape, and the index of the element.</param>
/// <param name="Analytic">By the tape.</param>
/// <param name="Numeric">By differences.</param>
/// <param name="Allowed">The largest distance between the two that passes.</param>
public readonly record struct GradientElement(int Order, int Input, string Place, double Analytic, double Numeric, double Allowed)
{
    /// <summary>The distance between the two values.</summary>
    public double Error => Math.Abs(Analytic - Numeric);

    /// <summary>Whether the two values are finite and near enough.</summary>
    public bool IsMatch => Error <= Allowed;

    /// <summary>The error as a multiple of what is allowed; infinite where a value is not finite.</summary>
    internal double Badness => double.IsFinite(Error) ? Error / Math.Max(Allowed, double.Epsilon) : double.PositiveInfinity;

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"order {Order}, {Place}: analytic {Analytic:G10}, numeric {Numeric:G10}, off by {Error:G3} (allowed {Allowed:G3})");
}

/// <summary>What <see cref="GradientCheck.Compare"/> found.</summary>
/// <param name="Elements">How many derivatives were compared.</param>
/// <param name="Mismatches">How many of them disagree.</param>
/// <param name="First">The first that disagrees; the worst where all agree.</param>
/// <param name="Worst">The one with the largest error in proportion to what is allowed.</param>
public readonly record struct GradientComparison(int Elements, int Mismatches, GradientElement First, GradientElement Worst)
{
    /// <summary>Whether all agree.</summary>
    public bool IsMatch => Mismatches == 0;

    /// <summary>The finding in words.</summary>
    public override string ToString() => Elements == 0
        ? "there are no elements to compare"
        : IsMatch
            ? $"{Elements} derivatives agree; the worst is {Worst}"
            : First == Worst
                ? $"{First}. {Mismatches} of {Elements} derivatives disagree; this one is the worst"
                : $"{First}. {Mismatches} of {Elements} derivatives disagree; the worst is {Worst}";
}

/// <summary>The tape's derivatives and those by differences disagree, or the function can't be checked at all.</summary>
public sealed class GradientCheckException : Exception
{
    /// <summary>Creates the exception.</summary>
    public GradientCheckException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception for a finding.</summary>
    public GradientCheckException(string message, GradientComparison comparison)
        : base(message) => Comparison = comparison;

    /// <summary>What was found; null where the function could not be checked.</summary>
    public GradientComparison? Comparison { get; }
}
