using Microsoft.CodeAnalysis;

namespace Backprop.Tests;

/// <summary>What sources compiled by the tests are compiled against.</summary>
internal static class References
{
    /// <summary>The usings that every project has with implicit usings on.</summary>
    public const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    /// <summary>The framework the tests run on and the packages beside it, without the library itself.</summary>
    public static IReadOnlyList<MetadataReference> Framework { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Backprop", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>The same and the library as a user sees it.</summary>
    public static IReadOnlyList<MetadataReference> WithLibrary { get; } =
        [.. Framework, MetadataReference.CreateFromFile(Path.Combine(AppContext.BaseDirectory, "Backprop.dll"))];
}
