namespace Backprop.Optimizers;

/// <summary>
/// Adamax: <see cref="Adam"/> with a fading maximum of the gradient's size in place of its root mean square.
/// <para>g ← g + λp;  m ← β₁m + (1 − β₁) g;  u ← max(β₂u, |g| + ε);  p ← p − lr / (1 − β₁ᵗ) · m / u, for t = 1, 2, …; m and u begin at 0.</para>
/// </summary>
/// <remarks>
/// Kingma and Ba, Adam: A Method for Stochastic Optimization (2015), section 7.1.
/// </remarks>
public sealed class Adamax : Optimizer<AdamaxGroup>
{
    /// <summary>Creates the optimizer with one group.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <param name="learningRate">lr; finite, 0 or more.</param>
    /// <param name="beta1">β₁, at least 0 and below 1.</param>
    /// <param name="beta2">β₂, at least 0 and below 1.</param>
    /// <param name="epsilon">ε; finite, 0 or more.</param>
    /// <param name="weightDecay">λ; finite, 0 or more.</param>
    /// <param name="maximize">Whether to climb instead: g is replaced by −g.</param>
    /// <exception cref="ArgumentException">A parameter can't be trained, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public Adamax(
        IEnumerable<Tensor> parameters,
        double learningRate = 2e-3,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0,
        bool maximize = false)
        : base(new AdamaxGroup(parameters)
        {
            LearningRate = learningRate,
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
            Maximize = maximize,
        })
    {
    }

    /// <summary>Creates the optimizer with several groups.</summary>
    /// <param name="groups">At least one; no parameter may be in two.</param>
    /// <exception cref="ArgumentException">There is no group, or a parameter is in two.</exception>
    public Adamax(params IEnumerable<AdamaxGroup> groups)
        : base(groups)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => AdamaxRule.Names;

    /// <inheritdoc/>
    protected override void Update(AdamaxGroup group, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(state);
        Apply(new AdamaxRule(group, state.Steps), state);
    }
}

/// <summary>Parameters with the settings of <see cref="Adamax"/>. The learning rate is 0.002 unless set.</summary>
/// <param name="parameters">Leaves that require a gradient.</param>
public sealed class AdamaxGroup(IEnumerable<Tensor> parameters) : MomentGroup(parameters, 2e-3);
