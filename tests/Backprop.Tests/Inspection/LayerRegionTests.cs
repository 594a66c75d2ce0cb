using System.Text.RegularExpressions;

namespace Backprop.Tests.Inspections;

/// <summary>Every layer of the library names its operations for the profiler.</summary>
public partial class LayerRegionTests
{
    [Fact]
    public void EveryForwardEntersItsModule()
    {
        var found = 0;
        var missing = new List<string>();
        foreach (var file in Repository.Files("src/Backprop/Layers", ".cs").Where(file => !file.EndsWith("/Module.cs", StringComparison.Ordinal)))
        {
            foreach (Match match in ForwardMethods().Matches(File.ReadAllText(Repository.PathOf(file)).ReplaceLineEndings("\n")))
            {
                found++;
                var body = match.Groups["body"].Value;
                if (!Delegates().IsMatch(body) && !body.Contains("using var region = Enter();", StringComparison.Ordinal))
                {
                    missing.Add($"{file}: {match.Value.Trim().Split('\n')[0]}");
                }
            }
        }

        Assert.True(found > 20, $"only {found} Forward methods were found");
        Assert.True(missing.Count == 0, "These should begin with 'using var region = Enter();', so that profiles name the module:\n" + string.Join('\n', missing));
    }

    /// <summary>A Forward with the first line of its block, or its expression.</summary>
    [GeneratedRegex(@"(?m)^ +public (?:override )?\S[^\n=;{]* Forward\([^{;=]*?(?:=[^{;=>]*?)*\)\s*(?<body>=>[^;]*;|\{\n[^\n]*\n)")]
    private static partial Regex ForwardMethods();

    /// <summary>Expressions that compute nothing themselves, or leave it to a method that enters.</summary>
    [GeneratedRegex(@"^=>\s*(x;|throw |(Step|Unroll|Forward)\()")]
    private static partial Regex Delegates();
}
