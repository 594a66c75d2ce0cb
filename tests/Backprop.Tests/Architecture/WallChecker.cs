using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Backprop.Tests.Architecture;

/// <summary>Walks every name of a source tree and holds it against the walls.</summary>
internal sealed class WallChecker(SourceTree tree, IReadOnlyList<Wall> walls, IReadOnlyList<Fence> fences)
{
    private readonly HashSet<string> ours = [.. tree.Files.Select(file => file.FilePath)];
    private readonly SortedSet<(string File, int Line, string Message)> violations = [];

    /// <summary>Every violation, as "src/Backprop/FILE:LINE: what: why", by file and line.</summary>
    public IReadOnlyList<string> Check()
    {
        violations.Clear();
        foreach (var file in tree.Files)
        {
            var wall = WallOf(file.FilePath);
            if (wall is null)
            {
                violations.Add((file.FilePath, 1, "this folder has no row in Walls.cs: say there what it may see"));
                continue;
            }

            var model = tree.Compilation.GetSemanticModel(file);
            foreach (var node in file.GetRoot().DescendantNodes())
            {
                foreach (var symbol in SymbolsOf(node, model))
                {
                    Judge(file, node, wall, symbol);
                }
            }
        }

        return [.. violations.Select(v => $"src/Backprop/{v.File}:{v.Line}: {v.Message}")];
    }

    /// <summary>The row for a file: files before folders, then the longest.</summary>
    private Wall? WallOf(string file) =>
        walls.Where(wall => Place.Contains(wall.Place, file)).MaxBy(wall => wall.Place.Length);

    /// <summary>All that one syntax node refers to: names, and what operators, indexers, constructors and loops call unnamed.</summary>
    private static IEnumerable<ISymbol> SymbolsOf(SyntaxNode node, SemanticModel model)
    {
        switch (node)
        {
            case ExpressionSyntax expression:
                var info = model.GetSymbolInfo(expression);
                foreach (var symbol in info.Symbol is { } one ? [one] : info.CandidateSymbols.AsEnumerable())
                {
                    yield return symbol;
                }

                if (model.GetConversion(expression) is { IsUserDefined: true, MethodSymbol: { } conversion })
                {
                    yield return conversion;
                }

                break;

            case ConstructorInitializerSyntax initializer when model.GetSymbolInfo(initializer).Symbol is { } constructor:
                yield return constructor;
                break;

            case CommonForEachStatementSyntax loop when model.GetForEachStatementInfo(loop).GetEnumeratorMethod is { } enumerate:
                yield return enumerate;
                break;
        }
    }

    private void Judge(SyntaxTree file, SyntaxNode node, Wall wall, ISymbol symbol)
    {
        foreach (var target in Unfold(symbol))
        {
            var homes = HomesOf(target);
            if (homes.Count == 0)
            {
                JudgeFramework(file, node, target);
            }
            else if (!homes.Any(home => MaySee(wall, file.FilePath, home, target)))
            {
                var name = target.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);
                Report(file, node, $"{PlaceName(wall)} may not see {name} ({homes[0]}): {wall.Because}");
            }
        }
    }

    private void JudgeFramework(SyntaxTree file, SyntaxNode node, ISymbol symbol)
    {
        var name = FullName(symbol);
        foreach (var fence in fences)
        {
            if (!Place.AnyContains(fence.OnlyIn, file.FilePath)
                && fence.Names.Any(fenced => name == fenced || name.StartsWith(fenced + ".", StringComparison.Ordinal)))
            {
                var places = string.Join(", ", fence.OnlyIn);
                var where = places.Length == 0 ? "is used nowhere in the library" : $"is used only in {places}";
                Report(file, node, $"{name} {where}: {fence.Because}");
            }
        }
    }

    private void Report(SyntaxTree file, SyntaxNode node, string message)
    {
        var line = file.GetLineSpan(node.Span).StartLinePosition.Line + 1;
        violations.Add((file.FilePath, line, message));
    }

    private static bool MaySee(Wall wall, string file, string home, ISymbol symbol) =>
        home == file
        || (!Place.AnyContains(wall.Never, home)
            && (Place.AnyContains(wall.Sees, home) || (Place.AnyContains(wall.SeesPublic, home) && IsPublic(symbol))));

    /// <summary>The symbol as declared, and for a constructed type its arguments too.</summary>
    private static IEnumerable<ISymbol> Unfold(ISymbol symbol)
    {
        switch (symbol)
        {
            case IAliasSymbol alias:
                return Unfold(alias.Target);
            case IArrayTypeSymbol array:
                return Unfold(array.ElementType);
            case IPointerTypeSymbol pointer:
                return Unfold(pointer.PointedAtType);
            case INamedTypeSymbol { IsGenericType: true, IsUnboundGenericType: false } type:
                return type.TypeArguments.SelectMany(Unfold).Prepend(type.OriginalDefinition);
            case IMethodSymbol { ReducedFrom: { } extension }:
                return [extension.OriginalDefinition];
            case INamespaceSymbol or ILocalSymbol or IParameterSymbol or IRangeVariableSymbol:
            case ILabelSymbol or ITypeParameterSymbol or IDiscardSymbol:
                return [];
            default:
                return [symbol.OriginalDefinition];
        }
    }

    /// <summary>
    /// The files of ours that declare the symbol, or the type around it when it has no text of its own. A member of a type that lies
    /// (partly) in the root is at home there too: Tensor is one face, though each op's file adds its own method to it.
    /// </summary>
    private List<string> HomesOf(ISymbol symbol)
    {
        for (var current = symbol; current is not null and not INamespaceSymbol; current = current.ContainingSymbol)
        {
            var homes = FilesOf(current);
            if (homes.Count > 0)
            {
                homes.AddRange(FilesOf(current.ContainingType).Where(file => !file.Contains('/')).Except(homes).ToList());
                return homes;
            }
        }

        return [];
    }

    private List<string> FilesOf(ISymbol? symbol) =>
    [
        .. (symbol?.Locations ?? [])
            .Where(location => location.IsInSource)
            .Select(location => location.SourceTree!.FilePath)
            .Where(ours.Contains)
            .Distinct()
            .OrderBy(file => file.Count(c => c == '/'))
            .ThenBy(file => file, StringComparer.Ordinal),
    ];

    /// <summary>Can code outside the assembly name it (if need be from a derived class)?</summary>
    private static bool IsPublic(ISymbol symbol)
    {
        for (var current = symbol; current is not null and not INamespaceSymbol; current = current.ContainingSymbol)
        {
            if (current.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal))
            {
                return false;
            }
        }

        return true;
    }

    private static string FullName(ISymbol symbol)
    {
        var around = symbol.ContainingType ?? (ISymbol?)symbol.ContainingNamespace;
        return around is null or INamespaceSymbol { IsGlobalNamespace: true }
            ? symbol.MetadataName
            : $"{FullName(around)}.{symbol.MetadataName}";
    }

    private static string PlaceName(Wall wall) => wall.Place == "*.cs" ? "the root" : wall.Place;
}
