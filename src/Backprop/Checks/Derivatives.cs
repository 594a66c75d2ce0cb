namespace Backprop;

/// <summary>
/// One check. Level 0 is the function; level n + 1 is the gradient of level n, whose elements are first multiplied by fixed random weights and summed. The
/// derivatives of order n are those of level n − 1, so every order is checked in the same way.
/// </summary>
internal sealed class Derivatives
{
    private const double AutomaticStep = 1.0 / 8192;

    /// <summary>What four results, each rounded to 2⁻⁵³ several times over, can do to their difference.</summary>
    private const double RoundingFactor = 8.0 / (1L << 52);

    private readonly Func<Tensor[], Tensor> function;
    private readonly double[][] values;
    private readonly int[][] shapes;
    private readonly string[] names;
    private readonly double[] steps;
    private readonly double relativeTolerance;
    private readonly double absoluteTolerance;
    private readonly Dictionary<(int Level, int Output), Tensor> weights = [];

    private int elements;
    private int mismatches;
    private GradientElement? first;
    private GradientElement? worst;

    public Derivatives(Func<Tensor[], Tensor> function, ReadOnlySpan<Tensor> inputs, double step, double relativeTolerance, double absoluteTolerance)
    {
        this.function = function;
        this.relativeTolerance = relativeTolerance;
        this.absoluteTolerance = absoluteTolerance;
        values = new double[inputs.Length][];
        shapes = new int[inputs.Length][];
        names = new string[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            values[i] = inputs[i].ToArray<double>();
            shapes[i] = inputs[i].Shape.ToArray();
            names[i] = $"input {i}{(inputs[i].Name is { } name ? $" '{name}'" : "")} {Error.Text(shapes[i])}";
        }

        steps = step == 0 ? [AutomaticStep, AutomaticStep / 8, AutomaticStep / 64, AutomaticStep / 512] : [step];
    }

    public GradientComparison Check(int order)
    {
        for (var level = 0; level < order; level++)
        {
            CheckRepeatable(level);
            CheckLevel(level, alsoRecorded: level + 1 < order);
        }

        return new GradientComparison(elements, mismatches, first ?? worst ?? default, worst ?? default);
    }

    private void CheckRepeatable(int level)
    {
        var (one, two) = (Evaluate(level, -1, 0, 0), Evaluate(level, -1, 0, 0));
        for (var i = 0; i < one.Length; i++)
        {
            if (!one[i].AsSpan().SequenceEqual(two[i]))
            {
                throw new GradientCheckException(
                    "gradient_check: two calls of the function with the same inputs gave different results; a function with randomness must begin from "
                    + "the same seed each time.");
            }
        }
    }

    private void CheckLevel(int level, bool alsoRecorded)
    {
        var point = Leaves(-1, 0, 0);
        var outputs = Level(level, point, record: true);
        if (level == 0)
        {
            CheckResult(outputs[0]);
        }

        var value = Project(outputs, level);
        var analytic = Gradients(value, point, record: false);
        var recorded = alsoRecorded ? Gradients(value, point, record: true) : analytic;
        var flat = level == 0 && !value.RequiresGradient;
        for (var input = 0; input < values.Length; input++)
        {
            var plain = analytic[input].ToArray<double>();
            var again = recorded[input].ToArray<double>();
            for (var element = 0; element < plain.Length; element++)
            {
                var found = Difference(level, input, element, plain[element]);
                flat &= found.Numeric == 0;
                Note(found);
                if (again[element] != plain[element])
                {
                    Note(found with { Place = found.Place + ", by the walk that records", Analytic = again[element] });
                }
            }
        }

        if (flat && elements > 0)
        {
            throw new GradientCheckException(
                "gradient_check: the result does not depend on the inputs; the function must compute with its argument, not with tensors from outside.");
        }
    }

    private static void CheckResult(Tensor result)
    {
        if (result.Count == 0)
        {
            throw new GradientCheckException($"gradient_check: the function's result {Error.Text(result.Shape)} has no elements; there is nothing to compare.");
        }

        var elements = result.ToArray<double>();
        var wrong = Array.FindIndex(elements, element => !double.IsFinite(element));
        if (wrong >= 0)
        {
            throw new GradientCheckException(FormattableString.Invariant(
                $"gradient_check: the function's result {Error.Text(result.Shape)} is {elements[wrong]} at position {wrong}; it must be finite there."));
        }
    }

    /// <summary>The outputs of a level at a point of leaves.</summary>
    private Tensor[] Level(int level, Tensor[] point, bool record)
    {
        if (level > 0)
        {
            return Gradients(Project(Level(level - 1, point, record: true), level - 1), point, record);
        }

        var result = function([.. point]) ?? throw new GradientCheckException("gradient_check: the function returned null.");
        return result.DType == DType.Float64
            ? [result]
            : throw Error.DType("gradient_check", result.DType, "the function's result must be float64, since differences need its precision.");
    }

    private static Tensor[] Gradients(Tensor value, Tensor[] point, bool record)
    {
        var found = value.RequiresGradient ? Gradient.OrNull(value, point, record: record) : new Tensor?[point.Length];
        return Array.ConvertAll([.. Enumerable.Range(0, point.Length)], i => found[i] ?? Tensor.ZerosLike(point[i]));
    }

    /// <summary>One number from all outputs, in which no error can hide behind another.</summary>
    private Tensor Project(Tensor[] outputs, int level)
    {
        Tensor? sum = null;
        for (var i = 0; i < outputs.Length; i++)
        {
            var term = (outputs[i] * Weights(level, i, outputs[i])).Sum();
            sum = sum is null ? term : sum + term;
        }

        return sum!;
    }

    /// <summary>1 for a function of one element, else of magnitude 0.5 … 1.5 and either sign; the same in every evaluation.</summary>
    private Tensor Weights(int level, int output, Tensor like)
    {
        if (!weights.TryGetValue((level, output), out var result))
        {
            using (Recording.Pause())
            {
                var seed = (ulong)((level * 1000) + output + 1);
                var random = Tensor.Uniform(like.Shape, -1, 1, DType.Float64, new Generator(seed));
                result = level == 0 && like.Count == 1 ? Tensor.OnesLike(like) : random + Tensor.Where(random < 0, -0.5, 0.5).To(DType.Float64);
            }

            weights.Add((level, output), result);
        }

        return result.Shape.SequenceEqual(like.Shape) ? result : throw new GradientCheckException(
            $"gradient_check: the function's result has shape {Error.Text(like.Shape)} in one call and {Error.Text(result.Shape)} in another.");
    }

    private GradientElement Difference(int level, int input, int element, double analytic)
    {
        GradientElement? best = null;
        var first = double.NaN;
        foreach (var step in steps)
        {
            var x = values[input][element];
            var h = step * Math.Max(1, Math.Abs(x));
            var (numeric, noise) = Difference(level, input, element, x, h);
            var tolerance = absoluteTolerance + (relativeTolerance * Math.Max(Math.Abs(analytic), Math.Abs(numeric)));
            if (best is not null && noise > Math.Max(tolerance, double.IsNaN(first) ? 0 : first))
            {
                // Smaller steps bend less but drown in rounding: one that allows more than the first step did proves nothing.
                break;
            }

            first = double.IsNaN(first) && double.IsFinite(noise) ? noise : first;
            var allowed = tolerance + noise;
            var found = new GradientElement(level + 1, input, Place(input, element), analytic, numeric, allowed);
            best = best is null || found.Badness < best.Value.Badness ? found : best;
            if (found.IsMatch)
            {
                break;
            }
        }

        return best!.Value;
    }

    /// <summary>Subtracts element by element before summing, so that outputs that don't depend on x add no rounding error.</summary>
    private (double Numeric, double Noise) Difference(int level, int input, int element, double x, double h)
    {
        var (up, down) = (Evaluate(level, input, element, x + h), Evaluate(level, input, element, x - h));
        var (farUp, farDown) = (Evaluate(level, input, element, x + (2 * h)), Evaluate(level, input, element, x - (2 * h)));
        double sum = 0, noise = 0;
        for (var output = 0; output < up.Length; output++)
        {
            var weight = weights[(level, output)].AsSpan<double>();
            for (var i = 0; i < weight.Length; i++)
            {
                // What is not finite does not cancel: it makes the difference NaN, and that agrees with nothing.
                if (double.IsFinite(up[output][i]) && double.IsFinite(farUp[output][i])
                    && up[output][i] == down[output][i] && farUp[output][i] == farDown[output][i])
                {
                    continue;
                }

                var near = up[output][i] - down[output][i];
                var far = farUp[output][i] - farDown[output][i];
                sum += weight[i] * ((8 * near) - far);
                noise += Math.Abs(weight[i]) * Math.Max(Math.Abs(up[output][i]), Math.Abs(down[output][i]));
            }
        }

        return (sum / (12 * h), RoundingFactor * noise / h);
    }

    /// <summary>The outputs of a level with one element of one input replaced (none where the input is −1).</summary>
    private double[][] Evaluate(int level, int input, int element, double value)
    {
        var point = Leaves(input, element, value);
        var outputs = Level(level, point, record: false);
        for (var i = 0; i < outputs.Length; i++)
        {
            Weights(level, i, outputs[i]);
        }

        for (var i = 0; i < point.Length; i++)
        {
            var now = point[i].AsSpan<double>();
            for (var k = 0; k < now.Length; k++)
            {
                if (!now[k].Equals(i == input && k == element ? value : values[i][k]))
                {
                    throw new GradientCheckException($"gradient_check: the function changed {Place(i, k)}; it must leave its inputs alone.");
                }
            }
        }

        return Array.ConvertAll(outputs, output => output.ToArray<double>());
    }

    private Tensor[] Leaves(int input, int element, double value)
    {
        var leaves = new Tensor[values.Length];
        for (var i = 0; i < leaves.Length; i++)
        {
            var copy = (double[])values[i].Clone();
            if (i == input)
            {
                copy[element] = value;
            }

            leaves[i] = Tensor.From(copy, shapes[i]).RequireGradient();
        }

        return leaves;
    }

    private void Note(GradientElement element)
    {
        elements++;
        worst = worst is { } before && before.Badness >= element.Badness ? before : element;
        if (!element.IsMatch)
        {
            mismatches++;
            first ??= element;
        }
    }

    private string Place(int input, int element)
    {
        var index = new int[shapes[input].Length];
        for (var axis = index.Length - 1; axis >= 0; axis--)
        {
            index[axis] = element % shapes[input][axis];
            element /= shapes[input][axis];
        }

        return $"{names[input]}, element {Error.Text(index)}";
    }
}
