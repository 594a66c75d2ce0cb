namespace Backprop.Optimizers;

/// <summary>Parameters that are trained with the same settings.</summary>
/// <remarks>Settings may change at any time and hold from the next step on. Optimizers with more settings have groups of their own.</remarks>
public class ParameterGroup
{
    private readonly Tensor[] parameters;
    private double? weightDecay;

    /// <summary>Creates a group.</summary>
    /// <param name="parameters">Leaves that require a gradient, each once.</param>
    /// <exception cref="ArgumentException">There are none, one appears twice, or one is not a leaf that requires a gradient.</exception>
    /// <exception cref="DTypeException">One is of 16 bits: small steps would be lost in it.</exception>
    /// <exception cref="ObjectDisposedException">One was recycled by a <see cref="TensorScope"/>.</exception>
    public ParameterGroup(IEnumerable<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        this.parameters = [.. parameters];
        if (this.parameters.Length == 0)
        {
            throw new ArgumentException("optimizer: there are no parameters; a group needs at least one.", nameof(parameters));
        }

        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < this.parameters.Length; i++)
        {
            Check(this.parameters[i], i);
            if (!seen.Add(this.parameters[i]))
            {
                throw new ArgumentException($"optimizer: parameter {i}, {Text(this.parameters[i])}, appears twice.", nameof(parameters));
            }
        }
    }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<Tensor> Parameters => parameters;

    /// <summary>How far a step goes; finite, 0 or more. 0.001 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double LearningRate
    {
        get;
        set => field = NotNegative(nameof(LearningRate), value);
    }
    = 1e-3;

    /// <summary>
    /// How strongly parameters are pulled towards 0; finite, 0 or more. Unless set, what the optimizer the group is given to takes: 0, but 0.01 for
    /// <see cref="AdamW"/>. How it enters the step is the optimizer's matter.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative value, an infinity or NaN.</exception>
    public double WeightDecay
    {
        get => weightDecay ?? 0;
        set => weightDecay = NotNegative(nameof(WeightDecay), value);
    }

    /// <summary>Throws where settings contradict each other. Called when the group is added and before each step.</summary>
    /// <exception cref="InvalidOperationException">Settings contradict each other.</exception>
    protected internal virtual void Validate()
    {
    }

    /// <summary>
    /// Names every setting, so that it is saved in and restored from an optimizer's state. A group with settings of its own overrides this, calls the
    /// base's, and gives each of them to <paramref name="settings"/>.
    /// </summary>
    /// <param name="settings">Gives each setting back: as it is when it is saved, or as it was when it is restored.</param>
    /// <example><code>
    /// protected override void Exchange(GroupSettings settings)
    /// {
    ///     base.Exchange(settings);
    ///     Momentum = settings.Number("momentum", Momentum);
    /// }
    /// </code></example>
    protected internal virtual void Exchange(GroupSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        LearningRate = settings.Number("learning_rate", LearningRate);
        WeightDecay = settings.Number("weight_decay", WeightDecay);
    }

    /// <summary>Whether <see cref="SetMomentum"/> sets something.</summary>
    protected internal virtual bool HasMomentum => false;

    /// <summary>
    /// Sets how much of the last steps goes on (μ, or β₁ of Adam and its kin), for schedules that move it; see <see cref="OneCycleSchedule"/>.
    /// </summary>
    /// <param name="value">At least 0 and below 1.</param>
    protected internal virtual void SetMomentum(double value)
    {
    }

    /// <summary>Checks a setting that must be finite and not negative.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    protected static double NotNegative(string name, double value) => double.IsFinite(value) && value >= 0
        ? value
        : throw Error.Range("optimizer", name, value, "finite and 0 or more");

    /// <summary>Checks a setting that must be at least 0 and below 1, such as the decay rate of a running mean.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    protected static double Fraction(string name, double value) => value is >= 0 and < 1
        ? value
        : throw Error.Range("optimizer", name, value, "at least 0 and below 1");

    internal void SetDefaultWeightDecay(double value) => weightDecay ??= value;

    /// <summary>For messages: name or shape.</summary>
    internal static string Text(Tensor parameter) =>
        (parameter.Name is null ? "" : $"'{parameter.Name}', ") + $"{parameter.DType.Label()} {Error.Text(parameter.Shape)}";

    private static void Check(Tensor? parameter, int index)
    {
        if (parameter is null)
        {
            throw new ArgumentException($"optimizer: parameter {index} is null.", nameof(parameter));
        }

        parameter.CheckAlive();
        if (!parameter.RequiresGradient)
        {
            throw new ArgumentException(
                $"optimizer: parameter {index}, {Text(parameter)}, requires no gradient; "
                + "pass those that do, parameters.Where(parameter => parameter.RequiresGradient), or call RequireGradient() on it.", nameof(parameter));
        }

        if (!parameter.IsLeaf)
        {
            throw new ArgumentException(
                $"optimizer: parameter {index}, {Text(parameter)}, is the result of a recorded operation. Only leaves can be trained: "
                + "create it first and call RequireGradient() last.",
                nameof(parameter));
        }

        if (parameter.DType.IsSixteen())
        {
            throw Error.DType(
                "optimizer",
                parameter.DType,
                $"parameter {index}, {Text(parameter)}, would lose small steps in 16 bits: keep the parameter in float32, and convert it with "
                + $"To(DType.{parameter.DType}) where it is used.");
        }

        for (var axis = 0; axis < parameter.Rank; axis++)
        {
            if (parameter.Strides[axis] == 0 && parameter.Shape[axis] > 1)
            {
                throw new ArgumentException(
                    $"optimizer: parameter {index}, {Text(parameter)}, is an expanded view whose elements share storage; train what it was expanded from.",
                    nameof(parameter));
            }
        }
    }
}
