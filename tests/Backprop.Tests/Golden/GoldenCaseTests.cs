namespace Backprop.Tests.Golden;

/// <summary>One test per case of the golden files whose operation is mapped.</summary>
public sealed class GoldenCaseTests
{
    public static TheoryData<string, int, string, string> Cases()
    {
        var cases = new TheoryData<string, int, string, string>();
        foreach (var golden in GoldenData.OperationFiles.SelectMany(GoldenCoverage.Mapped))
        {
            cases.Add(golden.File, golden.Line, golden.Op, golden.Name);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees(string file, int line, string op, string name)
    {
        var golden = GoldenData.Cases(file)[line - 1];
        Assert.Equal((op, name), (golden.Op, golden.Name));
        var differences = GoldenRunner.Differences(golden);
        Assert.True(differences.Count == 0, $"{golden} {golden.Arguments.Json}\n  {string.Join("\n  ", differences)}");
    }
}
