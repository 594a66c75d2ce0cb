using System.Globalization;

namespace Backprop.Optimizers;

/// <summary>The settings of one group on their way to or from an optimizer's state; see <see cref="ParameterGroup.Exchange"/>.</summary>
public sealed class GroupSettings
{
    private readonly int group;
    private readonly Dictionary<string, Tensor>? target;
    private readonly IReadOnlyDictionary<string, Tensor>? source;
    private readonly HashSet<string> names = [];
    private string? handedOut;

    private GroupSettings(int group, Dictionary<string, Tensor>? target, IReadOnlyDictionary<string, Tensor>? source)
    {
        this.group = group;
        this.target = target;
        this.source = source;
    }

    /// <summary>Passes a number through.</summary>
    /// <param name="name">Its name in the state, such as <c>momentum</c>; each once per group.</param>
    /// <param name="value">The number now.</param>
    /// <returns>What to set it to.</returns>
    /// <exception cref="ArgumentException">The state has no such float64 scalar, or the name came before.</exception>
    public double Number(string name, double value) => Pass(name, value);

    /// <summary>Passes a choice through.</summary>
    /// <param name="name">Its name in the state, such as <c>nesterov</c>; each once per group.</param>
    /// <param name="value">The choice now.</param>
    /// <returns>What to set it to.</returns>
    /// <exception cref="ArgumentException">The state has no such bool scalar, or the name came before.</exception>
    public bool Flag(string name, bool value) => Pass(name, value);

    /// <summary>Passes a count through.</summary>
    /// <param name="name">Its name in the state, such as <c>history_size</c>; each once per group.</param>
    /// <param name="value">The count now.</param>
    /// <returns>What to set it to.</returns>
    /// <exception cref="ArgumentException">The state has no such int64 scalar, or the name came before.</exception>
    public long Count(string name, long value) => Pass(name, value);

    /// <summary>All settings as scalars by name: <c>groups.0.learning_rate</c>.</summary>
    internal static Dictionary<string, Tensor> Save(IReadOnlyList<ParameterGroup> groups)
    {
        var result = new Dictionary<string, Tensor>();
        for (var i = 0; i < groups.Count; i++)
        {
            groups[i].Exchange(new GroupSettings(i, result, null));
        }

        return result;
    }

    /// <summary>Sets all settings. Each passes through its own check; where one is refused, all are put back as they were.</summary>
    internal static void Load(IReadOnlyList<ParameterGroup> groups, IReadOnlyDictionary<string, Tensor> source)
    {
        var before = Save(groups);
        try
        {
            for (var i = 0; i < groups.Count; i++)
            {
                Set(groups[i], i, source);
            }
        }
        catch
        {
            for (var i = 0; i < groups.Count; i++)
            {
                groups[i].Exchange(new GroupSettings(i, null, before));
            }

            throw;
        }
    }

    private static void Set(ParameterGroup group, int index, IReadOnlyDictionary<string, Tensor> source)
    {
        var settings = new GroupSettings(index, null, source);
        try
        {
            group.Exchange(settings);
        }
        catch (ArgumentException refused) when (settings.handedOut is { } key)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"load_state_dictionary: {key} is {source[key].Item()}. {refused.Message}"), nameof(source), refused);
        }

        try
        {
            group.Validate();
        }
        catch (InvalidOperationException contradiction)
        {
            throw new ArgumentException(
                $"load_state_dictionary: the settings of group {index} contradict each other. {contradiction.Message}", nameof(source), contradiction);
        }
    }

    private T Pass<T>(string name, T value)
        where T : unmanaged
    {
        handedOut = null;
        var key = string.Create(CultureInfo.InvariantCulture, $"groups.{group}.{name}");
        if (!names.Add(name))
        {
            throw new ArgumentException($"optimizer: the setting '{key}' is named twice; give each setting of a group a name of its own.", nameof(name));
        }

        if (target is not null)
        {
            target.Add(key, Tensor.Scalar(value));
            return value;
        }

        var result = SavedScalar.Read<T>(source!, key);
        handedOut = key;    // from here on it is the setting's own check that may throw
        return result;
    }
}
