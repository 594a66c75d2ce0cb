namespace Backprop.Tests.Data;

/// <summary>
/// A test that needs real data: a folder inside the one that the environment variable BACKPROP_DATA names. Without it the
/// test is skipped, and says so.
/// </summary>
public sealed class DataFactAttribute : FactAttribute
{
    private const string Variable = "BACKPROP_DATA";

    public DataFactAttribute(string folder)
    {
        var root = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(root))
        {
            Skip = $"{Variable} is not set: it should name a folder that holds {folder}/";
        }
        else if (!Directory.Exists(Path.Combine(root, folder)))
        {
            Skip = $"there is no folder {Path.Combine(root, folder)}";
        }
    }

    /// <summary>Where the data are; only for tests that carry the attribute.</summary>
    public static string PathOf(string folder) => Path.Combine(Environment.GetEnvironmentVariable(Variable)!, folder);
}
