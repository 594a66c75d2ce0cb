namespace Backprop.Optimizers;

/// <summary>Parameters with settings that all optimizers share which scale each element's step by the size of its gradients.</summary>
public abstract class AdaptiveGroup : ParameterGroup
{
    private protected AdaptiveGroup(IEnumerable<Tensor> parameters, double learningRate, double epsilon)
        : base(parameters)
    {
        LearningRate = learningRate;
        Epsilon = epsilon;
    }

    /// <summary>ε: keeps the step finite where gradients vanish; finite, 0 or more. The optimizer's default unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double Epsilon
    {
        get;
        set => field = NotNegative(nameof(Epsilon), value);
    }

    /// <summary>Whether to climb instead of to descend: the gradient g is replaced by −g.</summary>
    public bool Maximize { get; set; }

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        Epsilon = settings.Number("epsilon", Epsilon);
        Maximize = settings.Flag("maximize", Maximize);
    }
}
