namespace Backprop.Optimizers;

/// <summary>Parameters with the settings of <see cref="Lbfgs"/>. The learning rate is 1 unless set.</summary>
public sealed class LbfgsGroup : ParameterGroup
{
    /// <summary>Creates a group.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <exception cref="ArgumentException">There are none, one appears twice, or one is not a leaf that requires a gradient.</exception>
    public LbfgsGroup(IEnumerable<Tensor> parameters)
        : base(parameters)
    {
        LearningRate = 1;
    }

    /// <summary>How many directions a step follows at most; 1 or more. 20 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to 0 or less.</exception>
    public int MaxIterations
    {
        get;
        set => field = Positive(nameof(MaxIterations), value);
    }
    = 20;

    /// <summary>After how many computations of the loss a step ends; 1 or more. Null, the default, is 5/4 of the iterations.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to 0 or less.</exception>
    public int? MaxEvaluations
    {
        get;
        set => field = value is { } number ? Positive(nameof(MaxEvaluations), number) : null;
    }

    /// <summary>A step ends where no element of the gradient is larger; finite, 0 or more. 10⁻⁷ unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double GradientTolerance
    {
        get;
        set => field = NotNegative(nameof(GradientTolerance), value);
    }
    = 1e-7;

    /// <summary>A step ends where neither the loss nor any parameter changes by more; finite, 0 or more. 10⁻⁹ unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double ChangeTolerance
    {
        get;
        set => field = NotNegative(nameof(ChangeTolerance), value);
    }
    = 1e-9;

    /// <summary>How many changes of the gradient are remembered; 1 or more. 100 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to 0 or less.</exception>
    public int HistorySize
    {
        get;
        set => field = Positive(nameof(HistorySize), value);
    }
    = 100;

    /// <summary>How the length of a step along a direction is found. By strong Wolfe conditions unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value that has no name.</exception>
    public LineSearch LineSearch
    {
        get;
        set => field = value is LineSearch.None or LineSearch.StrongWolfe
            ? value
            : throw Error.Range("lbfgs", nameof(LineSearch), value, "None or StrongWolfe");
    }
    = LineSearch.StrongWolfe;

    /// <inheritdoc/>
    protected internal override void Validate()
    {
        if (WeightDecay != 0)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"lbfgs: weight decay is {WeightDecay}; it must be 0, because the line search has to see all of the loss: add λ/2 · Σ p² to it instead."));
        }
    }

    /// <inheritdoc/>
    protected internal override void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        base.Exchange(settings);
        MaxIterations = Whole(nameof(MaxIterations), settings.Count("max_iterations", MaxIterations));
        var evaluations = Whole(nameof(MaxEvaluations), settings.Count("max_evaluations", MaxEvaluations ?? 0));
        MaxEvaluations = evaluations == 0 ? null : evaluations;
        GradientTolerance = settings.Number("gradient_tolerance", GradientTolerance);
        ChangeTolerance = settings.Number("change_tolerance", ChangeTolerance);
        HistorySize = Whole(nameof(HistorySize), settings.Count("history_size", HistorySize));
        LineSearch = settings.Flag("strong_wolfe", LineSearch == LineSearch.StrongWolfe) ? LineSearch.StrongWolfe : LineSearch.None;
    }

    private static int Positive(string name, int value) => value >= 1 ? value : throw Error.Range("lbfgs", name, value, "1 or more");

    private static int Whole(string name, long value) => value is >= 0 and <= int.MaxValue
        ? (int)value
        : throw Error.Range("lbfgs", name, value, $"at most {int.MaxValue}, and not negative");
}

/// <summary>How <see cref="Lbfgs"/> finds the length of a step along a direction.</summary>
public enum LineSearch
{
    /// <summary>It is the learning rate.</summary>
    None,

    /// <summary>
    /// A search, with cubic interpolation, for a length at which the loss has fallen enough and its slope is small: the strong Wolfe conditions with
    /// c₁ = 10⁻⁴ and c₂ = 0.9.
    /// </summary>
    StrongWolfe,
}
