using System.Globalization;

namespace WorkedExample;

/// <summary>
/// The sheet of paper: writes each quantity with its formula, the numbers put in, and the value that the tape computed; and holds the
/// formula's own value against it.
/// </summary>
public sealed class Paper
{
    /// <summary>The largest difference so far between a formula worked out by hand and the tape.</summary>
    public double LargestDifference { get; private set; }

    public static void Heading(string text) => Console.WriteLine($"\n{text}\n{new string('-', text.Length)}");

    /// <summary>name = formula = numbers = value</summary>
    public void Write(string name, string formula, string numbers, double byHand, double byTape)
    {
        Console.WriteLine($"{name} = {formula} = {numbers} = {Show(byTape)}");
        LargestDifference = Math.Max(LargestDifference, Math.Abs(byHand - byTape));
    }

    /// <summary>Six decimals, unless two are enough: the given weights stay 0.1, 0.2, …</summary>
    public static string Show(double value)
    {
        var format = Math.Abs(value - Math.Round(value, 2)) < 1e-12 ? "0.##" : "0.000000";
        return value.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−');
    }

    /// <summary>The same, in brackets where negative.</summary>
    public static string Factor(double value) => value < 0 ? $"({Show(value)})" : Show(value);

    /// <summary>Small numbers under a name: w with 2 and 1 is w₂₁.</summary>
    public static string Index(string name, params ReadOnlySpan<int> indices)
    {
        foreach (var index in indices)
        {
            name += (char)('₀' + index);
        }

        return name;
    }
}
