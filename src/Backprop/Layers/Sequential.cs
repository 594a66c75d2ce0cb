using System.Collections;

namespace Backprop.Layers;

/// <summary>Modules one after the other: each gets the result of the one before. Their parameters are named by position: <c>0.weight</c>.</summary>
/// <remarks>A <see cref="Relu"/> before a max pooling is run after it, on a fraction of the elements: the result and all gradients are the same.</remarks>
/// <example><code>
/// var model = new Sequential(new Linear(784, 128), new Relu(), new Linear(128, 10));
/// Sequential same = [new Linear(784, 128), new Relu(), new Linear(128, 10)];
/// </code></example>
public sealed class Sequential : Module, IReadOnlyList<Module>
{
    private readonly List<Module> modules = [];

    /// <summary>An empty sequence, which returns its input. Fill it with <see cref="Add"/> or a collection initialiser.</summary>
    public Sequential()
    {
    }

    /// <summary>A sequence of the given modules.</summary>
    /// <exception cref="ArgumentNullException">A module is null.</exception>
    public Sequential(params ReadOnlySpan<Module> modules)
    {
        foreach (var module in modules)
        {
            Add(module);
        }
    }

    /// <summary>The number of modules.</summary>
    public int Count => modules.Count;

    /// <summary>The module at a position; <c>model[^1]</c> is the last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such position.</exception>
    public Module this[int index] => (uint)index < (uint)modules.Count
        ? modules[index]
        : throw Error.Range("sequential", nameof(index), index, Count == 0 ? "nothing: there are no modules" : $"from 0 to {Count - 1}");

    /// <summary>Adds a module at the end.</summary>
    public void Add(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        modules.Add(module);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        for (var i = 0; i < modules.Count; i++)
        {
            if (modules[i] is Relu && i + 1 < modules.Count && modules[i + 1] is IMaxPooling)
            {
                // max(max(a, 0), max(b, 0)) = max(max(a, b), 0), and so are the gradients: rectify what is left by the pooling only.
                x = modules[i].Forward(modules[i + 1].Forward(x));
                i++;
            }
            else
            {
                x = modules[i].Forward(x);
            }
        }

        return x;
    }

    /// <inheritdoc/>
    public IEnumerator<Module> GetEnumerator() => modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
