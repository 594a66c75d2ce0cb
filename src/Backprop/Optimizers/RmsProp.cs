namespace Backprop.Optimizers;

/// <summary>
/// RMSprop: each element's step is divided by the running root mean square of its gradient.
/// <para>g ← g + λp;  v ← αv + (1 − α) g²;  p ← p − lr g / (√v + ε); v begins at 0.</para>
/// <para>Centered, with m ← αm + (1 − α) g: v − m², at least 0, takes the place of v below the root.</para>
/// <para>With momentum: b ← μb + g / (√v + ε);  p ← p − lr b.</para>
/// </summary>
/// <remarks>
/// Tieleman and Hinton, Lecture 6.5: RMSProp (2012); centered: Graves, Generating Sequences With Recurrent Neural Networks (2013).
/// </remarks>
public sealed class RmsProp : Optimizer<RmsPropGroup>
{
    /// <summary>Creates the optimizer with one group.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <param name="learningRate">lr; finite, 0 or more.</param>
    /// <param name="alpha">α, at least 0 and below 1.</param>
    /// <param name="epsilon">ε; finite, 0 or more.</param>
    /// <param name="weightDecay">λ; finite, 0 or more.</param>
    /// <param name="momentum">μ; finite, 0 or more.</param>
    /// <param name="centered">Whether the variance of the gradient takes the place of its mean square.</param>
    /// <param name="maximize">Whether to climb instead: g is replaced by −g.</param>
    /// <exception cref="ArgumentException">A parameter can't be trained, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public RmsProp(
        IEnumerable<Tensor> parameters,
        double learningRate = 1e-2,
        double alpha = 0.99,
        double epsilon = 1e-8,
        double weightDecay = 0,
        double momentum = 0,
        bool centered = false,
        bool maximize = false)
        : base(new RmsPropGroup(parameters)
        {
            LearningRate = learningRate,
            Alpha = alpha,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
            Momentum = momentum,
            Centered = centered,
            Maximize = maximize,
        })
    {
    }

    /// <summary>Creates the optimizer with several groups.</summary>
    /// <param name="groups">At least one; no parameter may be in two.</param>
    /// <exception cref="ArgumentException">There is no group, or a parameter is in two.</exception>
    public RmsProp(params IEnumerable<RmsPropGroup> groups)
        : base(groups)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => RmsPropRule.Names;

    /// <inheritdoc/>
    protected override void Update(RmsPropGroup group, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(state);
        var rule = new RmsPropRule(group);
        switch (group.Centered, group.Momentum != 0)
        {
            case (false, false):
                Apply(rule, state);
                break;
            case (true, false):
                Apply(new CenteredRmsPropRule(rule), state);
                break;
            case (false, true):
                Apply(new MomentumRmsPropRule(rule), state);
                break;
            default:
                Apply(new CenteredMomentumRmsPropRule(rule), state);
                break;
        }
    }
}

/// <summary>Parameters with the settings of <see cref="RmsProp"/>.</summary>
/// <param name="parameters">Leaves that require a gradient.</param>
public sealed class RmsPropGroup(IEnumerable<Tensor> parameters) : AdaptiveGroup(parameters, 1e-2, 1e-8)
{
    /// <summary>α: how much of the running mean of squared gradients stays; at least 0 and below 1. 0.99 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value outside the range.</exception>
    public double Alpha
    {
        get;
        set => field = Fraction(nameof(Alpha), value);
    }
    = 0.99;

    /// <summary>μ: how much of the last step goes on; finite, 0 or more. 0 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double Momentum
    {
        get;
        set => field = NotNegative(nameof(Momentum), value);
    }

    /// <summary>Whether the variance of the gradient takes the place of its mean square.</summary>
    public bool Centered { get; set; }

    /// <inheritdoc/>
    protected internal override bool HasMomentum => true;

    /// <inheritdoc/>
    protected internal override void SetMomentum(double value) => Momentum = value;

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        Alpha = settings.Number("alpha", Alpha);
        Momentum = settings.Number("momentum", Momentum);
        Centered = settings.Flag("centered", Centered);
    }
}
