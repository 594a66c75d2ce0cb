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
        Visit(root, "", "");
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
        foreach (var (name, value, _) in ModuleFields.Of(module))
        {
            if (value is Module child && seen.Add(child))
            {
                result.Add((name, child));
            }
        }

        return result;
    }

    private void Visit(Module module, string outer, string own)
    {
        if (!seen.Add(module))
        {
            return;
        }

        var path = ModuleFields.Join(outer, own);
        Modules.Add((path, module));
        var here = ModuleFields.Join(place.Path, path);
        if (module.Place is not { } known || known.Path != here || known.Root != place.Root)
        {
            module.Place = new ModulePlace(place.Root, here);
        }

        foreach (var (name, value, isBuffer) in ModuleFields.Of(module))
        {
            if (value is Module child)
            {
                Visit(child, path, name);
            }
            else if (value is Tensor tensor && (isBuffer || (tensor.RequiresGradient && tensor.IsLeaf) || tensor.IsFrozen) && seen.Add(tensor))
            {
                var full = ModuleFields.Join(path, name);
                if (!names.Add(full))
                {
                    throw new InvalidOperationException(
                        $"module: {module.TypeName} holds two tensors called '{full}'; rename one of the fields (leading underscores and the case of "
                        + "the first letter make no difference).");
                }

                tensor.Name = ModuleFields.Join(place.Path, full);
                (isBuffer ? Buffers : Parameters).Add((full, tensor));
            }
        }
    }
}
