namespace Backprop.Tests.Catalog;

/// <summary>
/// Whether writing to a result changes an input is a matter of the function, not of a parameter's value: views are views always, and everything else has
/// storage of its own, also where nothing was to be done.
/// </summary>
public sealed class AliasTests
{
    private static readonly HashSet<string> views =
    [
        "alias", "broadcast_tensors", "chunk", "diagonal", "expand", "flatten", "flip", "mesh_grid", "move_axis", "narrow", "permute", "reshape",
        "rotate90", "select", "slice", "sliding_windows", "split", "squeeze", "transpose", "unbind", "unflatten", "unsqueeze",
    ];

    public static TheoryData<string> Names() => SampleCatalog.Names(_ => true);

    [Theory]
    [MemberData(nameof(Names))]
    public void ResultsAreViewsAlwaysOrNever(string name)
    {
        var sample = SampleCatalog.Get(name);
        var inputs = sample.Inputs.Select(input => input.Detach()).ToArray();
        foreach (var result in sample.Call(inputs))
        {
            var isView = inputs.Any(input => ReferenceEquals(input.Storage, result.Storage));

            // Diag takes a diagonal out of a matrix, or makes a matrix of one: two functions under one name, as everywhere.
            var expected = views.Contains(sample.Operation) || sample is { Operation: "diag", Inputs: [{ Rank: 2 }] };
            Assert.True(isView == expected, $"{sample.Operation} shares storage with an input: {isView}");
        }
    }
}
