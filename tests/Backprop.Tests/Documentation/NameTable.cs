using System.Reflection;
using System.Text.RegularExpressions;

namespace Backprop.Tests.Documentation;

/// <summary>The table "PyTorch | Backprop" of a page: its right column names types and members of the library.</summary>
internal static partial class NameTable
{
    /// <summary>The names in code marks in the right column, with their lines; keyword-like words in lower case are parameters.</summary>
    public static IEnumerable<(int Line, string Name)> Names(string text)
    {
        var inside = false;
        foreach (var (index, line) in text.ReplaceLineEndings("\n").Split('\n').Index())
        {
            inside = line.StartsWith("| PyTorch | Backprop |", StringComparison.Ordinal) || (inside && line.StartsWith('|'));
            var cells = line.Split('|');
            if (!inside || cells.Length != 4)
            {
                continue;
            }

            foreach (Match match in Code().Matches(cells[2]))
            {
                if (char.IsUpper(match.Groups[1].Value[0]))
                {
                    yield return (index + 1, match.Groups[1].Value);
                }
            }
        }
    }

    /// <summary>Is there a public type, or a public member <c>Type.Member</c>, of this name?</summary>
    public static bool Exists(string name)
    {
        var (type, member) = name.Split('.') is [var left, var right] ? (left, right) : (name, null);
        return typeof(IReal<>).Assembly.GetExportedTypes()
            .Where(candidate => candidate.Name.Split('`')[0] == type)
            .Any(candidate => member is null || Members(candidate).Any(found => found.Name == member));
    }

    private static MemberInfo[] Members(Type type) =>
        type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
