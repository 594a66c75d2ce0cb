namespace Backprop.Optimizers;

/// <summary>
/// Looks for a length along a direction at which the loss has fallen enough, f(t) ≤ f(0) + c₁ t f′(0), and its slope is small, |f′(t)| ≤ c₂ |f′(0)|.
/// </summary>
/// <remarks>
/// Nocedal and Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6, with cubic interpolation (3.59) and safeguards; the constants are those
/// of Mark Schmidt's minFunc. A loss that is NaN counts as infinite.
/// </remarks>
internal sealed class WolfeSearch(LbfgsRun run, double slope, double tolerance)
{
    private const double C1 = 1e-4;
    private const double C2 = 0.9;
    private const int MaxTrials = 25;

    private readonly Trial start = new(0, 0, slope, run.Gradient);
    private int trials;

    /// <summary>How often the loss was computed.</summary>
    public int Evaluations { get; private set; }

    /// <summary>The search; the run's gradient is that of the result afterwards.</summary>
    /// <param name="length">The length to try first.</param>
    /// <param name="value">The loss at length 0.</param>
    /// <returns>The length, and the loss there. The parameters need not be there.</returns>
    public (double Length, double Value) Run(double length, double value)
    {
        var result = Search(start with { Value = value }, length);
        if (!ReferenceEquals(result.Gradient, run.Gradient))
        {
            run.Gradient.Set(1, result.Gradient);
        }

        return (result.Length, result.Value);
    }

    /// <summary>Goes on until the minimum is passed.</summary>
    private Trial Search(Trial zero, double length)
    {
        var last = zero;
        var now = Try(length, last, last);
        while (trials < MaxTrials)
        {
            if (IsHigh(now, zero) || (trials > 1 && now.Value >= last.Value))
            {
                return Zoom(zero, last, now);
            }

            if (IsFlat(now))
            {
                return now;
            }

            if (now.Slope >= 0)
            {
                return Zoom(zero, last, now);
            }

            var next = Interpolate(last, now, now.Length + (0.01 * (now.Length - last.Length)), now.Length * 10);
            (last, now) = (now, Try(next, last, now));
            trials++;
        }

        return zero.Value <= now.Value ? zero : now;
    }

    /// <summary>Narrows an interval that contains a length of the kind looked for.</summary>
    private Trial Zoom(Trial zero, Trial last, Trial now)
    {
        Trial[] bracket = [last, now];
        var low = Lower(bracket);
        var scale = run.LargestElement();
        var isSlow = false;
        while (trials < MaxTrials && !(Math.Abs(bracket[1].Length - bracket[0].Length) * scale < tolerance))
        {
            var left = Math.Min(bracket[0].Length, bracket[1].Length);
            var right = Math.Max(bracket[0].Length, bracket[1].Length);
            var length = KeepOff(Interpolate(bracket[0], bracket[1], left, right), left, right, ref isSlow);
            var trial = Try(length, bracket[0], bracket[1]);
            trials++;
            if (IsHigh(trial, zero) || trial.Value >= bracket[low].Value)
            {
                bracket[1 - low] = trial;
                low = Lower(bracket);
                continue;
            }

            if (IsFlat(trial))
            {
                return trial;
            }

            if (trial.Slope * (bracket[1 - low].Length - bracket[low].Length) >= 0)
            {
                bracket[1 - low] = bracket[low];
            }

            bracket[low] = trial;
        }

        return bracket[low];
    }

    private static int Lower(Trial[] bracket) => bracket[0].Value <= bracket[1].Value ? 0 : 1;

    /// <summary>Whether the loss has not fallen enough.</summary>
    private bool IsHigh(Trial trial, Trial zero) => trial.Value > zero.Value + (C1 * trial.Length * slope);

    private bool IsFlat(Trial trial) => Math.Abs(trial.Slope) <= -C2 * slope;

    /// <summary>A second interpolation close to an end of the interval, or one at an end, gives way to a tenth of the interval.</summary>
    private static double KeepOff(double length, double left, double right, ref bool isSlow)
    {
        var margin = 0.1 * (right - left);
        if (!(Math.Min(right - length, length - left) < margin))
        {
            isSlow = false;
            return length;
        }

        if (!isSlow && length < right && length > left)
        {
            isSlow = true;
            return length;
        }

        isSlow = false;
        return Math.Abs(length - right) < Math.Abs(length - left) ? right - margin : left + margin;
    }

    /// <summary>The minimum of the cubic through two values and slopes, within limits; their middle where there is none.</summary>
    private static double Interpolate(Trial a, Trial b, double least, double most)
    {
        if (a.Length > b.Length)
        {
            (a, b) = (b, a);
        }

        var d1 = a.Slope + b.Slope - (3 * (a.Value - b.Value) / (a.Length - b.Length));
        var square = (d1 * d1) - (a.Slope * b.Slope);
        var d2 = Math.Sqrt(square);
        var length = b.Length - ((b.Length - a.Length) * ((b.Slope + d2 - d1) / (b.Slope - a.Slope + (2 * d2))));
        return double.IsFinite(length) ? Math.Min(Math.Max(length, least), most) : (least + most) / 2;
    }

    /// <summary>Computes the loss at a length; the gradients of two other trials stay.</summary>
    private Trial Try(double length, Trial first, Trial second)
    {
        var gradient = run.Buffers.First(buffer => !ReferenceEquals(buffer, first.Gradient) && !ReferenceEquals(buffer, second.Gradient));
        var value = run.EvaluateAt(length, gradient);
        Evaluations++;
        return new(length, double.IsNaN(value) ? double.PositiveInfinity : value, run.Slope(gradient), gradient);
    }

    /// <summary>The loss at a length, with its slope along the direction and its gradient.</summary>
    private readonly record struct Trial(double Length, double Value, double Slope, ParameterVector Gradient);
}
