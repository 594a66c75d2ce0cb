namespace Backprop.Optimizers;

/// <summary>
/// Averaged stochastic gradient descent: steps of a falling learning rate, and the average of the points they lead to.
/// <para>η = lr / (1 + Λ lr (t − 1))^α;  g ← g + λp;  p ← (1 − Λη) p − ηg;  a ← a + (p − a) / max(1, t − 1 − t₀), for t = 1, 2, ….</para>
/// </summary>
/// <remarks>
/// <para>
/// The average a is the state <c>"average"</c> of each parameter, <see cref="ParameterState.Find"/>; until step t₀ + 2 it is the parameter itself.
/// </para>
/// Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging (1992); the rates: Bottou, Large-Scale Machine Learning with Stochastic
/// Gradient Descent (2010).
/// </remarks>
public sealed class Asgd : Optimizer<AsgdGroup>
{
    /// <summary>Creates the optimizer with one group.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <param name="learningRate">lr; finite, 0 or more.</param>
    /// <param name="lambda">Λ; finite, 0 or more.</param>
    /// <param name="power">α; finite, 0 or more.</param>
    /// <param name="start">t₀, the step after which averaging starts; finite, 0 or more.</param>
    /// <param name="weightDecay">λ; finite, 0 or more.</param>
    /// <param name="maximize">Whether to climb instead: g is replaced by −g.</param>
    /// <exception cref="ArgumentException">A parameter can't be trained, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public Asgd(
        IEnumerable<Tensor> parameters,
        double learningRate = 1e-2,
        double lambda = 1e-4,
        double power = 0.75,
        double start = 1e6,
        double weightDecay = 0,
        bool maximize = false)
        : base(new AsgdGroup(parameters)
        {
            LearningRate = learningRate,
            Lambda = lambda,
            Power = power,
            Start = start,
            WeightDecay = weightDecay,
            Maximize = maximize,
        })
    {
    }

    /// <summary>Creates the optimizer with several groups.</summary>
    /// <param name="groups">At least one; no parameter may be in two.</param>
    /// <exception cref="ArgumentException">There is no group, or a parameter is in two.</exception>
    public Asgd(params IEnumerable<AsgdGroup> groups)
        : base(groups)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => AsgdRule.Names;

    /// <inheritdoc/>
    protected override void Update(AsgdGroup group, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(state);
        Apply(new AsgdRule(group, state.Steps), state);
    }
}

/// <summary>Parameters with the settings of <see cref="Asgd"/>.</summary>
public sealed class AsgdGroup : ParameterGroup
{
    /// <summary>Creates a group with a learning rate of 0.01.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <exception cref="ArgumentException">There are none, one appears twice, or one is not a leaf that requires a gradient.</exception>
    public AsgdGroup(IEnumerable<Tensor> parameters)
        : base(parameters)
    {
        LearningRate = 1e-2;
    }

    /// <summary>Λ: how fast the learning rate and, with it, the parameters decay; finite, 0 or more. 10⁻⁴ unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double Lambda
    {
        get;
        set => field = NotNegative(nameof(Lambda), value);
    }
    = 1e-4;

    /// <summary>α: the power with which the learning rate falls; finite, 0 or more. 0.75 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double Power
    {
        get;
        set => field = NotNegative(nameof(Power), value);
    }
    = 0.75;

    /// <summary>t₀: the step after which averaging starts; finite, 0 or more. 10⁶ unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double Start
    {
        get;
        set => field = NotNegative(nameof(Start), value);
    }
    = 1e6;

    /// <summary>Whether to climb instead of to descend.</summary>
    public bool Maximize { get; set; }

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        Lambda = settings.Number("lambda", Lambda);
        Power = settings.Number("power", Power);
        Start = settings.Number("start", Start);
        Maximize = settings.Flag("maximize", Maximize);
    }
}
