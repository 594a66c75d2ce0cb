using System.Globalization;
using System.Text;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Backprop.Tests.Golden;

/// <summary>Every golden case runs, and every deviation from PyTorch is one.</summary>
public sealed class GoldenCoverageTests(GoldenReport report, ITestOutputHelper output) : IClassFixture<GoldenReport>
{
    [Fact]
    public void EveryNameIsMapped()
    {
        output.WriteLine(report.Text);
        foreach (var file in GoldenData.Files)
        {
            var missing = GoldenData.Cases(file).Select(c => c.Op).Distinct().Where(op => !GoldenCoverage.IsMapped(file, op)).ToArray();
            Assert.True(missing.Length == 0, $"{file}: not mapped to anything here: {string.Join(", ", missing)}");
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

    /// <summary>A line per file.</summary>
    private static string Write()
    {
        var text = new StringBuilder($"golden: cases from {GoldenData.Folder}").AppendLine();
        foreach (var file in GoldenData.Files)
        {
            var cases = GoldenData.Cases(file);
            text.AppendLine($"  {file,-20}{cases.Count(c => GoldenCoverage.IsMapped(file, c.Op)),4} of {cases.Count,3} run");
        }

        var unmapped = GoldenData.Files.Sum(file => GoldenData.Cases(file).Select(c => c.Op).Distinct().Count(op => !GoldenCoverage.IsMapped(file, op)));
        return text.Append(CultureInfo.InvariantCulture, $"golden: {unmapped} unmapped names").ToString();
    }
}
