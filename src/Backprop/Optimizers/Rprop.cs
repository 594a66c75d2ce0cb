namespace Backprop.Optimizers;

/// <summary>
/// Resilient backpropagation: each element has a step size of its own, which grows while its gradient keeps its sign and shrinks when it
/// changes; the gradient's size plays no part. For gradients over the whole data, not over random batches.
/// <para>g ← g + λp. Where g and the last g have the same sign, s ← min(η⁺s, largest); where opposite signs, s ← max(η⁻s, smallest) and g ← 0;</para>
/// <para>p ← p − s · sign(g); s begins as lr, which has no effect later.</para>
/// </summary>
/// <remarks>
/// Riedmiller and Braun, A Direct Adaptive Method for Faster Backpropagation Learning: The RPROP Algorithm (1993); the variant without backtracking
/// of weights, Rprop⁻ with the gradient of a reversal forgotten.
/// </remarks>
public sealed class Rprop : Optimizer<RpropGroup>
{
    /// <summary>Creates the optimizer with one group.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <param name="learningRate">lr; finite, 0 or more.</param>
    /// <param name="shrink">η⁻, above 0 and below 1.</param>
    /// <param name="grow">η⁺, above 1 and finite.</param>
    /// <param name="smallestStep">Finite, 0 or more, and at most the largest step.</param>
    /// <param name="largestStep">Finite, 0 or more, and at least the smallest step.</param>
    /// <param name="weightDecay">λ; finite, 0 or more.</param>
    /// <param name="maximize">Whether to climb instead: g is replaced by −g.</param>
    /// <exception cref="ArgumentException">A parameter can't be trained, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The smallest step is above the largest.</exception>
    public Rprop(
        IEnumerable<Tensor> parameters,
        double learningRate = 1e-2,
        double shrink = 0.5,
        double grow = 1.2,
        double smallestStep = 1e-6,
        double largestStep = 50,
        double weightDecay = 0,
        bool maximize = false)
        : base(new RpropGroup(parameters)
        {
            LearningRate = learningRate,
            Shrink = shrink,
            Grow = grow,
            SmallestStep = smallestStep,
            LargestStep = largestStep,
            WeightDecay = weightDecay,
            Maximize = maximize,
        })
    {
    }

    /// <summary>Creates the optimizer with several groups.</summary>
    /// <param name="groups">At least one; no parameter may be in two.</param>
    /// <exception cref="ArgumentException">There is no group, or a parameter is in two.</exception>
    public Rprop(params IEnumerable<RpropGroup> groups)
        : base(groups)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => RpropRule.Names;

    /// <inheritdoc/>
    protected override double InitialState(RpropGroup group, string name)
    {
        ArgumentNullException.ThrowIfNull(group);
        return name == RpropRule.StepSize ? group.LearningRate : 0;
    }

    /// <inheritdoc/>
    protected override void Update(RpropGroup group, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(state);
        Apply(new RpropRule(group), state);
    }
}

/// <summary>Parameters with the settings of <see cref="Rprop"/>.</summary>
public sealed class RpropGroup : ParameterGroup
{
    /// <summary>Creates a group with a learning rate of 0.01.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <exception cref="ArgumentException">There are none, one appears twice, or one is not a leaf that requires a gradient.</exception>
    public RpropGroup(IEnumerable<Tensor> parameters)
        : base(parameters)
    {
        LearningRate = 1e-2;
    }

    /// <summary>η⁻: the factor of a step size where the gradient changed its sign; above 0 and below 1. 0.5 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value outside the range.</exception>
    public double Shrink
    {
        get;
        set => field = value is > 0 and < 1
            ? value
            : throw Error.Range("rprop", nameof(Shrink), value, "above 0 and below 1");
    }
    = 0.5;

    /// <summary>η⁺: the factor of a step size where the gradient kept its sign; above 1 and finite. 1.2 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value outside the range.</exception>
    public double Grow
    {
        get;
        set => field = value > 1 && double.IsFinite(value)
            ? value
            : throw Error.Range("rprop", nameof(Grow), value, "above 1 and finite");
    }
    = 1.2;

    /// <summary>The smallest step size; finite, 0 or more. 10⁻⁶ unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double SmallestStep
    {
        get;
        set => field = NotNegative(nameof(SmallestStep), value);
    }
    = 1e-6;

    /// <summary>The largest step size; finite, and at least the smallest. 50 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double LargestStep
    {
        get;
        set => field = NotNegative(nameof(LargestStep), value);
    }
    = 50;

    /// <summary>Whether to climb instead of to descend.</summary>
    public bool Maximize { get; set; }

    /// <inheritdoc/>
    protected internal override void Validate()
    {
        if (SmallestStep > LargestStep)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"rprop: the smallest step, {SmallestStep}, is above the largest, {LargestStep}."));
        }
    }

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        Shrink = settings.Number("shrink", Shrink);
        Grow = settings.Number("grow", Grow);
        SmallestStep = settings.Number("smallest_step", SmallestStep);
        LargestStep = settings.Number("largest_step", LargestStep);
        Maximize = settings.Flag("maximize", Maximize);
    }
}
