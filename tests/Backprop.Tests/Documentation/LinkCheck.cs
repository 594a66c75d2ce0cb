namespace Backprop.Tests.Documentation;

/// <summary>Relative links of a page: the file is there, and so is the heading.</summary>
internal static class LinkCheck
{
    /// <summary>The links that lead nowhere, with their place.</summary>
    public static IEnumerable<string> DeadLinks(MarkdownPage page, Func<string, string> read)
    {
        foreach (var (line, target) in page.Links)
        {
            if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
            {
                continue;
            }

            var (path, anchor) = target.Split('#', 2) is [var left, var right] ? (left, right) : (target, "");
            var folder = Path.GetDirectoryName(Repository.PathOf(page.File))!;
            var full = path.Length == 0 ? Repository.PathOf(page.File) : Path.GetFullPath(Path.Combine(folder, path));
            if (path.Length > 0 && !File.Exists(full) && !Directory.Exists(full))
            {
                yield return $"{page.File}:{line}: there is no {path}";
            }
            else if (anchor.Length > 0 && !AnchorsOf(page, path, full, read).Contains(anchor))
            {
                yield return $"{page.File}:{line}: no heading is called #{anchor}";
            }
        }
    }

    private static HashSet<string> AnchorsOf(MarkdownPage page, string path, string full, Func<string, string> read) =>
        path.Length == 0 ? page.Anchors : MarkdownPage.Parse(path, read(full)).Anchors;
}
