using System.Reflection;
using System.Runtime.CompilerServices;

namespace Backprop.Tests.Catalog;

/// <summary>The operations of the library, by their classes and by their names, and which of them the samples run.</summary>
internal static class OperationTypes
{
    private static readonly Lazy<(Sample Sample, (Type Type, string Name)[] Ran)[]> runs = new(() =>
        [.. SampleCatalog.All.Select(sample => (sample, SampleCatalog.Runs(sample).Select(op => (Definition(op.Type), op.Name)).Distinct().ToArray()))]);

    /// <summary>Every class of operations; generic ones are made from elementwise rules.</summary>
    public static IReadOnlyList<Type> All { get; } =
    [
        .. typeof(Op).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(Op)) && !type.IsAbstract)
            .OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    /// <summary>The names of all operations that are not made from rules.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. All.Where(type => !type.ContainsGenericParameters).SelectMany(NamesOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Comparisons and truth functions, which are made from rules too but have none to differentiate.</summary>
    public static IReadOnlyList<string> Comparisons { get; } =
    [
        .. typeof(Op).Assembly.GetTypes()
            .Where(type => type.IsValueType && type.GetInterface(nameof(IComparisonRule)) is not null).Select(RuleCatalog.NameOf),
    ];

    /// <summary>Each sample with the operations that run in its value and its gradients.</summary>
    public static IReadOnlyList<(Sample Sample, (Type Type, string Name)[] Ran)> Runs => runs.Value;

    /// <summary>Whether results share memory with inputs: nothing is computed.</summary>
    public static bool IsView(Type type) => type.IsAssignableTo(typeof(ViewOp));

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    /// <summary>The name of an operation, or both where it goes by a direction; null where it is told its name, by operations that have cases.</summary>
    public static string?[] NamesOf(Type type)
    {
        var op = (Op)RuntimeHelpers.GetUninitializedObject(type);
        var names = new List<string> { op.Name };
        foreach (var direction in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Where(field => field.FieldType == typeof(bool)))
        {
            direction.SetValue(op, true);
            names.Add(op.Name);
            direction.SetValue(op, false);
        }

        return [.. names];
    }
}
