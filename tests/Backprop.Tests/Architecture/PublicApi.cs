using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Backprop.Tests.Architecture;

/// <summary>The public face of the built library as text: one line per type and member, sorted.</summary>
internal static class PublicApi
{
    private static readonly SymbolDisplayFormat Format = new(
        globalNamespaceStyle: SymbolDisplayGlobalNamespaceStyle.Omitted,
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints
            | SymbolDisplayGenericsOptions.IncludeVariance,
        memberOptions: SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType
            | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeAccessibility | SymbolDisplayMemberOptions.IncludeConstantValue,
        delegateStyle: SymbolDisplayDelegateStyle.NameAndSignature,
        extensionMethodStyle: SymbolDisplayExtensionMethodStyle.StaticMethod,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeExtensionThis,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        kindOptions: SymbolDisplayKindOptions.IncludeTypeKeyword | SymbolDisplayKindOptions.IncludeMemberKeyword,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier | SymbolDisplayMiscellaneousOptions.AllowDefaultLiteral);

    /// <summary>The listing of Backprop.dll.</summary>
    public static string Describe()
    {
        var compilation = CSharpCompilation.Create("Reader", references: References.WithLibrary);
        var library = compilation.SourceModule.ReferencedAssemblySymbols.Single(assembly => assembly.Name == "Backprop");
        var text = new StringBuilder();
        foreach (var space in Spaces(library.GlobalNamespace).Where(space => space.GetTypeMembers().Any(IsVisible)))
        {
            text.Append(text.Length == 0 ? "" : "\n").Append($"namespace {space.ToDisplayString()}\n");
            foreach (var type in space.GetTypeMembers().Where(IsVisible).OrderBy(type => type.ToDisplayString(Format), StringComparer.Ordinal))
            {
                Append(text, type, "  ");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<INamespaceSymbol> Spaces(INamespaceSymbol root) =>
        root.GetNamespaceMembers().OrderBy(space => space.Name, StringComparer.Ordinal).SelectMany(Spaces).Prepend(root);

    private static void Append(StringBuilder text, INamedTypeSymbol type, string indent)
    {
        var bases = new[] { type.BaseType }.Concat(type.Interfaces)
            .OfType<INamedTypeSymbol>()
            .Where(parent => IsVisible(parent) && (parent.TypeKind == TypeKind.Interface || parent.SpecialType == SpecialType.None) && type.TypeKind is not (TypeKind.Delegate or TypeKind.Enum))
            .Select(parent => parent.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat));
        var heritage = string.Join(", ", bases);
        text.Append(indent).Append(Modifiers(type)).Append(type.ToDisplayString(Format));
        text.Append(heritage.Length == 0 ? "\n" : $" : {heritage}\n");
        if (type.TypeKind == TypeKind.Delegate)
        {
            return;
        }

        foreach (var line in type.GetMembers().Where(IsListed).Select(member => member.ToDisplayString(Format)).Order(StringComparer.Ordinal))
        {
            text.Append(indent).Append("  ").Append(line).Append('\n');
        }

        foreach (var nested in type.GetTypeMembers().Where(IsVisible).OrderBy(nested => nested.Name, StringComparer.Ordinal))
        {
            Append(text, nested, indent + "  ");
        }
    }

    private static string Modifiers(INamedTypeSymbol type) => type switch
    {
        { TypeKind: not TypeKind.Class } => "",
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsSealed: true } => "sealed ",
        _ => "",
    };

    private static bool IsListed(ISymbol member) =>
        IsVisible(member)
        && member is not INamedTypeSymbol
        && member.Name != "<Clone>$"
        && member is not IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove }
        && !(member is IMethodSymbol { MethodKind: MethodKind.Constructor } && member.ContainingType.TypeKind == TypeKind.Enum);

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal;
}
