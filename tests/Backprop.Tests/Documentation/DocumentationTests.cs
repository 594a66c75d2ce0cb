using System.Text.RegularExpressions;

namespace Backprop.Tests.Documentation;

/// <summary>What the pages of the repository say is so: programs compile, run and print what they claim; links lead somewhere.</summary>
[Collection(nameof(AloneCollection))]
public partial class DocumentationTests
{
    /// <summary>Every csharp block of every page.</summary>
    public static TheoryData<string, int> Blocks
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var block in MarkdownPage.All().SelectMany(page => page.Blocks).Where(block => block.Language == "csharp"))
            {
                data.Add(block.File, block.Line);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void TheBlockDoesWhatThePageSays(string page, int line)
    {
        var block = MarkdownPage.Read(page).Blocks.Single(block => block.Line == line);
        if (block.Find("excerpt") is { } excerpt)
        {
            Excerpt.Verify(block, excerpt.Value, File.ReadAllText(Repository.PathOf(excerpt.Value)));
        }
        else
        {
            new SnippetProgram(block).Verify();
        }
    }

    [Fact]
    public void LinksLeadSomewhere()
    {
        var dead = MarkdownPage.All().SelectMany(page => LinkCheck.DeadLinks(page, File.ReadAllText)).ToList();
        Assert.True(dead.Count == 0, string.Join(Environment.NewLine, dead));
    }

    [Fact]
    public void CommandsNameProjectsThatExist()
    {
        var missing =
            from page in MarkdownPage.All()
            from block in page.Blocks
            where block.Language == "bash"
            from Match match in ProjectOption().Matches(block.Text)
            where !Directory.Exists(Repository.PathOf(match.Groups[1].Value))
            select $"{block.Place}: there is no {match.Groups[1].Value}";
        Assert.Empty(missing);
    }

    [Fact]
    public void TheNameTableNamesWhatExists()
    {
        var names = NameTable.Names(File.ReadAllText(Repository.PathOf("README.md"))).ToList();
        Assert.NotEmpty(names);
        var missing = names.Where(entry => !NameTable.Exists(entry.Name));
        Assert.Empty(missing.Select(entry => $"README.md:{entry.Line}: there is no public {entry.Name}"));
    }

    [GeneratedRegex(@"--project (\S+)")]
    private static partial Regex ProjectOption();
}
