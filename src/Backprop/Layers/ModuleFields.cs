using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Backprop.Layers;

/// <summary>A module or a tensor that a module holds.</summary>
/// <param name="Name">Its name in the module.</param>
/// <param name="Value">The module or tensor.</param>
/// <param name="IsBuffer">Whether the field is marked <see cref="BufferAttribute"/>.</param>
internal readonly record struct Member(string Name, object Value, bool IsBuffer);

/// <summary>
/// What the fields of a module hold at the moment; of collections, the elements. Which fields a type has is looked up once; what is in them, every
/// time, for fields may be assigned anew.
/// </summary>
internal static class ModuleFields
{
    /// <summary>A weak table, so that types of unloadable assemblies can go.</summary>
    private static readonly ConditionalWeakTable<Type, Field[]> fieldsOf = [];

    /// <summary>Registered modules and tensors, then those in fields in order of declaration, base classes before derived ones.</summary>
    public static List<Member> Of(Module module)
    {
        var members = new List<Member>(module.Registered);

        // The items of a module that is a list are named by their position alone.
        if (module is IReadOnlyList<Module> list)
        {
            AddItems(members, "", list, isBuffer: false);
        }

        foreach (var field in FieldsOf(module))
        {
            Add(members, field.Name, field.Info.GetValue(module), field.IsBuffer);
        }

        return members;
    }

    /// <summary>A field's name as parameters bear it: <c>Weight { get; }</c>, <c>_weight</c> and <c>weight</c> are all "weight".</summary>
    public static string NameOf(string field)
    {
        var name = field;
        if (name[0] == '<')
        {
            // The compiler's field behind a property, <Weight>k__BackingField, or behind a primary constructor's parameter, <weight>P.
            name = name[1..name.IndexOf('>', StringComparison.Ordinal)];
            name = name[(name.LastIndexOf('.') + 1)..];
        }

        name = name.TrimStart('_');
        return name.Length == 0 ? field : char.ToLowerInvariant(name[0]) + name[1..];
    }

    /// <summary>A name inside of another one.</summary>
    public static string Join(string path, string name) => path.Length == 0 ? name : name.Length == 0 ? path : $"{path}.{name}";

    private static void Add(List<Member> members, string name, object? value, bool isBuffer)
    {
        switch (value)
        {
            case Module or Tensor:
                members.Add(new Member(name, value, isBuffer));
                break;

            // Covariance makes these true for arrays, lists and maps of reference types only, so a large array of numbers costs nothing.
            case IReadOnlyList<object?> list:
                AddItems(members, name, list, isBuffer);
                break;
            case IDictionary { Values: IEnumerable<object?> } map:
                AddEntries(members, name, map, isBuffer);
                break;
        }
    }

    private static void AddItems(List<Member> members, string name, IReadOnlyList<object?> list, bool isBuffer)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is { } item and not string)
            {
                Add(members, Join(name, i.ToString(CultureInfo.InvariantCulture)), item, isBuffer);
            }
        }
    }

    private static void AddEntries(List<Member> members, string name, IDictionary map, bool isBuffer)
    {
        foreach (DictionaryEntry entry in map)
        {
            Add(members, Join(name, $"{entry.Key}"), entry.Value, isBuffer);
        }
    }

    private static Field[] FieldsOf(Module module)
    {
        // Not by a factory, through which the analysis of trimming would lose sight of the type.
        var type = module.GetType();
        if (!fieldsOf.TryGetValue(type, out var fields))
        {
            fields = Find(type);
            fieldsOf.AddOrUpdate(type, fields);
        }

        return fields;
    }

    private static Field[] Find([DynamicallyAccessedMembers(Module.Fields)] Type type)
    {
        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var chain = new Stack<FieldInfo[]>();
        for (var level = type; level is not null && level != typeof(Module); level = level.BaseType)
        {
            chain.Push(level.GetFields(Declared));
        }

        return [.. chain.SelectMany(fields => fields).Where(field => MayHold(field.FieldType))
            .Select(field => new Field(field, NameOf(field.Name), field.IsDefined(typeof(BufferAttribute), false)))];
    }

    /// <summary>Leaves out what never holds a module or tensor; reading a number's field would only box it.</summary>
    private static bool MayHold(Type type) =>
        !type.IsPrimitive && !type.IsEnum && !type.IsPointer && type != typeof(string) && !type.IsAssignableTo(typeof(Delegate));

    private sealed record Field(FieldInfo Info, string Name, bool IsBuffer);
}
