namespace Backprop.Optimizers;

/// <summary>
/// L-BFGS: steps along −H g, where H approximates the inverse of the second derivatives from the last changes of the gradient g. For losses over the
/// whole data, not over random batches; <see cref="Step(Func{Tensor})"/> computes the loss at as many points as it needs.
/// <para>s = x(k+1) − x(k);  y = g(k+1) − g(k);  H follows from the last pairs (s, y) with yᵀs &gt; 10⁻¹⁰ and from H₀ = (yᵀs / yᵀy) I.</para>
/// </summary>
/// <remarks>
/// Liu and Nocedal, On the Limited Memory BFGS Method for Large Scale Optimization (1989); the two-loop recursion and the line search: Nocedal and
/// Wright, Numerical Optimization (2006), algorithms 7.4, 3.5 and 3.6. There is one group, for a step moves all parameters together. It remembers the
/// direction, the gradient and <see cref="LbfgsGroup.HistorySize"/> pairs, each as large as the parameters.
/// </remarks>
/// <example><code>
/// var optimizer = new Lbfgs(model.Parameters());
/// for (var step = 0; step &lt; 10; step++)
/// {
///     var loss = optimizer.Step(() => Losses.MeanSquaredError(model.Forward(x), y));
/// }
/// </code></example>
public sealed partial class Lbfgs : Optimizer
{
    private const string Direction = "direction";
    private const string PreviousGradient = "previous_gradient";

    private static readonly string[] names = [Direction, PreviousGradient];

    private readonly LbfgsGroup[] groups;
    private readonly LbfgsHistory history;
    private double stepLength;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <param name="learningRate">lr: the length of a step along −H g, or the first that the line search tries; finite, 0 or more.</param>
    /// <param name="maxIterations">How many directions a step follows at most; 1 or more.</param>
    /// <param name="maxEvaluations">After how many computations of the loss a step ends; 1 or more. 5/4 of the iterations if null.</param>
    /// <param name="gradientTolerance">A step ends where no element of the gradient is larger; finite, 0 or more.</param>
    /// <param name="changeTolerance">A step ends where neither the loss nor any parameter changes by more; finite, 0 or more.</param>
    /// <param name="historySize">How many pairs are remembered; 1 or more.</param>
    /// <param name="lineSearch">How the length of a step along a direction is found.</param>
    /// <exception cref="ArgumentException">A parameter can't be trained, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public Lbfgs(
        IEnumerable<Tensor> parameters,
        double learningRate = 1,
        int maxIterations = 20,
        int? maxEvaluations = null,
        double gradientTolerance = 1e-7,
        double changeTolerance = 1e-9,
        int historySize = 100,
        LineSearch lineSearch = LineSearch.StrongWolfe)
        : this(new LbfgsGroup(parameters)
        {
            LearningRate = learningRate,
            MaxIterations = maxIterations,
            MaxEvaluations = maxEvaluations,
            GradientTolerance = gradientTolerance,
            ChangeTolerance = changeTolerance,
            HistorySize = historySize,
            LineSearch = lineSearch,
        })
    {
    }

    /// <summary>Creates the optimizer.</summary>
    /// <param name="group">The parameters with their settings.</param>
    /// <exception cref="InvalidOperationException">The group has weight decay, which belongs to the loss here.</exception>
    public Lbfgs(LbfgsGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        Attach(group);
        groups = [group];
        history = new LbfgsHistory(States);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LbfgsGroup> Groups => groups;

    /// <summary>How many directions were followed, in all steps together.</summary>
    public long Iterations { get; private set; }

    /// <summary>How often the loss was computed, in all steps together.</summary>
    public long Evaluations { get; private set; }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> StateNames => names;

    /// <summary>L-BFGS needs the loss at several points: this throws; call <see cref="Step(Func{Tensor})"/>.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override void Step() =>
        throw new InvalidOperationException("lbfgs: a step needs the loss at several points; call Step(() => loss) with a function that computes it.");

    /// <summary>Follows up to <see cref="LbfgsGroup.MaxIterations"/> directions, each computed from the gradients seen so far.</summary>
    /// <param name="loss">
    /// Computes the loss from the parameters as they are, and nothing else: gradients are cleared and taken here. It must give the same loss for the same
    /// parameters, so no dropout and no new batch.
    /// </param>
    /// <returns>The loss before the step.</returns>
    /// <remarks>
    /// Each computation has a <see cref="TensorScope"/> of its own. The parameters have no gradients afterwards; one that the loss does not depend on
    /// stays as it is. Where the loss or its slope is NaN, the parameters stay at the best point before; without a line search, also where one of them is
    /// infinite, they return to where the last move began, and the step ends there: take a lower learning rate.
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// The loss is not a single recorded number. Where it throws, whatever it is, the parameters are where the last direction began.
    /// </exception>
    /// <exception cref="ObjectDisposedException">A parameter or its state was recycled by a <see cref="TensorScope"/>.</exception>
    public override double Step(Func<Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        RefuseCapture();
        groups[0].Validate();
        foreach (var state in States)
        {
            state.Parameter.CheckAlive();
        }

        using var scope = TensorScope.Begin();
        var run = new LbfgsRun(States, at => Evaluate(loss, at.TakeGradients), () => Measure(loss));
        var before = Iterations;
        try
        {
            var first = Follow(run);
            foreach (var state in States)
            {
                state.Steps++;
            }

            return first;
        }
        catch
        {
            run.Return();

            // Without a completed first direction there is nothing to build on.
            Iterations = before == 0 && Iterations == 1 ? 0 : Iterations;
            throw;
        }
    }

    private protected override void Update(ParameterState state) => throw new InvalidOperationException("lbfgs: parameters are not moved one by one.");

    private protected override double InitialState(ParameterState state, string name) => 0;

    /// <summary>The iterations of a step.</summary>
    private double Follow(LbfgsRun run)
    {
        var group = groups[0];
        var first = run.Evaluate();
        var evaluations = 1;
        Evaluations++;
        if (run.Gradient.LargestAbs() <= group.GradientTolerance)
        {
            return first;
        }

        var direction = ParameterVector.State(States, Direction);
        var previous = ParameterVector.State(States, PreviousGradient);
        var limit = group.MaxEvaluations ?? (int)Math.Min(int.MaxValue, group.MaxIterations * 5L / 4);
        var value = first;
        for (var iteration = 1; ; iteration++)
        {
            ChooseDirection(run.Gradient, previous, direction);
            var lastValue = value;
            var slope = run.Gradient.Dot(direction);
            if (!(slope <= -group.ChangeTolerance))
            {
                stepLength = 0;     // no way down, or not a number: there is no move to learn from
                break;
            }

            run.Begin(direction);
            if (group.LineSearch == LineSearch.StrongWolfe)
            {
                var search = new WolfeSearch(run, slope, group.ChangeTolerance);
                (stepLength, value) = search.Run(stepLength, value);
                evaluations += search.Evaluations;
                Evaluations += search.Evaluations;
                run.MoveTo(stepLength);
            }
            else
            {
                run.MoveTo(stepLength);
                var isLast = iteration >= group.MaxIterations;
                value = isLast ? run.Measure() : run.Evaluate();
                evaluations++;
                Evaluations++;
                if (!double.IsFinite(value) || (!isLast && !double.IsFinite(run.Gradient.LargestAbs())))
                {
                    run.Return();
                    stepLength = 0;     // as if not moved: there is nothing to learn from
                    break;
                }
            }

            if (iteration >= group.MaxIterations
                || evaluations >= limit
                || run.Gradient.LargestAbs() <= group.GradientTolerance
                || direction.LargestAbs() * stepLength <= group.ChangeTolerance
                || Math.Abs(value - lastValue) < group.ChangeTolerance)
            {
                break;
            }
        }

        return first;
    }

    /// <summary>Learns from the last move, sets the direction −H g and the length to try first.</summary>
    private void ChooseDirection(ParameterVector gradient, ParameterVector previous, ParameterVector direction)
    {
        var rate = groups[0].LearningRate;
        if (Iterations == 0)
        {
            history.Clear();
            direction.Set(-1, gradient);
            stepLength = Math.Min(1, 1 / gradient.SumAbs()) * rate;
        }
        else
        {
            history.Learn(gradient, previous, direction, stepLength, groups[0].HistorySize);
            history.Descend(gradient, direction);
            stepLength = rate;
        }

        previous.Set(1, gradient);
        Iterations++;
    }
}
