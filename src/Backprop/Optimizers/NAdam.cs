namespace Backprop.Optimizers;

/// <summary>
/// NAdam: <see cref="Adam"/> with Nesterov's momentum.
/// <para>μ(t) = β₁ (1 − ½ · 0.96^(tψ));  π ← π μ(t), which begins at 1;  g ← g + λp;  m ← β₁m + (1 − β₁) g;  v ← β₂v + (1 − β₂) g²;</para>
/// <para>p ← p − lr ((1 − μ(t)) / (1 − π) · g + μ(t+1) / (1 − π μ(t) μ(t+1)) · m) / (√(v / (1 − β₂ᵗ)) + ε), for t = 1, 2, …; m and v begin at 0.</para>
/// </summary>
/// <remarks>
/// Dozat, Incorporating Nesterov Momentum into Adam (2016). In the second correction μ(t) appears once more than in the paper, so that runs agree with
/// those of PyTorch 1.13; the difference fades as π does.
/// </remarks>
public sealed class NAdam : Optimizer<NAdamGroup>
{
    private const string Product = "momentum_product";

    private static readonly string[] numbers = [Product];

    /// <summary>Creates the optimizer with one group.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <param name="learningRate">lr; finite, 0 or more.</param>
    /// <param name="beta1">β₁, at least 0 and below 1.</param>
    /// <param name="beta2">β₂, at least 0 and below 1.</param>
    /// <param name="epsilon">ε; finite, 0 or more.</param>
    /// <param name="weightDecay">λ; finite, 0 or more.</param>
    /// <param name="momentumDecay">ψ; finite, 0 or more.</param>
    /// <param name="maximize">Whether to climb instead: g is replaced by −g.</param>
    /// <exception cref="ArgumentException">A parameter can't be trained, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public NAdam(
        IEnumerable<Tensor> parameters,
        double learningRate = 2e-3,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0,
        double momentumDecay = 4e-3,
        bool maximize = false)
        : base(new NAdamGroup(parameters)
        {
            LearningRate = learningRate,
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
            MomentumDecay = momentumDecay,
            Maximize = maximize,
        })
    {
    }

    /// <summary>Creates the optimizer with several groups.</summary>
    /// <param name="groups">At least one; no parameter may be in two.</param>
    /// <exception cref="ArgumentException">There is no group, or a parameter is in two.</exception>
    public NAdam(params IEnumerable<NAdamGroup> groups)
        : base(groups)
    {
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => NAdamRule.Names;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<string> NumberNames => numbers;

    /// <inheritdoc/>
    protected override void Update(NAdamGroup group, ParameterState state)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(state);
        var product = state.Number(Product, 1) * group.MomentumAt(state.Steps);
        Apply(new NAdamRule(group, state.Steps, product), state);
        state.SetNumber(Product, product);
    }
}

/// <summary>Parameters with the settings of <see cref="NAdam"/>.</summary>
/// <param name="parameters">Leaves that require a gradient.</param>
public sealed class NAdamGroup(IEnumerable<Tensor> parameters) : MomentGroup(parameters, 2e-3)
{
    /// <summary>ψ: how fast the momentum approaches β₁; finite, 0 or more. 0.004 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double MomentumDecay
    {
        get;
        set => field = NotNegative(nameof(MomentumDecay), value);
    }
    = 4e-3;

    /// <summary>μ(t) = β₁ (1 − ½ · 0.96^(tψ)).</summary>
    internal double MomentumAt(double step) => Beta1 * (1 - (0.5 * Math.Pow(0.96, step * MomentumDecay)));

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        MomentumDecay = settings.Number("momentum_decay", MomentumDecay);
    }
}
