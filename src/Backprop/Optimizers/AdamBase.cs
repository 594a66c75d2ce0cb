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
public sealed class AdamGroup(IEnumerable<Tensor> parameters) : MomentGroup(parameters)
{
    /// <summary>Whether the largest second moment so far takes the place of the current one.</summary>
    public bool AmsGrad { get; set; }

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        AmsGrad = settings.Flag("amsgrad", AmsGrad);
    }
}
