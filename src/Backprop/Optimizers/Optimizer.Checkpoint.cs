using System.Globalization;

namespace Backprop.Optimizers;

public abstract partial class Optimizer
{
    private const string StepsName = "steps";

    /// <summary>A copy of all that a later run needs to go on exactly where this one is.</summary>
    /// <returns>
    /// By name: <c>"0.steps"</c> (int64 scalar) and <c>"0.momentum"</c>, … (in the parameter's shape and dtype) for parameter 0 in the order of the
    /// groups, and so on; <c>"groups.0.learning_rate"</c> and the other settings of group 0 (float64 or bool scalars), and so on.
    /// </returns>
    public Dictionary<string, Tensor> StateDictionary()
    {
        using (TensorScope.Pause())
        {
            var result = GroupSettings.Save(Groups);
            for (var i = 0; i < states.Count; i++)
            {
                result.Add(Key(i, StepsName), Tensor.Scalar((long)states[i].Steps));
                foreach (var name in states[i].Names)
                {
                    result.Add(Key(i, name), states[i].Find(name)!.Clone());
                }

                foreach (var (name, value) in states[i].Numbers)
                {
                    result.Add(Key(i, name), Tensor.Scalar(value));
                }
            }

            SaveMore(result);

            return result;
        }
    }

    /// <summary>Takes over a copy of what <see cref="StateDictionary"/> of an optimizer of the same kind, over the same parameters, gave.</summary>
    /// <param name="state">The state. The groups' settings come with it; set them afterwards to go on with others.</param>
    /// <exception cref="ArgumentException">
    /// Entries are missing, unknown, of a wrong shape or dtype, or a setting is outside its range. Nothing has changed then.
    /// </exception>
    /// <exception cref="ObjectDisposedException">An entry was recycled by a <see cref="TensorScope"/>. Nothing has changed then.</exception>
    public void LoadStateDictionary(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var known = new HashSet<string>(GroupSettings.Save(Groups).Keys);
        for (var i = 0; i < states.Count; i++)
        {
            var steps = SavedScalar.Read<long>(state, Key(i, StepsName));
            known.Add(Key(i, StepsName));
            if (steps is < 0 or > int.MaxValue)
            {
                throw Error.Range("load_state_dictionary", Key(i, StepsName), steps, $"0 … {int.MaxValue}");
            }

            foreach (var name in StateNames)
            {
                CheckState(state, known, i, name);
            }

            foreach (var name in NumberNames)
            {
                if (state.ContainsKey(Key(i, name)))
                {
                    SavedScalar.Read<double>(state, Key(i, name));
                    known.Add(Key(i, name));
                }
            }
        }

        CheckMore(state, known);

        foreach (var key in state.Keys)
        {
            if (!known.Contains(key))
            {
                throw new ArgumentException(
                    $"load_state_dictionary: '{key}' belongs to no state of this {GetType().Name} with {states.Count} parameters in {Groups.Count} groups"
                    + (StateNames.Count == 0 ? "." : $"; its states are {string.Join(", ", StateNames)}."),
                    nameof(state));
            }
        }

        GroupSettings.Load(Groups, state);
        for (var i = 0; i < states.Count; i++)
        {
            Restore(states[i], i, state);
        }

        LoadMore(state);
    }

    /// <summary>Adds what an optimizer remembers beside the parameters' states.</summary>
    private protected virtual void SaveMore(Dictionary<string, Tensor> result)
    {
    }

    /// <summary>Checks what <see cref="SaveMore"/> wrote, and names it as known. Changes nothing.</summary>
    private protected virtual void CheckMore(IReadOnlyDictionary<string, Tensor> state, HashSet<string> known)
    {
    }

    /// <summary>Takes over what <see cref="CheckMore"/> has checked.</summary>
    private protected virtual void LoadMore(IReadOnlyDictionary<string, Tensor> state)
    {
    }

    private void Restore(ParameterState target, int index, IReadOnlyDictionary<string, Tensor> state)
    {
        target.Clear();
        target.Steps = (int)state[Key(index, StepsName)].Item<long>();
        foreach (var name in StateNames)
        {
            if (state.TryGetValue(Key(index, name), out var value))
            {
                target.Put(name, value);
            }
        }

        foreach (var name in NumberNames)
        {
            if (state.TryGetValue(Key(index, name), out var value))
            {
                target.SetNumber(name, value.Item<double>());
            }
        }
    }

    /// <summary>Checks a tensor of a parameter's shape and dtype, where there is one: not every state exists at every time.</summary>
    private protected void CheckState(IReadOnlyDictionary<string, Tensor> state, HashSet<string> known, int index, string name)
    {
        var key = Key(index, name);
        if (!state.TryGetValue(key, out var value))
        {
            return;
        }

        known.Add(key);
        var parameter = states[index].Parameter;
        parameter.CheckAlive();
        if (value is null)
        {
            throw new ArgumentException($"load_state_dictionary: '{key}' is null.", nameof(state));
        }

        value.CheckAlive();
        if (value.DType != parameter.DType || !value.Shape.SequenceEqual(parameter.Shape))
        {
            throw new ArgumentException(
                $"load_state_dictionary: '{key}' is {ParameterGroup.Text(value)}; parameter {index} needs {parameter.DType.Label()} "
                + $"{Error.Text(parameter.Shape)}.",
                nameof(state));
        }
    }

    private protected static string Key(int index, string name) => string.Create(CultureInfo.InvariantCulture, $"{index}.{name}");
}
