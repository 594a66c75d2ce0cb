namespace Backprop;

/// <summary>
/// Holds the derivatives that the tape computes against central differences. For your own operations, rules and losses.
/// </summary>
/// <example><code>
/// GradientCheck.Verify(v => v[0].MatMul(v[1]).Tanh().Sum(), [a64, b64], order: 2);
/// </code></example>
public static class GradientCheck
{
    /// <summary>Throws where a derivative of <paramref name="function"/> is wrong.</summary>
    /// <param name="function">
    /// The function, of copies of the inputs. It must use its argument, give the same result whenever it is called, and not change its inputs.
    /// A result of several elements is multiplied by fixed random weights and summed.
    /// </param>
    /// <param name="inputs">Where to check: float64 tensors, away from kinks and jumps.</param>
    /// <param name="order">
    /// 1 checks the gradient; 2 also the gradient of the gradient, times fixed random weights, against differences of the gradient; and so on.
    /// </param>
    /// <param name="step">
    /// The step h of the differences in units of max(1, |x|). With 0 it is 2⁻¹³, and smaller steps are tried where that one disagrees, for the sake
    /// of functions that bend sharply.
    /// </param>
    /// <param name="relativeTolerance">The allowed error in proportion to the larger of the two values.</param>
    /// <param name="absoluteTolerance">
    /// The allowed error on top, whatever the size of the derivatives: those below it pass unexamined. Scale a function with tiny derivatives up, or pass 0.
    /// What rounding does to the differences is added; it grows with the function's values, so leave large constants out of the function.
    /// </param>
    /// <remarks>
    /// A smaller step is believed only where its rounding is within the tolerances or no worse than that of the first.
    /// The differences are of fourth order, (8 (f(x + h) − f(x − h)) − (f(x + 2h) − f(x − 2h))) / 12h: four evaluations per element and order.
    /// Below the highest order both walks are checked, the plain one and the one that records.
    /// </remarks>
    /// <exception cref="GradientCheckException">
    /// A derivative is off: the message names input, element, both values and the worst element. Or the function is not deterministic, changes its
    /// inputs, or doesn't use them, or its result is empty or not finite at the inputs.
    /// </exception>
    /// <exception cref="ArgumentException">There are no inputs, or they have no elements.</exception>
    /// <exception cref="DTypeException">An input or the result is not float64.</exception>
    public static void Verify(
        Func<Tensor[], Tensor> function,
        ReadOnlySpan<Tensor> inputs,
        int order = 1,
        double step = 0,
        double relativeTolerance = 1e-6,
        double absoluteTolerance = 1e-8)
    {
        var comparison = Compare(function, inputs, order, step, relativeTolerance, absoluteTolerance);
        if (!comparison.IsMatch)
        {
            throw new GradientCheckException($"gradient_check: {comparison}.", comparison);
        }
    }

    /// <summary>Like <see cref="Verify"/>, but returns the finding where a derivative is off.</summary>
    /// <inheritdoc cref="Verify"/>
    /// <exception cref="GradientCheckException">
    /// The function is not deterministic, changes its inputs, or doesn't use them, or its result is empty or not finite at the inputs.
    /// </exception>
    /// <exception cref="ArgumentException">There are no inputs, or they have no elements.</exception>
    public static GradientComparison Compare(
        Func<Tensor[], Tensor> function,
        ReadOnlySpan<Tensor> inputs,
        int order = 1,
        double step = 0,
        double relativeTolerance = 1e-6,
        double absoluteTolerance = 1e-8)
    {
        ArgumentNullException.ThrowIfNull(function);
        CheckInputs(inputs);
        if (order < 1)
        {
            throw Error.Range("gradient_check", nameof(order), order, "at least 1");
        }

        CheckSize(nameof(step), step);
        CheckSize(nameof(relativeTolerance), relativeTolerance);
        CheckSize(nameof(absoluteTolerance), absoluteTolerance);
        using (Recording.Set(true))
        {
            return new Derivatives(function, inputs, step, relativeTolerance, absoluteTolerance).Check(order);
        }
    }

    private static void CheckInputs(ReadOnlySpan<Tensor> inputs)
    {
        if (inputs.IsEmpty)
        {
            throw new ArgumentException("gradient_check: there must be at least one input.", nameof(inputs));
        }

        long elements = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(inputs[i], nameof(inputs));
            if (inputs[i].DType != DType.Float64)
            {
                throw Error.DType(
                    "gradient_check", inputs[i].DType, $"input {i} must be float64, since differences need its precision: convert with To(DType.Float64).");
            }

            elements += inputs[i].Count;
        }

        if (elements == 0)
        {
            throw new ArgumentException("gradient_check: the inputs have no elements, so there is nothing to compare.", nameof(inputs));
        }
    }

    private static void CheckSize(string name, double value)
    {
        if (!double.IsFinite(value) || value < 0)
        {
            throw Error.Range("gradient_check", name, value, "finite and not negative");
        }
    }
}
