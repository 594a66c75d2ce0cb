namespace Backprop.Tests.Architecture;

/// <summary>A change of the public face shows in review, as a change of PublicApi.txt.</summary>
public class PublicApiTests
{
    private const string Snapshot = "tests/Backprop.Tests/Architecture/PublicApi.txt";
    private const string Update = "BACKPROP_UPDATE_SNAPSHOTS";

    [Fact]
    public void ThePublicFaceIsTheOneReviewed()
    {
        var actual = PublicApi.Describe();
        var path = Repository.PathOf(Snapshot);
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        var expected = File.ReadAllText(path).ReplaceLineEndings("\n");
        var (was, now) = (expected.Split('\n'), actual.Split('\n'));
        var gone = was.Except(now).Select(line => "- " + line.Trim());
        var added = now.Except(was).Select(line => "+ " + line.Trim());
        Assert.True(
            expected == actual,
            $"the public face differs from {Snapshot}; if that is meant, run this test with {Update}=1 and commit the file:\n"
            + string.Join('\n', gone.Concat(added)));
    }

    [Fact]
    public void TheListingShowsInterfacesAndNoCompilersNames()
    {
        var lines = PublicApi.Describe().Split('\n');
        Assert.Contains("  sealed class TensorScope : IDisposable", lines);
        Assert.DoesNotContain(lines, line => line.Contains('$'));
    }
}
