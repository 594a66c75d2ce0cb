namespace Backprop.Tests.Documentation;

/// <summary>A fenced block of a markdown page, with the marks (HTML comments) that stand directly above it.</summary>
/// <param name="File">The page, relative to the repository.</param>
/// <param name="Line">The line of the opening fence, from 1; the text starts on the next.</param>
/// <param name="Language">What the fence says: csharp, text, bash, …</param>
/// <param name="Text">The lines between the fences.</param>
/// <param name="Marks">The marks above it, in order.</param>
internal sealed record CodeBlock(string File, int Line, string Language, string Text, IReadOnlyList<Mark> Marks)
{
    /// <summary>The block that this one continues, if it is marked so.</summary>
    public CodeBlock? Continues { get; set; }

    /// <summary>What the block prints, if a text block follows it directly.</summary>
    public CodeBlock? Output { get; set; }

    /// <summary>Where it stands.</summary>
    public string Place => $"{File}:{Line}";

    /// <summary>The mark of this name, or null.</summary>
    public Mark? Find(string name) => Marks.FirstOrDefault(mark => mark.Name == name);
}

/// <summary>
/// A mark above a block: <c>&lt;!-- name: value --&gt;</c>. The marks are
/// <list type="bullet">
/// <item><c>continues</c>: the block goes on where the last csharp block ended; otherwise each block is a program of its own;</item>
/// <item><c>setup</c>, with lines of C#: statements that come first and are not shown;</item>
/// <item><c>no-run: reason</c>: compiled, not run;</item>
/// <item><c>throws</c>: ends in an exception, whose message is the last line of the output;</item>
/// <item><c>excerpt: file</c>: not a program but lines of this file (a line <c>…</c> stands for some that are left out);</item>
/// <item><c>approximate: tolerance</c>, above a text block: numbers may differ by this much, absolutely or relatively.</item>
/// </list>
/// </summary>
/// <param name="Name">Which.</param>
/// <param name="Value">What stands behind the colon.</param>
/// <param name="Line">The line of <paramref name="Value"/>, from 1.</param>
internal sealed record Mark(string Name, string Value, int Line)
{
    /// <summary>Every mark there is.</summary>
    public static readonly string[] Known = ["continues", "setup", "no-run", "throws", "excerpt", "approximate"];
}
