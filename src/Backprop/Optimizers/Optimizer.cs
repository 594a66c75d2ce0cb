namespace Backprop.Optimizers;

/// <summary>
/// Changes parameters so that a loss gets smaller: <see cref="ZeroGradients"/>, <see cref="Tensor.Backward"/>, <see cref="Step()"/>.
/// </summary>
/// <remarks>
/// An own optimizer is a rule, <see cref="IUpdateRule"/>, and a class that derives from <see cref="RuleOptimizer{TRule}"/>. The state (moments, …) is
/// created at the first step that needs it and lives outside every <see cref="TensorScope"/>; steps after that allocate nothing.
/// </remarks>
public abstract partial class Optimizer
{
    private readonly List<ParameterState> states = [];

    private protected Optimizer()
    {
    }

    /// <summary>The parameters, by common settings.</summary>
    public abstract IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>What is remembered of each parameter, in the order of the groups.</summary>
    public IReadOnlyList<ParameterState> States => states;

    /// <summary>The learning rate of the first group. Setting it sets that of every group.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double LearningRate
    {
        get => Groups[0].LearningRate;
        set
        {
            for (var i = 0; i < Groups.Count; i++)
            {
                Groups[i].LearningRate = value;
            }
        }
    }

    /// <summary>Changes every parameter that has a gradient, in place; the others stay as they are.</summary>
    /// <remarks>
    /// The gradients stay too, so that the next <see cref="Tensor.Backward"/> adds to them unless <see cref="ZeroGradients"/> is called. A walk over
    /// something recorded before the step throws, where its gradient needs the values from then.
    /// </remarks>
    /// <exception cref="InvalidOperationException">Settings of a group contradict each other. No parameter was changed.</exception>
    /// <exception cref="ObjectDisposedException">
    /// A parameter, its gradient or its state was recycled by a <see cref="TensorScope"/>. No parameter was changed.
    /// </exception>
    public virtual void Step()
    {
        if (Capture.IsOn)
        {
            Capture.Repeat(StepNow);
        }
        else
        {
            StepNow();
        }
    }

    private void StepNow()
    {
        for (var i = 0; i < Groups.Count; i++)
        {
            Groups[i].Validate();
        }

        foreach (var state in states)
        {
            state.Check();
        }

        foreach (var state in states)
        {
            if (state.Parameter.Gradient is not null)
            {
                Count(state);
            }
        }
    }

    /// <summary>
    /// Computes a loss and its gradients, and makes a step: <see cref="ZeroGradients"/>, <see cref="Tensor.Backward"/> and <see cref="Step()"/> in one.
    /// </summary>
    /// <param name="loss">
    /// Computes the loss from the parameters as they are, and nothing else: gradients are cleared and taken here. Called once; optimizers
    /// that look at several points override this and call it as often as they need.
    /// </param>
    /// <returns>The loss before the step.</returns>
    /// <remarks>
    /// Each computation has a <see cref="TensorScope"/> of its own. The parameters have no gradients afterwards.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The loss is not a single recorded number, or as for <see cref="Step()"/>.</exception>
    /// <example><code>
    /// var loss = optimizer.Step(() => Losses.MeanSquaredError(model.Forward(x), y));
    /// </code></example>
    public virtual double Step(Func<Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        RefuseCapture();
        return Evaluate(loss, Step);
    }

    /// <summary>A step that computes its loss itself returns a number.</summary>
    private protected static void RefuseCapture()
    {
        if (Capture.IsOn)
        {
            throw new InvalidOperationException(
                "optimizer: Step(() => loss) returns a number, so it can't be in a captured step; write ZeroGradients(), Backward() and Step() and return the "
                + "loss. L-BFGS, which asks for the loss several times, can't be captured.");
        }
    }

    /// <summary>The loss, with the gradients for as long as they are used.</summary>
    private protected double Evaluate(Func<Tensor> loss, Action use)
    {
        using var scope = TensorScope.Begin();
        ZeroGradients();
        try
        {
            var result = Computed(loss);
            result.Backward(result.Rank == 0 ? null : Tensor.Ones(result.Shape, result.DType));
            use();
            return result.Item();
        }
        finally
        {
            ZeroGradients();    // they end with the scope
        }
    }

    /// <summary>The loss alone.</summary>
    private protected static double Measure(Func<Tensor> loss)
    {
        using var scope = TensorScope.Begin();
        return Computed(loss).Item();
    }

    private static Tensor Computed(Func<Tensor> loss)
    {
        var result = loss() ?? throw new InvalidOperationException("optimizer: the loss that Step was given returned null.");
        return result.Count == 1
            ? result
            : throw new InvalidOperationException(
                $"optimizer: the loss that Step was given returned {ParameterGroup.Text(result)}; it must be a single number, for instance a mean.");
    }

    /// <summary>Forgets the gradients of all parameters; call it before each <see cref="Tensor.Backward"/>.</summary>
    public void ZeroGradients()
    {
        foreach (var state in states)
        {
            state.Parameter.ZeroGradient();
        }
    }

    /// <summary>The names of all states this optimizer may have.</summary>
    protected abstract IReadOnlyList<string> StateNames { get; }

    /// <summary>The names of all numbers that this optimizer may remember of a parameter as a whole; none unless overridden.</summary>
    protected internal virtual IReadOnlyList<string> NumberNames => [];

    /// <summary>The weight decay of groups that state none.</summary>
    private protected virtual double DefaultWeightDecay => 0;

    /// <summary>One step of one parameter.</summary>
    private protected abstract void Update(ParameterState state);

    /// <summary>What a state begins as.</summary>
    private protected abstract double InitialState(ParameterState state, string name);

    private protected void Attach(ParameterGroup group)
    {
        group.Validate();
        foreach (var parameter in group.Parameters)
        {
            foreach (var state in states)
            {
                if (ReferenceEquals(state.Parameter, parameter))
                {
                    throw new ArgumentException($"optimizer: parameter {ParameterGroup.Text(parameter)} is in two groups.", nameof(group));
                }
            }
        }

        group.SetDefaultWeightDecay(DefaultWeightDecay);
        foreach (var parameter in group.Parameters)
        {
            states.Add(new ParameterState(parameter, group));
        }
    }

    /// <summary>Applies a rule to a parameter: one pass over parameter, gradient and the rule's states, which are created where they don't exist yet.</summary>
    /// <typeparam name="TRule">The mathematics; its state names must be among <see cref="StateNames"/>.</typeparam>
    /// <param name="rule">The constants of this step.</param>
    /// <param name="state">The parameter with its state.</param>
    protected void Apply<TRule>(TRule rule, ParameterState state)
        where TRule : struct, IUpdateRule
    {
        ArgumentNullException.ThrowIfNull(state);
        var parameter = state.Parameter;
        var gradient = parameter.Gradient
            ?? throw new InvalidOperationException($"{TRule.Name}: parameter {ParameterGroup.Text(parameter)} has no gradient.");
        switch (TRule.StateCount)
        {
            case 0:
                Elementwise.Update(rule, parameter, gradient);
                break;
            case 1:
                Elementwise.Update(rule, parameter, gradient, StateOf<TRule>(state, 0));
                break;
            case 2:
                Elementwise.Update(rule, parameter, gradient, StateOf<TRule>(state, 0), StateOf<TRule>(state, 1));
                break;
            default:
                Elementwise.Update(rule, parameter, gradient, StateOf<TRule>(state, 0), StateOf<TRule>(state, 1), StateOf<TRule>(state, 2));
                break;
        }
    }

    /// <summary>Updates a parameter and counts the step; a failed one doesn't count.</summary>
    private void Count(ParameterState state)
    {
        // The update sees its own number, for corrections of the bias.
        state.Steps++;
        var isDone = false;
        try
        {
            Update(state);
            isDone = true;
        }
        finally
        {
            state.Steps -= isDone ? 0 : 1;
        }
    }

    private Tensor StateOf<TRule>(ParameterState state, int index)
        where TRule : struct, IUpdateRule
    {
        var name = TRule.StateName(index);
        return state.Find(name) ?? state.FindOrCreate(name, InitialState(state, name));
    }
}
