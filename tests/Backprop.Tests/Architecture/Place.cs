using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace Backprop.Tests.Architecture;

/// <summary>Does a file, given by its path below src/Backprop, lie in a place of the table?</summary>
internal static class Place
{
    private static readonly ConcurrentDictionary<string, Regex> Patterns = new();

    /// <summary>True if <paramref name="file"/> lies in <paramref name="place"/>: a folder, a file pattern, or "" for everything.</summary>
    public static bool Contains(string place, string file) =>
        place.Length == 0
        || (place.EndsWith(".cs", StringComparison.Ordinal)
            ? Patterns.GetOrAdd(place, Pattern).IsMatch(file)
            : file.StartsWith(place + "/", StringComparison.Ordinal));

    /// <summary>True if <paramref name="file"/> lies in any of <paramref name="places"/>.</summary>
    public static bool AnyContains(IEnumerable<string> places, string file) => places.Any(place => Contains(place, file));

    private static Regex Pattern(string place)
    {
        var pattern = new StringBuilder("^");
        foreach (var part in Regex.Split(place, @"(\*)"))
        {
            pattern.Append(part == "*" ? "[^/]*" : Regex.Escape(part));
        }

        return new Regex(pattern.Append('$').ToString(), RegexOptions.CultureInvariant);
    }
}
