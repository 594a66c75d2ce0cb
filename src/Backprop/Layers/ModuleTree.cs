using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Backprop.Layers;

/// <summary>Where a module stands in the model that holds it, for error messages.</summary>
/// <param name="Root">The model's type.</param>
/// <param name="Path">The module's name in it; empty for the model itself.</param>
internal sealed record ModulePlace(string Root, string Path);

/// <summary>
/// What a module holds, found in its fields and those of the modules in them: depth first, base classes before derived ones, in order of
/// declaration. Modules and tensors that are reached twice are listed where they are reached first.
/// </summary>
internal sealed class ModuleTree
{
    private readonly HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> names = [];
    private readonly ModulePlace place;

    private ModuleTree(Module root)
    {
        // A module that a larger model has listed before keeps its name there.
        place = root.Place ?? new ModulePlace(root.TypeName, "");
        Visit(root, "");
    }

    public List<(string Name, Module Module)> Modules { get; } = [];

    public List<(string Name, Tensor Tensor)> Parameters { get; } = [];

    public List<(string Name, Tensor Tensor)> Buffers { get; } = [];

    public static ModuleTree Of(Module root) => new(root);

    /// <summary>Parameters and buffers: what is saved.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State() => Parameters.Concat(Buffers);

    /// <summary>The modules that a module holds itself, under their names in it.</summary>
    public static List<(string Name, Module Module)> Children(Module module)
    {
        var seen = new HashSet<Module>(ReferenceEqualityComparer.Instance);
        var result = new List<(string Name, Module Module)>();
        foreach (var (name, value, _) in Members(module))
        {
            if (value is Module child && seen.Add(child))
            {
                result.Add((name, child));
            }
        }

        return result;
    }

    /// <summary>A field's name as parameters bear it: <c>Weight { get; }</c>, <c>_weight</c> and <c>weight</c> are all "weight".</summary>
    internal static string NameOf(string field)
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

    private void Visit(Module module, string path)
    {
        if (!seen.Add(module))
        {
            return;
        }

        Modules.Add((path, module));
        module.Place = place with { Path = Join(place.Path, path) };
        foreach (var (name, value, isBuffer) in Members(module))
        {
            var full = Join(path, name);
            if (value is Module child)
            {
                Visit(child, full);
            }
            else if (value is Tensor tensor && (isBuffer || (tensor.RequiresGradient && tensor.IsLeaf)) && seen.Add(tensor))
            {
                if (!names.Add(full))
                {
                    throw new InvalidOperationException(
                        $"module: {module.TypeName} holds two tensors called '{full}'; rename one of the fields (leading underscores and the case of "
                        + "the first letter make no difference).");
                }

                tensor.Name = Join(place.Path, full);
                (isBuffer ? Buffers : Parameters).Add((full, tensor));
            }
        }
    }

    /// <summary>Everything in a module's fields; of collections, the elements.</summary>
    private static IEnumerable<(string Name, object Value, bool IsBuffer)> Members(Module module)
    {
        // The items of a module that is a list are named by their position alone.
        var items = module is IReadOnlyList<Module> list ? Items("", list, false) : [];
        return items.Concat(Fields(module.GetType()).SelectMany(field =>
            Elements(NameOf(field.Name), field.GetValue(module), field.IsDefined(typeof(BufferAttribute), false))));
    }

    private static IEnumerable<(string Name, object Value, bool IsBuffer)> Elements(string name, object? value, bool isBuffer) => value switch
    {
        Module or Tensor => [(name, value, isBuffer)],

        // Covariance makes these true for arrays, lists and maps of reference types only, so a large array of numbers costs nothing.
        IReadOnlyList<object?> list => Items(name, list, isBuffer),
        IDictionary { Values: IEnumerable<object?> } map => Entries(name, map, isBuffer),
        _ => [],
    };

    private static IEnumerable<(string Name, object Value, bool IsBuffer)> Items(string name, IReadOnlyList<object?> list, bool isBuffer) =>
        list.SelectMany((item, i) => Elements(Join(name, $"{i}"), item, isBuffer));

    private static IEnumerable<(string Name, object Value, bool IsBuffer)> Entries(string name, IDictionary map, bool isBuffer)
    {
        foreach (DictionaryEntry entry in map)
        {
            foreach (var element in Elements(Join(name, $"{entry.Key}"), entry.Value, isBuffer))
            {
                yield return element;
            }
        }
    }

    private static IEnumerable<FieldInfo> Fields([DynamicallyAccessedMembers(Module.Fields)] Type type)
    {
        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var chain = new Stack<FieldInfo[]>();
        for (var level = type; level is not null && level != typeof(Module); level = level.BaseType)
        {
            chain.Push(level.GetFields(Declared));
        }

        return chain.SelectMany(fields => fields);
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : name.Length == 0 ? path : $"{path}.{name}";
}
