using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Backprop.Tests.Documentation;

/// <summary>
/// A csharp block as a program: the blocks it continues, their unseen setup, and itself; usings first, then statements, then types,
/// each with the line of the page it comes from.
/// </summary>
internal sealed class SnippetProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Namespaces a reader of the page is told to open; those that exist are.</summary>
    private static readonly string[] Opened = ["Backprop", "Backprop.Layers", "Backprop.Optimizers", "Backprop.Data"];

    /// <summary>Not worth a word in a snippet: references' own versions, a local function or constant shown for itself.</summary>
    private static readonly string[] Unimportant = ["CS1701", "CS1702", "CS8321", "CS0219"];

    /// <summary>Written before the last block's own statements, so that its own output is known.</summary>
    private const char Separator = '\u001e';

    private static readonly CSharpParseOptions Language = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview);

    private readonly CodeBlock block;
    private readonly StringBuilder usings = new();
    private readonly StringBuilder statements = new();
    private readonly StringBuilder types = new();

    /// <summary>Puts the program of a block together.</summary>
    public SnippetProgram(CodeBlock block)
    {
        this.block = block;
        Append(block);
    }

    /// <summary>Compiles, runs unless marked otherwise, and compares what it prints. Throws with the place of the first trouble.</summary>
    public void Verify()
    {
        var assembly = Compile();
        if (block.Find("no-run") is { } mark)
        {
            if (mark.Value.Length == 0)
            {
                throw new SnippetException($"{block.Place}: no-run needs a reason: <!-- no-run: reason -->");
            }

            return;
        }

        var printed = Run(assembly);
        if (block.Output is { } expected)
        {
            OutputComparison.Verify(expected, printed);
        }
    }

    private void Append(CodeBlock part)
    {
        if (part.Continues is { } before)
        {
            Append(before);
        }

        foreach (var setup in part.Marks.Where(mark => mark.Name == "setup"))
        {
            Append(part.File, setup.Line, setup.Value);
        }

        if (part == block)
        {
            statements.Append($"#line hidden\nglobal::System.Console.Write('\\u{(int)Separator:x4}');\n");
        }

        // The directives of a file-based program (#:package) and its #! line are for the tool that runs the file.
        var lines = part.Text.Split('\n').Select(line => line is ['#', ':' or '!', ..] ? "" : line);
        Append(part.File, part.Line + 1, string.Join('\n', lines));
    }

    private void Append(string file, int firstLine, string text)
    {
        var tree = CSharpSyntaxTree.ParseText(text, Language);
        var root = tree.GetCompilationUnitRoot();
        foreach (var one in root.Usings)
        {
            AppendPart(usings, one);
        }

        foreach (var member in root.Members)
        {
            AppendPart(member is GlobalStatementSyntax ? statements : types, member);
        }

        void AppendPart(StringBuilder to, SyntaxNode node)
        {
            var line = firstLine + tree.GetLineSpan(node.FullSpan).StartLinePosition.Line;
            to.Append($"#line {line} \"{file}\"\n").Append(node.ToFullString()).Append('\n');
        }
    }

    private Assembly Compile()
    {
        var source = CSharpSyntaxTree.ParseText($"{usings}{statements}{types}", Language, path: block.File);
        var options = new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable);
        var compilation = CSharpCompilation.Create($"Snippet{block.Line}", [source], References.WithLibrary, options);
        var opened = Opened.Where(name => Exists(compilation.GlobalNamespace, name)).Select(name => $"\nglobal using {name};");
        var globals = References.ImplicitUsings + string.Concat(opened);
        compilation = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(globals, Language));

        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        var troubles = result.Diagnostics
            .Where(d => d.Severity >= DiagnosticSeverity.Warning && !Unimportant.Contains(d.Id))
            .OrderByDescending(d => d.Severity)
            .Select(Describe)
            .ToList();
        if (troubles.Count > 0)
        {
            throw new SnippetException($"the block at {block.Place} does not compile:\n{string.Join('\n', troubles)}");
        }

        image.Position = 0;
        return new AssemblyLoadContext(block.Place, isCollectible: true).LoadFromStream(image);
    }

    private static string Describe(Diagnostic diagnostic)
    {
        var place = diagnostic.Location.GetMappedLineSpan();
        return $"{place.Path}:{place.StartLinePosition.Line + 1}: {diagnostic.Id}: {diagnostic.GetMessage()}";
    }

    private static bool Exists(INamespaceSymbol root, string name)
    {
        INamespaceSymbol? space = root;
        foreach (var part in name.Split('.'))
        {
            space = space?.GetNamespaceMembers().FirstOrDefault(child => child.Name == part);
        }

        return space is not null;
    }

    /// <summary>Runs the program in a folder of its own, on a thread of its own; returns what the last block printed.</summary>
    private string Run(Assembly program)
    {
        var folder = Directory.CreateTempSubdirectory("backprop-snippet-");
        var (home, console) = (Environment.CurrentDirectory, Console.Out);
        var printed = new StringWriter();
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() => failure = Try(() => Invoke(program.EntryPoint!))) { IsBackground = true };
        try
        {
            Environment.CurrentDirectory = folder.FullName;
            Console.SetOut(TextWriter.Synchronized(printed));
            thread.Start();
            if (!thread.Join(Patience))
            {
                throw new SnippetException($"the block at {block.Place} did not end within {Patience.TotalMinutes} minutes");
            }
        }
        finally
        {
            Console.SetOut(console);
            Environment.CurrentDirectory = home;
            folder.Delete(recursive: true);
        }

        var throws = block.Find("throws") is not null;
        if (failure is not null && !throws)
        {
            throw new SnippetException($"the block at {block.Place} fails: {failure.SourceException}", failure.SourceException);
        }

        if (failure is null && throws)
        {
            throw new SnippetException($"the block at {block.Place} should throw, and does not");
        }

        var output = printed.ToString();
        return output[(output.LastIndexOf(Separator) + 1)..] + failure?.SourceException.Message;
    }

    private static ExceptionDispatchInfo? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (TargetInvocationException wrapped)
        {
            return ExceptionDispatchInfo.Capture(wrapped.InnerException!);
        }
    }

    private static void Invoke(MethodInfo entry) => entry.Invoke(null, entry.GetParameters().Length == 0 ? null : [Array.Empty<string>()]);
}

/// <summary>What is wrong with a block of a page; the message names the page and the line.</summary>
internal sealed class SnippetException(string message, Exception? inner = null) : Exception(message, inner);
