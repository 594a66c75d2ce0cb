namespace Backprop.Tests.Golden;

/// <summary>The one list of what the golden files ask for and the library does not have yet. A name that is mapped must go from here.</summary>
internal static class GoldenCoverage
{
    public static readonly IReadOnlyDictionary<string, string[]> NotYet = new Dictionary<string, string[]>
    {
        ["elementwise"] = [],
        ["reductions"] = [],
        ["linalg"] = [],
        ["shape"] =
        [
        ],
        ["conv_pool"] =
        [
        ],
        ["norm_embed"] = [],
        ["losses"] = [],
        ["recurrent_attention"] = [],
        ["optimizers"] = [],
        ["schedulers"] = [],
    };

    /// <summary>The cases of a file whose operation is mapped.</summary>
    public static IEnumerable<GoldenCase> Mapped(string file) => GoldenData.Cases(file).Where(c => IsMapped(file, c.Op));

    public static bool IsMapped(string file, string op) => file switch
    {
        "optimizers" => GoldenOptimizers.Has(op),
        "schedulers" => GoldenSchedules.Has(op),
        _ => GoldenOps.Has(op),
    };

    public static bool IsListed(string file, string op) => NotYet.TryGetValue(file, out var ops) && ops.Contains(op);
}
