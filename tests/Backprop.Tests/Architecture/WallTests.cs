using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Backprop.Tests.Architecture;

/// <summary>The house as it stands keeps to its walls and its rules.</summary>
public partial class WallTests
{
    private const int LongestFile = 450;
    private const int WidestLine = 160;

    [Fact]
    public void TheLibraryBindsSoThatEveryNameIsJudged()
    {
        Assert.NotEmpty(SourceTree.OfTheLibrary.Files);
        AssertNone(SourceTree.OfTheLibrary.Errors(), "errors of the compiler that reads the code");
    }

    [Fact]
    public void NoFolderSeesWhatItMayNotSee() =>
        AssertNone(new WallChecker(SourceTree.OfTheLibrary, Walls.All, Walls.Fences).Check(), "forbidden references");

    [Fact]
    public void NoFileIsTooLong() =>
        AssertNone(
            new[] { "src", "tests", "benchmarks", "samples" }.SelectMany(folder => Repository.Files(folder, ".cs"))
                .Select(file => (file, lines: File.ReadAllLines(Repository.PathOf(file)).Length))
                .Where(entry => entry.lines > LongestFile)
                .Select(entry => $"{entry.file}:{entry.lines}: {entry.lines} lines; one concept, one file, at most {LongestFile} lines"),
            "files that are too long");

    [Fact]
    public void NoLineIsTooWide() =>
        AssertNone(
            from file in Repository.Files("src", ".cs").Concat(Repository.Files("samples", ".cs"))
            from line in File.ReadAllLines(Repository.PathOf(file)).Index()
            where line.Item.Length > WidestLine
            select $"{file}:{line.Index + 1}: {line.Item.Length} characters, at most {WidestLine}",
            "lines that are too wide");

    [Fact]
    public void NamespacesFollowFolders()
    {
        var wrong =
            from file in SourceTree.OfTheLibrary.Files
            let folder = file.FilePath.Contains('/') ? file.FilePath[..file.FilePath.IndexOf('/')] : null
            from space in file.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
            let name = space.Name.ToString()
            let nested = file.FilePath.Contains('/') ? "Backprop." + file.FilePath[..file.FilePath.LastIndexOf('/')].Replace('/', '.') : null
            where name != "Backprop" && (folder is null || (name != $"Backprop.{folder}" && name != nested))
            select $"src/Backprop/{file.FilePath}: namespace {name} should be Backprop{(folder is null ? "" : $" or Backprop.{folder}")}";
        AssertNone(wrong, "namespaces out of place");
    }

    [Fact]
    public void NothingIsLeftForLaterOrSilenced()
    {
        var found =
            from file in Repository.Files("src", ".cs").Concat(Repository.Files("samples", ".cs")).Concat(Repository.Files("tests", ".cs"))
            where !file.StartsWith("tests/Backprop.Tests/Architecture/", StringComparison.Ordinal)
            from line in File.ReadAllLines(Repository.PathOf(file)).Index()
            where Unfinished().IsMatch(line.Item)
            select $"{file}:{line.Index + 1}: {line.Item.Trim()}";
        AssertNone(found, "unfinished or silenced places (a skipped test, a warning switched off without a reason on its line)");
    }

    [GeneratedRegex(
        @"\b(TODO|FIXME|HACK|XXX)\b|\bSkip\s*=\s*""|NotImplementedException"
        + @"|#pragma warning disable(?!.*//)|SuppressMessage\((?!.*Justification)")]
    private static partial Regex Unfinished();

    private static void AssertNone(IEnumerable<string> found, string what)
    {
        var list = found.ToList();
        Assert.True(list.Count == 0, $"{list.Count} {what}:{Environment.NewLine}{string.Join(Environment.NewLine, list)}");
    }
}
