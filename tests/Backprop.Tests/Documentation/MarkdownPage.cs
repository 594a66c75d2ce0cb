using System.Text;
using System.Text.RegularExpressions;

namespace Backprop.Tests.Documentation;

/// <summary>A markdown page, as far as tests read it: fenced blocks, headings and links.</summary>
internal sealed partial class MarkdownPage
{
    private MarkdownPage(string file) => File = file;

    /// <summary>The page, relative to the repository, with forward slashes.</summary>
    public string File { get; }

    /// <summary>The fenced blocks, in order.</summary>
    public List<CodeBlock> Blocks { get; } = [];

    /// <summary>The targets of links and images, with their lines.</summary>
    public List<(int Line, string Target)> Links { get; } = [];

    /// <summary>What a link to a heading may name.</summary>
    public HashSet<string> Anchors { get; } = [];

    /// <summary>Every page of the repository.</summary>
    public static IEnumerable<MarkdownPage> All() => Repository.Files("", ".md").Select(Read);

    /// <summary>A page of the repository.</summary>
    public static MarkdownPage Read(string file) => Parse(file, System.IO.File.ReadAllText(Repository.PathOf(file)));

    /// <summary>A page given as text.</summary>
    public static MarkdownPage Parse(string file, string text)
    {
        var page = new MarkdownPage(file);
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var marks = new List<Mark>();
        CodeBlock? program = null;
        CodeBlock? answerable = null;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                var block = page.ReadBlock(lines, ref i, [.. marks]);
                marks.Clear();
                if (block.Language == "csharp")
                {
                    block.Continues = block.Find("continues") is null ? null : program;
                    if (block.Find("continues") is not null && program is null)
                    {
                        throw new FormatException($"{block.Place}: there is no block before it to continue");
                    }

                    program = block.Find("excerpt") is null ? block : program;
                }
                else if (block.Language is "text" or "mermaid" && answerable is not null)
                {
                    answerable.Output = block;
                }

                answerable = block.Language == "csharp" ? block : null;
            }
            else if (line.StartsWith("<!--", StringComparison.Ordinal))
            {
                page.ReadMark(lines, ref i, marks);
            }
            else if (line.Trim().Length > 0)
            {
                marks.Clear();
                answerable = null;
                page.ReadProse(line, i + 1);
            }
        }

        return page;
    }

    private CodeBlock ReadBlock(string[] lines, ref int i, Mark[] marks)
    {
        var start = i;
        var fence = lines[i][..(lines[i].Length - lines[i].TrimStart('`').Length)];
        var language = lines[i][fence.Length..].Trim();
        var text = new StringBuilder();
        for (i++; i < lines.Length && lines[i].TrimEnd() != fence; i++)
        {
            text.Append(lines[i]).Append('\n');
        }

        if (i == lines.Length)
        {
            throw new FormatException($"{File}:{start + 1}: this block is never closed");
        }

        var block = new CodeBlock(File, start + 1, language, text.ToString(), marks);
        foreach (var mark in marks.Where(mark => language is "csharp" or "text" && !Mark.Known.Contains(mark.Name)))
        {
            throw new FormatException($"{block.Place}: unknown mark '{mark.Name}' above it; there are {string.Join(", ", Mark.Known)}");
        }

        Blocks.Add(block);
        return block;
    }

    private void ReadMark(string[] lines, ref int i, List<Mark> marks)
    {
        var start = i;
        while (!lines[i].Contains("-->", StringComparison.Ordinal))
        {
            if (++i == lines.Length)
            {
                throw new FormatException($"{File}:{start + 1}: this comment is never closed");
            }
        }

        var comment = string.Join('\n', lines[start..(i + 1)]);
        var text = comment[4..comment.IndexOf("-->", StringComparison.Ordinal)];
        var end = text.IndexOfAny([':', '\n']);
        marks.Add(end < 0
            ? new Mark(text.Trim(), "", start + 1)
            : new Mark(text[..end].Trim(), text[(end + 1)..].Trim(' '), start + (text[end] == '\n' ? 2 : 1)));
    }

    private void ReadProse(string line, int number)
    {
        if (line.StartsWith('#'))
        {
            Anchors.Add(Anchor(line.TrimStart('#').Trim()));
        }

        foreach (Match match in Link().Matches(InlineCode().Replace(line, "")))
        {
            Links.Add((number, match.Groups[1].Value));
        }
    }

    /// <summary>A heading as links name it: lower case, spaces to dashes, without punctuation.</summary>
    private static string Anchor(string heading) =>
        string.Concat(heading.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex InlineCode();
}
