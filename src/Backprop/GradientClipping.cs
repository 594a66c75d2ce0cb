using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop;

/// <summary>Keeps gradients from growing too large, between <see cref="Tensor.Backward"/> and the optimizer's step.</summary>
public static class GradientClipping
{
    /// <summary>
    /// Scales all gradients together so that their common Euclidean norm is at most <paramref name="maxNorm"/>:
    /// g ← g · min(1, maxNorm / (‖g‖ + 10⁻⁶)).
    /// </summary>
    /// <param name="parameters">Tensors whose gradients are changed in place; those without a gradient are left out.</param>
    /// <param name="maxNorm">The largest norm; 0 or more, and infinity only measures.</param>
    /// <param name="errorIfNonFinite">
    /// Whether to throw when the norm is NaN or infinite. Otherwise NaN spreads to every gradient, and infinity leaves 0 and NaN.
    /// </param>
    /// <returns>
    /// The norm ‖g‖ before scaling, over the gradients of all parameters; 0 if there are none. In a <see cref="CapturedStep"/> it is that of the first time:
    /// replays clip by their own norm, but have nobody to return it to.
    /// </returns>
    /// <remarks>
    /// The norm is summed in double precision, in an order that depends on the shapes alone: it has the same bits on every number of threads. A gradient that
    /// several parameters share counts for each of them and is scaled once; a parameter that is named twice counts once.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The largest norm is negative or NaN.</exception>
    /// <exception cref="InvalidOperationException">The norm is not finite, and that is to be an error. No gradient has changed then.</exception>
    public static double ByNorm(IEnumerable<Tensor> parameters, double maxNorm, bool errorIfNonFinite = false)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!(maxNorm >= 0))
        {
            throw Error.Range("clip_by_norm", nameof(maxNorm), maxNorm, "0 or more");
        }

        if (!Capture.IsOn)
        {
            return ClipNow(parameters, maxNorm, errorIfNonFinite);
        }

        double norm = 0;
        Capture.Repeat(() => norm = ClipNow(parameters, maxNorm, errorIfNonFinite));
        return norm;
    }

    private static double ClipNow(IEnumerable<Tensor> parameters, double maxNorm, bool errorIfNonFinite)
    {
        var gradients = Gradients("clip_by_norm", parameters);
        double sum = 0;
        foreach (var gradient in gradients)
        {
            sum += SquaredNorm.Of(gradient);
        }

        var norm = Math.Sqrt(sum);
        if (errorIfNonFinite && !double.IsFinite(norm))
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"clip_by_norm: the norm of the gradients is {norm}, so they can't be scaled to at most {maxNorm}."));
        }

        var scale = maxNorm / (norm + 1e-6);
        if (!(scale >= 1))
        {
            Change(gradients, new ScaleRule(scale));
        }

        return norm;
    }

    /// <summary>Limits every element of the gradients: g ← min(max(g, −limit), limit). NaN stays.</summary>
    /// <param name="parameters">Tensors whose gradients are changed in place; those without a gradient are left out.</param>
    /// <param name="limit">The largest absolute value; 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative or NaN.</exception>
    public static void ByValue(IEnumerable<Tensor> parameters, double limit)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!(limit >= 0))
        {
            throw Error.Range("clip_by_value", nameof(limit), limit, "0 or more");
        }

        Capture.Repeat(() => Change(Gradients("clip_by_value", parameters), new LimitRule(limit)));
    }

    private static List<Tensor> Gradients(string operation, IEnumerable<Tensor> parameters)
    {
        var gradients = new List<Tensor>();
        var recorded = new List<Tensor>();
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var parameter in parameters)
        {
            if (parameter is null)
            {
                throw new ArgumentException($"{operation}: one of the parameters is null.", nameof(parameters));
            }

            if (seen.Add(parameter) && parameter.Gradient is { } gradient)
            {
                gradient.CheckAlive();
                if (gradient.Node is null)
                {
                    gradients.Add(gradient);
                }
                else
                {
                    recorded.Add(parameter);
                }
            }
        }

        // A change in place would be lost to the tape: a recorded gradient gives way to an unrecorded copy.
        using (TensorScope.Pause())
        {
            foreach (var parameter in recorded)
            {
                parameter.Gradient = parameter.Gradient!.Detach().Clone();
                gradients.Add(parameter.Gradient);
            }
        }

        return gradients;
    }

    private static void Change<TRule>(List<Tensor> gradients, TRule rule)
        where TRule : struct, IUpdateRule
    {
        var changed = new HashSet<(Memory.Storage, int, int)>();
        foreach (var gradient in gradients)
        {
            // Parameters may share a gradient: it is changed once.
            if (!changed.Add((gradient.Storage, gradient.Layout.Offset, gradient.Count)))
            {
                continue;
            }

            // The "gradient" of the update is not used; any readable operand will do.
            if (!gradient.DType.IsSixteen())
            {
                Elementwise.Update(rule, gradient, gradient);
                continue;
            }

            using (Recording.Pause())
            {
                var wide = gradient.Wide;
                Elementwise.Update(rule, wide, wide);
                gradient.CopyFrom(wide.To(gradient.DType));
            }
        }
    }

    private readonly struct ScaleRule(double scale) : IUpdateRule
    {
        public static string Name => "clip_by_norm";

        public static int StateCount => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Updated<N> Update<N>(N parameter, N gradient, States<N> state)
            where N : IReal<N> => new(scale * parameter);
    }

    private readonly struct LimitRule(double limit) : IUpdateRule
    {
        public static string Name => "clip_by_value";

        public static int StateCount => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Updated<N> Update<N>(N parameter, N gradient, States<N> state)
            where N : IReal<N> => new(N.Min(N.Max(parameter, -limit), limit));
    }
}
