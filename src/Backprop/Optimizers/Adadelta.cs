namespace Backprop.Optimizers;

/// <summary>
/// Adadelta: each element's step has the size of its recent steps, in proportion to its gradient over its recent gradients.
/// <para>g ← g + λp;  v ← ρv + (1 − ρ) g²;  Δ = √(u + ε) / √(v + ε) · g;  u ← ρu + (1 − ρ) Δ²;  p ← p − lr Δ; u and v begin at 0.</para>
/// </summary>
/// <remarks>
/// Zeiler, ADADELTA: An Adaptive Learning Rate Method (2012).
/// </remarks>
public sealed class Adadelta : Optimizer<AdadeltaGroup>
{
    /// <summary>Creates the optimizer with one group.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <param name="learningRate">lr; finite, 0 or more.</param>
    /// <param name="rho">ρ, at least 0 and below 1.</param>
    /// <param name="epsilon">ε; finite, 0 or more.</param>
    /// <param name="weightDecay">λ; finite, 0 or more.</param>
    /// <param name="maximize">Whether to climb instead: g is replaced by −g.</param>
    /// <exception cref="ArgumentException">A parameter can't be trained, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public Adadelta(
        IEnumerable<Tensor> parameters,
        double learningRate = 1,
        double rho = 0.9,
        double epsilon = 1e-6,
        double weightDecay = 0,
        bool maximize = false)
        : base(new AdadeltaGroup(parameters)
        {
            LearningRate = learningRate,
            Rho = rho,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
            Maximize = maximize,
        })
    {
    }

    /// <summary>Creates the optimizer with several groups.</summary>
    /// <param name="groups">At least one; no parameter may be in two.</param>
    /// <exception cref="ArgumentException">There is no group, or a parameter is in two.</exception>
    public Adadelta(params IEnumerable<AdadeltaGroup> groups)
        : base(groups)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => AdadeltaRule.Names;

    /// <inheritdoc/>
    protected override void Update(AdadeltaGroup group, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(state);
        Apply(new AdadeltaRule(group), state);
    }
}

/// <summary>Parameters with the settings of <see cref="Adadelta"/>.</summary>
/// <param name="parameters">Leaves that require a gradient.</param>
public sealed class AdadeltaGroup(IEnumerable<Tensor> parameters) : AdaptiveGroup(parameters, 1, 1e-6)
{
    /// <summary>ρ: how much of the running means stays; at least 0 and below 1. 0.9 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value outside the range.</exception>
    public double Rho
    {
        get;
        set => field = Fraction(nameof(Rho), value);
    }
    = 0.9;

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        Rho = settings.Number("rho", Rho);
    }
}
