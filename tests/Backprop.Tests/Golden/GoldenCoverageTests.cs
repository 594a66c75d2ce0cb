using System.Text;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Backprop.Tests.Golden;

/// <summary>Says which golden cases run and which don't yet, and keeps the list of the missing ones honest.</summary>
public sealed class GoldenCoverageTests(GoldenReport report, ITestOutputHelper output) : IClassFixture<GoldenReport>
{
    [Fact]
    public void EveryOperationIsMappedOrListed()
    {
        output.WriteLine(report.Text);
        foreach (var file in GoldenData.Files)
        {
            foreach (var op in GoldenData.Cases(file).Select(c => c.Op).Distinct())
            {
                Assert.True(
                    GoldenCoverage.IsMapped(file, op) || GoldenCoverage.IsListed(file, op),
                    $"{file}: '{op}' is neither mapped in {nameof(GoldenOps)} nor listed in {nameof(GoldenCoverage)}.{nameof(GoldenCoverage.NotYet)}");
            }
        }
    }

    [Fact]
    public void NothingThatIsMappedIsListed()
    {
        foreach (var (file, ops) in GoldenCoverage.NotYet)
        {
            foreach (var op in ops)
            {
                Assert.False(
                    GoldenCoverage.IsMapped(file, op),
                    $"{file}: '{op}' is mapped and must go from {nameof(GoldenCoverage)}.{nameof(GoldenCoverage.NotYet)}");
            }
        }
    }

    [Fact]
    public void TheListsNameNothingTwiceAndNothingUnknown()
    {
        Assert.Equal(GoldenData.Files.Order(), GoldenCoverage.NotYet.Keys.Order());
        foreach (var (file, ops) in GoldenCoverage.NotYet)
        {
            Assert.Equal(ops.Distinct().Count(), ops.Length);
            if (GoldenData.IsOwnCopy)
            {
                Assert.Empty(ops.Except(GoldenData.Cases(file).Select(c => c.Op)));
            }
        }
    }

    [Fact]
    public void EveryDeviationStillDeviates()
    {
        foreach (var op in GoldenDeviations.ByOp.Keys.Where(_ => GoldenData.IsOwnCopy))
        {
            var special = GoldenData.OperationFiles.SelectMany(GoldenCoverage.Mapped).Where(c => c.Op == op && c.IsSpecial);
            Assert.True(
                special.Any(c => GoldenRunner.Differences(c, allowDeviations: false).Count > 0),
                $"'{op}' agrees with PyTorch; take it from the deviations.");
        }
    }
}

/// <summary>The summary, sent once as a message of the test run so that it shows whatever the verbosity.</summary>
public sealed class GoldenReport
{
    public GoldenReport(IMessageSink sink)
    {
        Text = Write();
        sink.OnMessage(new DiagnosticMessage(Text));
    }

    public string Text { get; }

    /// <summary>A line per file, then the names that are missing.</summary>
    private static string Write()
    {
        var text = new StringBuilder($"golden: cases from {GoldenData.Folder}").AppendLine();
        var missing = new StringBuilder();
        foreach (var file in GoldenData.Files)
        {
            var cases = GoldenData.Cases(file);
            text.AppendLine($"  {file,-20}{cases.Count(c => GoldenCoverage.IsMapped(file, c.Op)),4} of {cases.Count,3} run");
            var names = cases.Where(c => !GoldenCoverage.IsMapped(file, c.Op)).Select(c => c.Op).Distinct().ToArray();
            if (names.Length > 0)
            {
                Wrap(missing, $"  {file,-20}", names);
            }
        }

        return text.AppendLine("golden: operations of later issues, not mapped yet:").Append(missing).ToString().TrimEnd();
    }

    private static void Wrap(StringBuilder text, string head, IEnumerable<string> names)
    {
        const int Width = 120;
        var line = head;
        foreach (var name in names)
        {
            if (line.Length + 1 + name.Length > Width)
            {
                text.AppendLine(line);
                line = new string(' ', head.Length);
            }

            line += " " + name;
        }

        text.AppendLine(line);
    }
}
