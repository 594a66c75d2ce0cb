namespace Backprop.Optimizers;

/// <summary>An optimizer that is one rule: what an own optimizer derives from.</summary>
/// <example><code>
/// // with the SignRule of IUpdateRule's example
/// sealed class SignSgd(IEnumerable&lt;Tensor&gt; parameters, double learningRate, double momentum = 0.9)
///     : RuleOptimizer&lt;SignRule&gt;(parameters, learningRate)
/// {
///     protected override SignRule Rule(ParameterGroup group, int step) => new(group.LearningRate, momentum);
/// }
/// </code></example>
/// <typeparam name="TRule">The mathematics.</typeparam>
public abstract class RuleOptimizer<TRule> : Optimizer<ParameterGroup>
    where TRule : struct, IUpdateRule
{
    private static readonly string[] names = [.. Enumerable.Range(0, TRule.StateCount).Select(TRule.StateName)];

    /// <summary>Creates an optimizer with one group.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <param name="learningRate">Finite, 0 or more.</param>
    /// <exception cref="ArgumentException">A parameter can't be trained, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The learning rate is negative or not finite.</exception>
    protected RuleOptimizer(IEnumerable<Tensor> parameters, double learningRate)
        : base(new ParameterGroup(parameters) { LearningRate = learningRate })
    {
    }

    /// <summary>Creates an optimizer with several groups.</summary>
    /// <param name="groups">At least one; no parameter may be in two.</param>
    /// <exception cref="ArgumentException">There is no group, or a parameter is in two.</exception>
    protected RuleOptimizer(params IEnumerable<ParameterGroup> groups)
        : base(groups)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => names;

    /// <summary>The rule with the constants of a step.</summary>
    /// <param name="group">The settings of the parameter at hand.</param>
    /// <param name="step">Counts the parameter's steps, from 1.</param>
    protected abstract TRule Rule(ParameterGroup group, int step);

    /// <inheritdoc/>
    protected sealed override void Update(ParameterGroup group, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Apply(Rule(group, state.Steps), state);
    }
}
