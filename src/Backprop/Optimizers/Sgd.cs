namespace Backprop.Optimizers;

/// <summary>
/// Stochastic gradient descent, with momentum if wanted.
/// <para>g ← g + λp;  v ← μv + (1 − d) g, where v begins as the first g;  p ← p − lr v.</para>
/// <para>Without momentum v = g. With Nesterov's: p ← p − lr (g + μv).</para>
/// </summary>
/// <remarks>
/// Polyak, Some methods of speeding up the convergence of iteration methods (1964); Sutskever et al., On the importance of initialization and
/// momentum in deep learning (2013).
/// </remarks>
public sealed class Sgd : Optimizer<SgdGroup>
{
    private static readonly string[] names = [MomentumRule.Momentum];

    /// <summary>Creates the optimizer with one group.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <param name="learningRate">lr; finite, 0 or more.</param>
    /// <param name="momentum">μ; finite, 0 or more.</param>
    /// <param name="dampening">d; finite.</param>
    /// <param name="weightDecay">λ; finite, 0 or more.</param>
    /// <param name="nesterov">Whether to look ahead; needs momentum and no dampening.</param>
    /// <param name="maximize">Whether to climb instead: g is replaced by −g.</param>
    /// <exception cref="ArgumentException">A parameter can't be trained, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="nesterov"/> without momentum or with dampening.</exception>
    public Sgd(
        IEnumerable<Tensor> parameters,
        double learningRate,
        double momentum = 0,
        double dampening = 0,
        double weightDecay = 0,
        bool nesterov = false,
        bool maximize = false)
        : base(new SgdGroup(parameters)
        {
            LearningRate = learningRate,
            Momentum = momentum,
            Dampening = dampening,
            WeightDecay = weightDecay,
            Nesterov = nesterov,
            Maximize = maximize,
        })
    {
    }

    /// <summary>Creates the optimizer with several groups.</summary>
    /// <param name="groups">At least one; no parameter may be in two.</param>
    /// <exception cref="ArgumentException">There is no group, or a parameter is in two.</exception>
    public Sgd(params IEnumerable<SgdGroup> groups)
        : base(groups)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => names;

    /// <inheritdoc/>
    protected override void Update(SgdGroup group, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(state);
        if (group.Momentum == 0)
        {
            Apply(new SgdRule(group), state);
        }
        else
        {
            Apply(new MomentumRule(group, first: state.Find(MomentumRule.Momentum) is null), state);
        }
    }
}

/// <summary>Parameters with the settings of <see cref="Sgd"/>.</summary>
/// <param name="parameters">Leaves that require a gradient.</param>
public sealed class SgdGroup(IEnumerable<Tensor> parameters) : ParameterGroup(parameters)
{
    /// <summary>μ: how much of the last step goes on; finite, 0 or more. 0 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double Momentum
    {
        get;
        set => field = NotNegative(nameof(Momentum), value);
    }

    /// <summary>d: how much of the gradient does not enter the momentum; finite. 0 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to an infinity or NaN.</exception>
    public double Dampening
    {
        get;
        set => field = double.IsFinite(value) ? value : throw Error.Range("optimizer", nameof(Dampening), value, "finite");
    }

    /// <summary>Whether the gradient is taken as if the momentum's step were made already; needs momentum and no dampening.</summary>
    public bool Nesterov { get; set; }

    /// <summary>Whether to climb instead of to descend.</summary>
    public bool Maximize { get; set; }

    /// <inheritdoc/>
    protected internal override void Validate()
    {
        if (Nesterov && (Momentum == 0 || Dampening != 0))
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"sgd: Nesterov needs a momentum above 0 and a dampening of 0; they are {Momentum} and {Dampening}."));
        }
    }

    /// <inheritdoc/>
    protected internal override bool HasMomentum => true;

    /// <inheritdoc/>
    protected internal override void SetMomentum(double value) => Momentum = value;

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        Momentum = settings.Number("momentum", Momentum);
        Dampening = settings.Number("dampening", Dampening);
        Nesterov = settings.Flag("nesterov", Nesterov);
        Maximize = settings.Flag("maximize", Maximize);
    }
}
