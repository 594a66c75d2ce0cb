namespace Backprop.Optimizers;

/// <summary>Parameters with settings that Adam and its kin share: running means of gradients and of their sizes.</summary>
public abstract class MomentGroup : AdaptiveGroup
{
    private protected MomentGroup(IEnumerable<Tensor> parameters, double learningRate = 1e-3)
        : base(parameters, learningRate, 1e-8)
    {
    }

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

    /// <inheritdoc/>
    protected internal override bool HasMomentum => true;

    /// <inheritdoc/>
    protected internal override void SetMomentum(double value) => Beta1 = value;

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        Beta1 = settings.Number("beta1", Beta1);
        Beta2 = settings.Number("beta2", Beta2);
    }
}
