using System.Globalization;

namespace Backprop.Optimizers;

public abstract partial class Optimizer
{
    private const string StepsName = "steps";

    /// <summary>A copy of all that a later run needs to go on exactly where this one is.</summary>
    /// <returns>
    /// By name: <c>"0.steps"</c> (int64 scalar) and <c>"0.momentum"</c>, … (in the parameter's shape and dtype) for parameter 0 in the order of the
    /// groups, and so on; <c>"groups.0.learning_rate"</c> (float64 scalar) for group 0, and so on.
    /// </returns>
    public IReadOnlyDictionary<string, Tensor> StateDictionary()
    {
        var result = new Dictionary<string, Tensor>();
        using (TensorScope.Pause())
        {
            for (var i = 0; i < Groups.Count; i++)
            {
                result.Add(RateKey(i), Tensor.Scalar(Groups[i].LearningRate));
            }

            for (var i = 0; i < states.Count; i++)
            {
                result.Add(Key(i, StepsName), Tensor.Scalar((long)states[i].Steps));
                foreach (var name in states[i].Names)
                {
                    result.Add(Key(i, name), states[i].Find(name)!.Clone());
                }
            }
        }

        return result;
    }

    /// <summary>Takes over a copy of what <see cref="StateDictionary"/> of an optimizer of the same kind, over the same parameters, gave.</summary>
    /// <param name="state">The state. Learning rates come with it; set them afterwards to go on with others.</param>
    /// <exception cref="ArgumentException">Entries are missing, unknown, or of a wrong shape or dtype. Nothing has changed then.</exception>
    public void LoadStateDictionary(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var known = new HashSet<string>();
        for (var i = 0; i < Groups.Count; i++)
        {
            var rate = Number(state, known, RateKey(i), DType.Float64);
            if (!double.IsFinite(rate) || rate < 0)
            {
                throw Error.Range("load_state_dictionary", RateKey(i), rate, "finite and 0 or more");
            }
        }

        for (var i = 0; i < states.Count; i++)
        {
            var steps = Number(state, known, Key(i, StepsName), DType.Int64);
            if (steps is < 0 or > int.MaxValue)
            {
                throw Error.Range("load_state_dictionary", Key(i, StepsName), steps, $"0 … {int.MaxValue}");
            }

            foreach (var name in StateNames)
            {
                CheckState(state, known, i, name);
            }
        }

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

        for (var i = 0; i < Groups.Count; i++)
        {
            Groups[i].LearningRate = state[RateKey(i)].Item<double>();
        }

        for (var i = 0; i < states.Count; i++)
        {
            Restore(states[i], i, state);
        }
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
    }

    private void CheckState(IReadOnlyDictionary<string, Tensor> state, HashSet<string> known, int index, string name)
    {
        var key = Key(index, name);
        if (!state.TryGetValue(key, out var value))
        {
            return;     // not every state exists at every time
        }

        known.Add(key);
        var parameter = states[index].Parameter;
        if (value.DType != parameter.DType || !value.Shape.SequenceEqual(parameter.Shape))
        {
            throw new ArgumentException(
                $"load_state_dictionary: '{key}' is {ParameterGroup.Text(value)}; parameter {index} needs {parameter.DType.Label()} "
                + $"{Error.Text(parameter.Shape)}.",
                nameof(state));
        }
    }

    private static double Number(IReadOnlyDictionary<string, Tensor> state, HashSet<string> known, string key, DType dtype)
    {
        if (!state.TryGetValue(key, out var value))
        {
            throw new ArgumentException($"load_state_dictionary: '{key}' is missing; was the state saved with as many parameters and groups?", nameof(state));
        }

        if (value.DType != dtype || value.Count != 1)
        {
            throw new ArgumentException($"load_state_dictionary: '{key}' is {ParameterGroup.Text(value)}; it must be one {dtype.Label()}.", nameof(state));
        }

        known.Add(key);
        return value.Item();
    }

    private static string Key(int index, string name) => string.Create(CultureInfo.InvariantCulture, $"{index}.{name}");

    private static string RateKey(int index) => string.Create(CultureInfo.InvariantCulture, $"groups.{index}.learning_rate");
}
