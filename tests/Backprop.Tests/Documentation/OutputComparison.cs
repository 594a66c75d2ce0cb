using System.Globalization;
using System.Text.RegularExpressions;

namespace Backprop.Tests.Documentation;

/// <summary>Holds what a block printed against the text block below it.</summary>
internal static partial class OutputComparison
{
    /// <summary>Throws at the first line that differs. Blanks at the end of lines and of the whole do not count.</summary>
    public static void Verify(CodeBlock expected, string printed)
    {
        var tolerance = Tolerance(expected);
        var (want, got) = (Lines(expected.Text), Lines(printed));
        for (var i = 0; i < Math.Max(want.Length, got.Length); i++)
        {
            var (wanted, found) = (i < want.Length ? want[i] : null, i < got.Length ? got[i] : null);
            if (wanted is null || found is null || !Same(wanted, found, tolerance))
            {
                throw new SnippetException(
                    $"{expected.File}:{expected.Line + 1 + i}: the page says\n  {wanted ?? "(nothing more)"}\nthe program prints\n"
                    + $"  {found ?? "(nothing more)"}\nIts whole output:\n{printed.TrimEnd()}");
            }
        }
    }

    private static double? Tolerance(CodeBlock expected)
    {
        if (expected.Find("approximate") is not { } mark)
        {
            return null;
        }

        return double.TryParse(mark.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and < 1
            ? value
            : throw new SnippetException($"{expected.Place}: approximate needs a tolerance between 0 and 1: <!-- approximate: 1e-3 -->");
    }

    private static string[] Lines(string text) =>
        [.. text.ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(line => line.TrimEnd())];

    private static bool Same(string wanted, string found, double? tolerance)
    {
        if (tolerance is null)
        {
            return wanted == found;
        }

        var (w, f) = (Number().Matches(wanted), Number().Matches(found));
        return w.Count == f.Count
            && Spaces().Replace(Number().Replace(wanted, "#"), " ") == Spaces().Replace(Number().Replace(found, "#"), " ")
            && w.Zip(f).All(pair => Near(pair.First.Value, pair.Second.Value, tolerance.Value));
    }

    private static bool Near(string wanted, string found, double tolerance)
    {
        var (w, f) = (double.Parse(wanted, CultureInfo.InvariantCulture), double.Parse(found, CultureInfo.InvariantCulture));
        return Math.Abs(w - f) <= tolerance * Math.Max(1, Math.Abs(w));
    }

    [GeneratedRegex(@"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
