using System.Reflection;
using System.Text.RegularExpressions;
using Backprop.Layers;
using Backprop.Optimizers;

namespace Backprop.Tests.Golden;

/// <summary>The page of names beside the operations: which call stands for which name of the golden files.</summary>
internal static partial class NamePage
{
    public const string File = "src/Backprop/Ops/README.md";

    private static readonly Dictionary<string, Type[]> types = typeof(Tensor).Assembly.GetExportedTypes()
        .GroupBy(type => type.Name.Split('`')[0]).ToDictionary(group => group.Key, group => group.ToArray());

    private static readonly HashSet<string> values = [.. types.Values.SelectMany(group => group).Where(type => type.IsEnum).SelectMany(Enum.GetNames)];

    /// <summary>What variables in the calls stand for; others are tensors.</summary>
    private static readonly Dictionary<string, string> variables = new()
    {
        ["optimizer"] = nameof(Optimizer),
        ["schedule"] = nameof(Schedule),
        ["layer"] = nameof(TransformerEncoderLayer),
        ["attention"] = nameof(MultiHeadAttention),
    };

    private static readonly Dictionary<string, string> operators = new()
    {
        ["-x"] = "negate",
        ["x + y"] = "add",
        ["x - y"] = "subtract",
        ["x * y"] = "multiply",
        ["x / y"] = "divide",
    };

    /// <summary>The rows of its tables, in order.</summary>
    public static IReadOnlyList<Row> Rows { get; } = Parse(System.IO.File.ReadAllText(Repository.PathOf(File)));

    public static IReadOnlyList<Row> Parse(string text)
    {
        var rows = new List<Row>();
        foreach (var (index, line) in text.ReplaceLineEndings("\n").Split('\n').Index())
        {
            if (line.StartsWith("| `", StringComparison.Ordinal) && line.Split('|') is [_, var names, var calls, _])
            {
                rows.Add(new Row(index + 1, [.. Codes(names).Select(name => name.Split('.')[^1])], Codes(calls)));
            }
        }

        return rows;
    }

    private static string[] Codes(string cell) => [.. Code().Matches(cell).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\bnew ([A-Z]\w*)")]
    private static partial Regex Construction();

    [GeneratedRegex(@"(?:\b([A-Za-z_]\w*)|[\])])\.([A-Z]\w*)")]
    private static partial Regex Access();

    [GeneratedRegex(@"^[A-Z]\w*$")]
    private static partial Regex Bare();

    /// <summary>A row: names on the left, calls on the right.</summary>
    internal sealed record Row(int Line, string[] Names, string[] Calls)
    {
        /// <summary>The operations that the first call names, in lower case without underscores; the name itself where it is an index expression.</summary>
        public IReadOnlyList<string> Operations
        {
            get
            {
                var methods = Access().Matches(Calls[0])
                    .Where(match => !types.TryGetValue(match.Groups[1].Value, out var owners) || owners.Any(owner => !owner.IsEnum && !owner.IsValueType))
                    .Select(match => match.Groups[2].Value.ToLowerInvariant()).ToArray();
                return operators.TryGetValue(Calls[0], out var symbol) ? [symbol] : methods.Length > 0 ? methods : Names;
            }
        }

        /// <summary>What the calls name and the public face does not have.</summary>
        public IEnumerable<string> Unknown()
        {
            foreach (var call in Calls)
            {
                foreach (var name in Construction().Matches(call).Select(match => match.Groups[1].Value).Where(name => !types.ContainsKey(name)))
                {
                    yield return name;
                }

                foreach (Match match in Access().Matches(call))
                {
                    var (owner, member) = (match.Groups[1].Value, match.Groups[2].Value);
                    var type = owner.Length > 0 && char.IsUpper(owner[0]) ? owner : variables.GetValueOrDefault(owner, nameof(Tensor));
                    if (!HasMember(type, member))
                    {
                        yield return $"{type}.{member}";
                    }
                }

                if (Bare().IsMatch(call) && !types.ContainsKey(call) && !values.Contains(call) && !HasMember(nameof(Schedule), call))
                {
                    yield return call;
                }
            }
        }

        private static bool HasMember(string type, string member) =>
            types.TryGetValue(type, out var found) && found.Any(candidate => candidate
                .GetMember(member, BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy).Length > 0);
    }
}
