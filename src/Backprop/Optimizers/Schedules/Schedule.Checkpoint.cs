namespace Backprop.Optimizers;

public abstract partial class Schedule
{
    private const string StepName = "step";
    private const string BaseRatesName = "base_rates";

    /// <summary>A copy of all that a later run needs to go on with the same rates: beside the optimizer's, so that both can be saved.</summary>
    /// <returns>
    /// By name: <c>"step"</c> (int64 scalar), <c>"base_rates"</c> (float64, one per group), and what a schedule that follows a metric remembers, with
    /// <c>"parts.0."</c>, … in front where it is part of another.
    /// </returns>
    /// <exception cref="InvalidOperationException">The schedule is not attached.</exception>
    public Dictionary<string, Tensor> StateDictionary()
    {
        Attached();
        using (TensorScope.Pause())
        {
            var result = new Dictionary<string, Tensor>
            {
                [StepName] = Tensor.Scalar((long)StepNumber),
                [BaseRatesName] = Tensor.From(baseRates.ToArray()),
            };
            foreach (var (name, value) in Numbers(""))
            {
                result.Add(name, Tensor.Scalar(value));
            }

            return result;
        }
    }

    /// <summary>
    /// Takes over what <see cref="StateDictionary"/> of a schedule with the same settings gave, and sets the optimizer's rates. What the settings are
    /// is not saved: make the schedule as it was made then, and attach it.
    /// </summary>
    /// <param name="state">The state.</param>
    /// <exception cref="ArgumentException">
    /// Entries are missing, unknown, of a wrong shape or dtype, or outside their range. Nothing has changed then.
    /// </exception>
    /// <exception cref="InvalidOperationException">The schedule is not attached.</exception>
    public void LoadStateDictionary(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var groups = Attached().Groups.Count;
        var step = SavedScalar.Read<long>(state, StepName);
        if (step is < 0 or > int.MaxValue)
        {
            throw Error.Range("load_state_dictionary", StepName, step, $"0 … {int.MaxValue}");
        }

        var rates = ReadRates(state, groups);
        var known = new HashSet<string> { StepName, BaseRatesName };
        var numbers = new Dictionary<string, double>();
        foreach (var (name, _) in Numbers(""))
        {
            known.Add(name);
            numbers.Add(name, SavedScalar.Read<double>(state, name));
        }

        foreach (var key in state.Keys)
        {
            if (!known.Contains(key))
            {
                throw new ArgumentException(
                    $"load_state_dictionary: '{key}' is no entry of this {GetType().Name}; its entries are {string.Join(", ", known)}.", nameof(state));
            }
        }

        CheckNumbers("", numbers);
        var before = baseRates.ToArray();
        var memory = Numbers("").ToDictionary(entry => entry.Name, entry => entry.Value);
        try
        {
            Replace(rates, numbers);
            SetRates(optimizer!, (int)step);
        }
        catch
        {
            Replace(before, memory);
            throw;
        }

        StepNumber = (int)step;
    }

    /// <summary>What is remembered beside the step, by name.</summary>
    internal virtual IEnumerable<(string Name, double Value)> Numbers(string prefix) => [];

    /// <summary>Throws where numbers are outside their range. All of <see cref="Numbers"/> are there.</summary>
    internal virtual void CheckNumbers(string prefix, IReadOnlyDictionary<string, double> numbers)
    {
    }

    /// <summary>Takes over checked numbers.</summary>
    internal virtual void SetNumbers(string prefix, IReadOnlyDictionary<string, double> numbers)
    {
    }

    private static double[] ReadRates(IReadOnlyDictionary<string, Tensor> state, int groups)
    {
        if (!state.TryGetValue(BaseRatesName, out var saved) || saved is null)
        {
            throw new ArgumentException($"load_state_dictionary: '{BaseRatesName}' is missing.", nameof(state));
        }

        if (saved.DType != DType.Float64 || saved.Rank != 1 || saved.Count != groups)
        {
            throw new ArgumentException(
                $"load_state_dictionary: '{BaseRatesName}' is {ParameterGroup.Text(saved)}; the optimizer's groups need float64 [{groups}].", nameof(state));
        }

        var rates = saved.ToArray<double>();
        foreach (var rate in rates)
        {
            if (!double.IsFinite(rate) || rate < 0)
            {
                throw Error.Range("load_state_dictionary", BaseRatesName, rate, "finite and 0 or more");
            }
        }

        return rates;
    }

    private void Replace(double[] rates, IReadOnlyDictionary<string, double> numbers)
    {
        baseRates.Clear();
        baseRates.AddRange(rates);
        SetNumbers("", numbers);
    }
}
