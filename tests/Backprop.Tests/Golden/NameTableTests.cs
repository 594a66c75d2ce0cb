namespace Backprop.Tests.Golden;

/// <summary>The page of names is complete, and what it names exists.</summary>
public sealed class NameTableTests
{
    [Fact]
    public void EveryGoldenNameHasARow()
    {
        var named = NamePage.Rows.SelectMany(row => row.Names).ToHashSet();
        var missing =
            from file in GoldenData.Files
            from op in GoldenData.Cases(file).Select(c => c.Op).Distinct()
            where GoldenCoverage.IsMapped(file, op) && !named.Contains(op)
            group op by file into ops
            select $"{ops.Key}: {string.Join(' ', ops)}";
        var lines = string.Join('\n', missing);
        Assert.True(lines.Length == 0, $"golden names without a row in {NamePage.File}:\n{lines}");
    }

    [Fact]
    public void NoNameHasTwoRows() => Assert.Distinct(NamePage.Rows.SelectMany(row => row.Names));

    [Fact]
    public void TheCallsNameWhatExists()
    {
        var unknown = NamePage.Rows.SelectMany(row => row.Unknown().Select(name => $"{NamePage.File}:{row.Line}: there is no public {name}"));
        Assert.Empty(unknown);
        Assert.All(NamePage.Rows, row => Assert.True(row.Calls.Length > 0, $"{NamePage.File}:{row.Line}: no call in code marks"));
    }

    [Fact]
    public void WhatDoesNotExistIsFound()
    {
        var rows = NamePage.Parse(
            """
            | `torch.a` / `b` | `x.Exp()`, layer `Linear`; `Losses.L1(x, y, Reduction.Mean)` |
            | `c` | `x.Exq().Abs()`, `new Adan(parameters)`, `Losses.L3(x)`, `Lineal`, `x.Sum(Reduction.Maen)`, `schedule.Exp()` |
            """);
        Assert.Equal(["a", "b"], rows[0].Names);
        Assert.Empty(rows[0].Unknown());
        Assert.Equal(["Tensor.Exq", "Adan", "Losses.L3", "Lineal", "Reduction.Maen", "Schedule.Exp"], rows[1].Unknown());
        Assert.Equal(["exq", "abs"], rows[1].Operations);
    }
}
