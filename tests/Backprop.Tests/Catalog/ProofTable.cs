using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Backprop.Tests.Golden;

namespace Backprop.Tests.Catalog;

/// <summary>
/// What is proved for each operation, as a table: derived from what the samples state, which the tests of the catalog try. Where something does not
/// hold, or is held by something else, a footnote says why.
/// </summary>
internal sealed partial class ProofTable
{
    private const string Yes = "✓";
    private const string Header =
        """
        | operation | samples | order 1 | order 2 | strided | float32 | 16 bits | threads | errors | golden |
        | --- | ---: | :---: | :---: | :---: | :---: | :---: | :---: | :---: | ---: |
        """;

    /// <summary>Operations that public functions of other names put on the tape.</summary>
    private static readonly Dictionary<string, string[]> runAs = new()
    {
        ["maxpool1d"] = ["max_pool"],
        ["maxpool2d"] = ["max_pool"],
        ["maxpool3d"] = ["max_pool"],
        ["maxpool2dwithindices"] = ["max_pool_positions"],
        ["adaptivemaxpool1d"] = ["max_pool"],
        ["adaptivemaxpool2d"] = ["max_pool"],
        ["avgpool1d"] = ["mean_pool"],
        ["avgpool2d"] = ["mean_pool"],
        ["avgpool3d"] = ["mean_pool"],
        ["adaptiveavgpool1d"] = ["mean_pool"],
        ["adaptiveavgpool2d"] = ["mean_pool"],
        ["multi_head_attention"] = ["scaled_dot_product_attention"],
        ["transformer_encoder_layer"] = ["scaled_dot_product_attention", "layer_norm"],
        ["slicing"] = ["slice"],
        ["addcmul"] = ["add", "multiply"],
        ["addcdiv"] = ["add", "divide"],
    };

    private readonly SortedDictionary<string, string> notes = new(StringComparer.Ordinal);
    private readonly StringBuilder rows = new();
    private readonly ILookup<string, Sample> samples = SampleCatalog.All.ToLookup(sample => sample.Operation);
    private readonly ILookup<string, ErrorCase> errors = ErrorCases.All().ToLookup(wrong => wrong.Operation);
    private readonly HashSet<string> threaded =
        [.. OperationTypes.Runs.Where(run => run.Sample.Large is not null).SelectMany(run => run.Ran.Select(op => op.Name).Append(run.Sample.Operation))];

    private readonly HashSet<string> views =
        [.. OperationTypes.Runs.SelectMany(run => run.Ran).Where(op => OperationTypes.IsView(op.Type)).Select(op => op.Name)];

    private readonly Dictionary<string, int> golden = [];

    private ProofTable()
    {
        var byPlainName = samples.ToDictionary(group => PublicFunctions.Plain(group.Key), group => group.Key);
        foreach (var (name, count) in GoldenCounts())
        {
            foreach (var operation in OperationsOf(name).Select(plain => byPlainName.GetValueOrDefault(plain, plain)).Distinct())
            {
                golden[operation] = golden.GetValueOrDefault(operation) + count;
            }
        }

        foreach (var name in samples.Select(group => group.Key).Concat(Exemptions.Operations.Keys).Order(StringComparer.Ordinal))
        {
            rows.Append(samples.Contains(name) ? Row(name) : ExemptRow(name)).Append('\n');
        }
    }

    /// <summary>Golden names whose cases the table counts nowhere.</summary>
    public IEnumerable<string> Uncounted => golden.Keys.Where(operation => !samples.Contains(operation));

    /// <summary>The table of all operations, and its footnotes.</summary>
    public static ProofTable Create() => new();

    public override string ToString()
    {
        var text = new StringBuilder(Header.ReplaceLineEndings("\n")).Append('\n').Append(rows).Append('\n');
        foreach (var (label, note) in notes)
        {
            text.Append($"[^{label}]: {note}.\n");
        }

        return text.ToString();
    }

    private string Row(string name)
    {
        var all = samples[name].ToArray();
        string[] cells =
        [
            $"`{name}`", $"{all.Length}", Order(all, 1), Order(all, 2), Yes, Yes, Yes, Threads(name, all), Errors(name),
            golden.TryGetValue(name, out var count) ? $"{count}" : "–",
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private string ExemptRow(string name)
    {
        var note = Note("checkpoints", Exemptions.Operations[name]);
        return $"| `{name}` | 0 | {string.Join(" | ", Enumerable.Repeat(note, 7))} | – |";
    }

    /// <summary>The mark, where every sample has the derivative; the mark with the reason of the others, where some have; else the reasons.</summary>
    private string Order(Sample[] all, int order)
    {
        var reasons = string.Concat(all.Where(sample => sample.Order < order)
            .Select(sample => Note(Label(sample.WhyOrder!), "No derivative, and asking for one is an error: " + sample.WhyOrder)).Distinct());
        return all.Any(sample => sample.Order >= order) ? Yes + reasons : reasons;
    }

    private string Threads(string name, Sample[] all) =>
        all.Any(sample => sample.Large is not null) ? Yes
        : views.Contains(name) ? Note("view", "A view: nothing is computed")
        : all.All(sample => sample.IsComposite) ? Note("parts", "Put together from operations that are tried on threads")
        : threaded.Contains(name) ? Note("part", "Runs in samples of other operations, which are tried on threads")
        : Note("class", "One class does this and other operations, which are tried on threads");

    private string Errors(string name)
    {
        if (errors.Contains(name) || RuleCatalog.Names.Contains(name))
        {
            return Yes;
        }

        if (Exemptions.SpeakAs.ContainsKey(name))
        {
            return Note("other-name", "Its inputs are checked by a function of another name, which has error cases");
        }

        var reason = RefusalTests.Accepting.GetValueOrDefault(name) ?? Exemptions.Accepting.GetValueOrDefault(name) ?? "unknown";
        return Note(Label(reason), "Nothing to refuse: " + reason);
    }

    /// <summary>A footnote. Labels come from their texts, so that a new row changes no other.</summary>
    private string Note(string label, string text)
    {
        Assert.True(!notes.TryGetValue(label, out var other) || other == text, $"two footnotes would be [^{label}]: '{text}' and '{other}'");
        notes[label] = text;
        return $"[^{label}]";
    }

    private static string Label(string text) => string.Join('-', Word().Matches(text.Split(',')[0].ToLowerInvariant()).Select(match => match.Value));

    /// <summary>The operations that a golden name calls: that of its own name, or those that its row in the page of names calls.</summary>
    private IEnumerable<string> OperationsOf(string goldenName)
    {
        if (samples.Contains(goldenName))
        {
            return [PublicFunctions.Plain(goldenName)];
        }

        var row = NamePage.Rows.FirstOrDefault(row => row.Names.Contains(goldenName));
        return (row?.Operations ?? [goldenName]).SelectMany(name => runAs.TryGetValue(name, out var others) ? others : [name]).Select(PublicFunctions.Plain);
    }

    /// <summary>The cases of each name in the copy beside the tests, whatever folder they are run from.</summary>
    private static IEnumerable<(string Name, int Count)> GoldenCounts() =>
        GoldenData.OperationFiles.SelectMany(file => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", "data", file + ".jsonl")))
            .Where(line => line.Length > 0)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("op").GetString()!)
            .Where(GoldenOps.Has)
            .CountBy(name => name)
            .Select(pair => (pair.Key, pair.Value));

    [GeneratedRegex("[a-z0-9]+")]
    private static partial Regex Word();
}
