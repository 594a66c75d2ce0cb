namespace Backprop.Tests;

/// <summary>Where the repository lies: found upwards from the built tests, so that it works in any clone.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", "node_modules"];

    /// <summary>The folder that holds Backprop.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The full path of a file or folder given relative to the root with forward slashes.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Files of the repository with this extension, relative to the root with forward slashes, sorted; nothing built.</summary>
    public static IReadOnlyList<string> Files(string under, string extension)
    {
        var found = new List<string>();
        Collect(under.Length == 0 ? Root : PathOf(under), extension, found);
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private static void Collect(string folder, string extension, List<string> found)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(folder, "*" + extension))
        {
            found.Add(Path.GetRelativePath(Root, file).Replace(Path.DirectorySeparatorChar, '/'));
        }

        foreach (var child in Directory.EnumerateDirectories(folder))
        {
            var name = Path.GetFileName(child);
            if (!name.StartsWith('.') && !NotOurs.Contains(name))
            {
                Collect(child, extension, found);
            }
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Backprop.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no Backprop.sln above {AppContext.BaseDirectory}: run the tests inside the repository");
    }
}
