namespace Backprop.Optimizers;

/// <summary>An optimizer whose groups have settings of their own: the base of those that are more than one rule.</summary>
/// <typeparam name="TGroup">The settings of a group.</typeparam>
public abstract class Optimizer<TGroup> : Optimizer
    where TGroup : ParameterGroup
{
    private readonly List<TGroup> groups = [];

    /// <summary>Creates an optimizer.</summary>
    /// <param name="groups">At least one; no parameter may be in two.</param>
    /// <exception cref="ArgumentException">There is no group, or a parameter is in two.</exception>
    protected Optimizer(params IEnumerable<TGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        foreach (var group in groups)
        {
            Add(group);
        }

        if (this.groups.Count == 0)
        {
            throw new ArgumentException("optimizer: there are no parameters: no parameter groups were given; at least one is needed.", nameof(groups));
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TGroup> Groups => groups;

    /// <summary>Adds parameters with their settings, for instance layers that are to be trained from now on.</summary>
    /// <exception cref="ArgumentException">A parameter is in another group already.</exception>
    /// <exception cref="InvalidOperationException">Settings of the group contradict each other.</exception>
    public void Add(TGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        Attach(group);
        groups.Add(group);
    }

    /// <summary>One step of one parameter that has a gradient: choose a rule and <see cref="Optimizer.Apply{TRule}"/> it.</summary>
    /// <param name="group">The parameter's settings.</param>
    /// <param name="state">The parameter; <see cref="ParameterState.Steps"/> counts this step, so it is 1 at first.</param>
    protected abstract void Update(TGroup group, ParameterState state);

    /// <summary>What a state begins as: 0 unless overridden.</summary>
    /// <param name="group">The parameter's settings.</param>
    /// <param name="name">The state's name.</param>
    protected virtual double InitialState(TGroup group, string name) => 0;

    private protected sealed override void Update(ParameterState state) => Update((TGroup)state.Group, state);

    private protected sealed override double InitialState(ParameterState state, string name) => InitialState((TGroup)state.Group, name);
}
