namespace Backprop.Tests.Golden;

/// <summary>Whether a name of the golden files stands for something here. Every one must; a folder of newer cases may have names of its own.</summary>
internal static class GoldenCoverage
{
    /// <summary>The cases of a file whose operation is mapped.</summary>
    public static IEnumerable<GoldenCase> Mapped(string file) => GoldenData.Cases(file).Where(c => IsMapped(file, c.Op));

    public static bool IsMapped(string file, string op) => file switch
    {
        "optimizers" => GoldenOptimizers.Has(op),
        "schedulers" => GoldenSchedules.Has(op),
        _ => GoldenOps.Has(op),
    };
}
