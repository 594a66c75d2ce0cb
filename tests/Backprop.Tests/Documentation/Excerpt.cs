namespace Backprop.Tests.Documentation;

/// <summary>A block that quotes a source file must say what the file says.</summary>
internal static class Excerpt
{
    private const string LeftOut = "…";

    /// <summary>Throws unless the block's lines stand in the file, in order and together except where a line … leaves some out.</summary>
    public static void Verify(CodeBlock block, string file, string source)
    {
        var lines = Trimmed(source);
        var from = 0;
        foreach (var piece in string.Join('\n', Trimmed(block.Text)).Split($"\n{LeftOut}\n"))
        {
            var wanted = piece.Split('\n');
            var at = Find(lines, wanted, from);
            if (at < 0)
            {
                throw new SnippetException($"{block.Place}: {file} does not say, in this order:\n{piece}");
            }

            from = at + wanted.Length;
        }
    }

    private static string[] Trimmed(string text) =>
        [.. text.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];

    private static int Find(string[] lines, string[] wanted, int from)
    {
        for (var at = from; at + wanted.Length <= lines.Length; at++)
        {
            if (lines.AsSpan(at, wanted.Length).SequenceEqual(wanted))
            {
                return at;
            }
        }

        return -1;
    }
}
