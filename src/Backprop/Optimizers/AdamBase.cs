namespace Backprop.Optimizers;

/// <summary>What <see cref="Adam"/> and <see cref="AdamW"/> have in common: all but the place where weights decay.</summary>
public abstract class AdamBase : Optimizer<AdamGroup>
{
    private protected AdamBase(params IEnumerable<AdamGroup> groups)
        : base(groups)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => AdamRule.Names;

    private protected abstract bool Decoupled { get; }

    /// <inheritdoc/>
    protected override void Update(AdamGroup group, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(state);
        var rule = new AdamRule(group, state.Steps, Decoupled);
        if (group.AmsGrad)
        {
            Apply(new AmsGradRule(rule), state);
        }
        else
        {
            Apply(rule, state);
        }
    }
}

/// <summary>Parameters with the settings of <see cref="Adam"/> or <see cref="AdamW"/>.</summary>
/// <param name="parameters">Leaves that require a gradient.</param>
public sealed class AdamGroup(IEnumerable<Tensor> parameters) : ParameterGroup(parameters)
{
    /// <summary>β₁: how much of the running mean of gradients stays; at least 0 and below 1. 0.9 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value outside the range.</exception>
    public double Beta1
    {
        get;
        set => field = Fraction(nameof(Beta1), value);
    }
    = 0.9;

    /// <summary>β₂: how much of the running mean of squared gradients stays; at least 0 and below 1. 0.999 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value outside the range.</exception>
    public double Beta2
    {
        get;
        set => field = Fraction(nameof(Beta2), value);
    }
    = 0.999;

    /// <summary>ε: keeps the step finite where gradients vanish; finite, 0 or more. 10⁻⁸ unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double Epsilon
    {
        get;
        set => field = NotNegative(nameof(Epsilon), value);
    }
    = 1e-8;

    /// <summary>Whether the largest second moment so far takes the place of the current one.</summary>
    public bool AmsGrad { get; set; }

    /// <summary>Whether to climb instead of to descend.</summary>
    public bool Maximize { get; set; }

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        Beta1 = settings.Number("beta1", Beta1);
        Beta2 = settings.Number("beta2", Beta2);
        Epsilon = settings.Number("epsilon", Epsilon);
        AmsGrad = settings.Flag("amsgrad", AmsGrad);
        Maximize = settings.Flag("maximize", Maximize);
    }
}
