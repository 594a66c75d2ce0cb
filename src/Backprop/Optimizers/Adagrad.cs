namespace Backprop.Optimizers;

/// <summary>
/// Adagrad: each element's step is divided by the root of the sum of all its squared gradients.
/// <para>g ← g + λp;  s ← s + g²;  p ← p − lr / (1 + (t − 1) η) · g / (√s + ε), for t = 1, 2, ….</para>
/// </summary>
/// <remarks>
/// Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization (2011).
/// </remarks>
public sealed class Adagrad : Optimizer<AdagradGroup>
{
    /// <summary>Creates the optimizer with one group.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <param name="learningRate">lr; finite, 0 or more.</param>
    /// <param name="learningRateDecay">η; finite, 0 or more.</param>
    /// <param name="weightDecay">λ; finite, 0 or more.</param>
    /// <param name="initialAccumulator">What s begins as; finite, 0 or more.</param>
    /// <param name="epsilon">ε; finite, 0 or more.</param>
    /// <param name="maximize">Whether to climb instead: g is replaced by −g.</param>
    /// <exception cref="ArgumentException">A parameter can't be trained, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public Adagrad(
        IEnumerable<Tensor> parameters,
        double learningRate = 1e-2,
        double learningRateDecay = 0,
        double weightDecay = 0,
        double initialAccumulator = 0,
        double epsilon = 1e-10,
        bool maximize = false)
        : base(new AdagradGroup(parameters)
        {
            LearningRate = learningRate,
            LearningRateDecay = learningRateDecay,
            WeightDecay = weightDecay,
            InitialAccumulator = initialAccumulator,
            Epsilon = epsilon,
            Maximize = maximize,
        })
    {
    }

    /// <summary>Creates the optimizer with several groups.</summary>
    /// <param name="groups">At least one; no parameter may be in two.</param>
    /// <exception cref="ArgumentException">There is no group, or a parameter is in two.</exception>
    public Adagrad(params IEnumerable<AdagradGroup> groups)
        : base(groups)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => AdagradRule.Names;

    /// <inheritdoc/>
    protected override double InitialState(AdagradGroup group, string name)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.InitialAccumulator;
    }

    /// <inheritdoc/>
    protected override void Update(AdagradGroup group, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(state);
        Apply(new AdagradRule(group, state.Steps), state);
    }
}

/// <summary>Parameters with the settings of <see cref="Adagrad"/>.</summary>
/// <param name="parameters">Leaves that require a gradient.</param>
public sealed class AdagradGroup(IEnumerable<Tensor> parameters) : AdaptiveGroup(parameters, 1e-2, 1e-10)
{
    /// <summary>η: how fast the learning rate falls; finite, 0 or more. 0 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double LearningRateDecay
    {
        get;
        set => field = NotNegative(nameof(LearningRateDecay), value);
    }

    /// <summary>What the sum s begins as; finite, 0 or more. 0 unless set. Changing it after the first step changes nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double InitialAccumulator
    {
        get;
        set => field = NotNegative(nameof(InitialAccumulator), value);
    }

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        LearningRateDecay = settings.Number("learning_rate_decay", LearningRateDecay);
        InitialAccumulator = settings.Number("initial_accumulator", InitialAccumulator);
    }
}
