namespace Backprop.Optimizers;

/// <summary>
/// RAdam: <see cref="Adam"/> that scales its steps only once enough gradients were seen to know how.
/// <para>g ← g + λp;  m ← β₁m + (1 − β₁) g;  v ← β₂v + (1 − β₂) g²;  ρ∞ = 2 / (1 − β₂) − 1;  ρ = ρ∞ − 2t β₂ᵗ / (1 − β₂ᵗ).</para>
/// <para>If ρ &gt; 5: p ← p − lr / (1 − β₁ᵗ) · r m √(1 − β₂ᵗ) / (√v + ε) with r² = (ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ);</para>
/// <para>else p ← p − lr / (1 − β₁ᵗ) · m; for t = 1, 2, …; m and v begin at 0.</para>
/// </summary>
/// <remarks>
/// Liu et al., On the Variance of the Adaptive Learning Rate and Beyond (2020).
/// </remarks>
public sealed class RAdam : Optimizer<RAdamGroup>
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
    public RAdam(
        IEnumerable<Tensor> parameters,
        double learningRate = 1e-3,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0,
        bool maximize = false)
        : base(new RAdamGroup(parameters)
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
    public RAdam(params IEnumerable<RAdamGroup> groups)
        : base(groups)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => RAdamRule.Names;

    /// <inheritdoc/>
    protected override void Update(RAdamGroup group, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(state);
        Apply(new RAdamRule(group, state.Steps), state);
    }
}

/// <summary>Parameters with the settings of <see cref="RAdam"/>.</summary>
/// <param name="parameters">Leaves that require a gradient.</param>
public sealed class RAdamGroup(IEnumerable<Tensor> parameters) : MomentGroup(parameters);
