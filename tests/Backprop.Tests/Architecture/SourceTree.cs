using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Backprop.Tests.Architecture;

/// <summary>The files of src/Backprop, parsed and bound: every name in them knows which file declares it.</summary>
internal sealed class SourceTree
{
    private static readonly Lazy<SourceTree> Shipped = new(ReadShipped);

    private SourceTree(CSharpCompilation compilation, IReadOnlyList<SyntaxTree> files)
    {
        Compilation = compilation;
        Files = files;
    }

    /// <summary>The library as it lies in the repository.</summary>
    public static SourceTree OfTheLibrary => Shipped.Value;

    /// <summary>The bound program.</summary>
    public CSharpCompilation Compilation { get; }

    /// <summary>One per source file; <see cref="SyntaxTree.FilePath"/> is relative to src/Backprop, with forward slashes.</summary>
    public IReadOnlyList<SyntaxTree> Files { get; }

    /// <summary>Binds sources given as (path below src/Backprop, text).</summary>
    public static SourceTree Of(params IEnumerable<(string Path, string Text)> sources)
    {
        var options = CSharpParseOptions.Default
            .WithLanguageVersion(LanguageVersion.Preview)
            .WithPreprocessorSymbols("NET", "NET8_0_OR_GREATER", "NET9_0_OR_GREATER", "NET10_0_OR_GREATER", "NET10_0");
        var files = sources.Select(source => CSharpSyntaxTree.ParseText(source.Text, options, source.Path)).ToList();
        var implicitUsings = CSharpSyntaxTree.ParseText(References.ImplicitUsings, options, "(implicit usings)");
        var library = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
        return new SourceTree(CSharpCompilation.Create("Backprop", [.. files, implicitUsings], References.Framework, library), files);
    }

    /// <summary>Errors that would leave names unbound, and so unjudged.</summary>
    public IReadOnlyList<string> Errors() =>
        [.. Compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString())];

    private static SourceTree ReadShipped()
    {
        const string folder = "src/Backprop/";
        var paths = Repository.Files(folder, ".cs");
        return Of(paths.Select(path => (path[folder.Length..], File.ReadAllText(Repository.PathOf(path)))));
    }
}
