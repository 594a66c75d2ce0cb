using System.Text.Json;

namespace Backprop.Tests.Golden;

/// <summary>
/// The golden files, read once: from the folder that the environment variable BACKPROP_GOLDEN names, else from the copy beside the tests.
/// </summary>
internal static class GoldenData
{
    /// <summary>The files that hold operations, without their extension.</summary>
    public static readonly string[] OperationFiles =
        ["elementwise", "reductions", "linalg", "shape", "conv_pool", "norm_embed", "losses", "recurrent_attention"];

    /// <summary>All files of cases: operations, optimizer runs, schedules.</summary>
    public static readonly string[] Files = [.. OperationFiles, "optimizers", "schedulers"];

    private static readonly Dictionary<string, Lazy<GoldenCase[]>> Loaded = Files.ToDictionary(file => file, file => new Lazy<GoldenCase[]>(() => Load(file)));

    /// <summary>Whether the cases are those of the copy beside the tests, and not others.</summary>
    public static bool IsOwnCopy => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("BACKPROP_GOLDEN"));

    /// <summary>Where the files lie.</summary>
    public static string Folder => IsOwnCopy
        ? Path.Combine(AppContext.BaseDirectory, "Golden", "data")
        : Environment.GetEnvironmentVariable("BACKPROP_GOLDEN")!;

    /// <summary>The cases of a file in their order.</summary>
    public static IReadOnlyList<GoldenCase> Cases(string file) => Loaded[file].Value;

    /// <summary>A file that holds one JSON value.</summary>
    public static JsonElement Document(string file) => JsonDocument.Parse(File.ReadAllText(PathOf(file))).RootElement;

    private static GoldenCase[] Load(string file)
    {
        var path = PathOf(file + ".jsonl");
        return [.. File.ReadLines(path).Where(line => line.Length > 0).Select((line, i) => new GoldenCase(file, i + 1, JsonDocument.Parse(line).RootElement))];
    }

    private static string PathOf(string file)
    {
        var path = Path.Combine(Folder, file);
        return File.Exists(path) ? path : throw new FileNotFoundException(
            $"no golden file {file} in {Folder}, the folder {(IsOwnCopy ? "beside the built tests" : "that BACKPROP_GOLDEN names")}.");
    }
}
