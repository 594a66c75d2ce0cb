using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Backprop.Tests.Catalog;

/// <summary>What the public face offers to compute tensors with: methods and operators of <see cref="Tensor"/> and of static classes.</summary>
internal static class PublicFunctions
{
    private static readonly string[] conversions = ["op_Implicit", "op_Explicit"];

    private static readonly Dictionary<string, string> operators = new()
    {
        ["op_Addition"] = "add",
        ["op_Subtraction"] = "subtract",
        ["op_Multiply"] = "multiply",
        ["op_Division"] = "divide",
        ["op_UnaryNegation"] = "negate",
    };

    /// <summary>Every overload that gives tensors.</summary>
    public static IReadOnlyList<MethodInfo> All { get; } =
    [
        .. typeof(Tensor).Assembly.GetExportedTypes()
            .Where(type => type == typeof(Tensor) || (type.IsAbstract && type.IsSealed))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => GivesTensors(method.ReturnType) && !conversions.Contains(method.Name)),
    ];

    /// <summary>What <see cref="Exemptions.Functions"/> may call a method.</summary>
    public static string[] KeysOf(MethodInfo method) => [method.DeclaringType!.Name, $"{method.DeclaringType.Name}.{method.Name}"];

    /// <summary>Whether the method is called as an elementwise rule is, which is tried on tensors and on constants.</summary>
    public static bool IsRule(MethodInfo method) => RuleCatalog.Names.Select(Plain).Contains(Plain(operators.GetValueOrDefault(method.Name, method.Name)));

    /// <summary>A name as it is compared: <c>MaxPool2d</c>, <c>max_pool2d</c> and <c>maxpool2d</c> are one.</summary>
    public static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static bool GivesTensors(Type type) =>
        type == typeof(Tensor)
        || (type.IsArray && GivesTensors(type.GetElementType()!))
        || (type.IsGenericType && (type.IsAssignableTo(typeof(ITuple)) || type.IsAssignableTo(typeof(IEnumerable))) && type.GetGenericArguments().Any(GivesTensors));
}
