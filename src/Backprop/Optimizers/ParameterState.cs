namespace Backprop.Optimizers;

/// <summary>What an optimizer remembers of one parameter.</summary>
public sealed class ParameterState
{
    private readonly List<(string Name, Tensor Value)> values = [];
    private readonly List<(string Name, double Value)> numbers = [];

    internal ParameterState(Tensor parameter, ParameterGroup group)
    {
        Parameter = parameter;
        Group = group;
    }

    /// <summary>The parameter.</summary>
    public Tensor Parameter { get; }

    /// <summary>The group it belongs to.</summary>
    public ParameterGroup Group { get; }

    /// <summary>How many steps this parameter has taken, the current one included. Steps without a gradient don't count.</summary>
    public int Steps { get; internal set; }

    /// <summary>The names of the states there are; none before the first step.</summary>
    public IEnumerable<string> Names => values.Select(value => value.Name);

    /// <summary>
    /// A state by name, in the parameter's shape and dtype; null where there is none yet. It is the live one: changing it changes what the optimizer
    /// remembers.
    /// </summary>
    public Tensor? Find(string name)
    {
        foreach (var (candidate, value) in values)
        {
            if (candidate == name)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>A number that belongs to the parameter as a whole, such as a product over all its steps.</summary>
    /// <param name="name">Its name, one of <see cref="Optimizer.NumberNames"/>.</param>
    /// <param name="initial">What it is as long as it has not been set.</param>
    public double Number(string name, double initial)
    {
        foreach (var (candidate, value) in numbers)
        {
            if (candidate == name)
            {
                return value;
            }
        }

        return initial;
    }

    /// <summary>Remembers a number that belongs to the parameter as a whole; checkpoints carry it.</summary>
    /// <param name="name">Its name, one of <see cref="Optimizer.NumberNames"/>.</param>
    /// <param name="value">Any number.</param>
    public void SetNumber(string name, double value)
    {
        for (var i = 0; i < numbers.Count; i++)
        {
            if (numbers[i].Name == name)
            {
                numbers[i] = (name, value);
                return;
            }
        }

        numbers.Add((name, value));
    }

    internal IReadOnlyList<(string Name, double Value)> Numbers => numbers;

    internal Tensor FindOrCreate(string name, double initial)
    {
        if (Find(name) is { } found)
        {
            return found;
        }

        // State outlives the step's scope.
        using (TensorScope.Pause())
        {
            var created = Tensor.Full(Parameter.Shape, initial, Parameter.DType);
            created.Name = Parameter.Name is null ? name : $"{Parameter.Name}.{name}";
            values.Add((name, created));
            return created;
        }
    }

    /// <summary>Throws where a step would fail because something is gone.</summary>
    internal void Check()
    {
        if (Parameter.Gradient is not { } gradient)
        {
            return;
        }

        Parameter.CheckAlive();
        gradient.CheckAlive();
        foreach (var (_, value) in values)
        {
            value.CheckAlive();
        }
    }

    internal void Clear()
    {
        values.Clear();
        numbers.Clear();
    }

    internal void Put(string name, Tensor value) => FindOrCreate(name, 0).CopyFrom(value);
}
