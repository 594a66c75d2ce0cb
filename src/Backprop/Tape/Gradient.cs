using System.Runtime.CompilerServices;

namespace Backprop;

/// <summary>Gradients as a function: computed and returned, touching no <see cref="Tensor.Gradient"/> and keeping the tape.</summary>
public static class Gradient
{
    /// <summary>The gradient of <paramref name="y"/> with respect to <paramref name="x"/>.</summary>
    /// <param name="y">A recorded tensor; a scalar unless <paramref name="seed"/> is given.</param>
    /// <param name="x">A tensor that <paramref name="y"/> was computed from, a leaf or an intermediate result.</param>
    /// <param name="seed">The gradient of <paramref name="y"/> itself, in its shape; 1 for a scalar.</param>
    /// <param name="record">Whether to record the computation, so that the result can be differentiated again.</param>
    /// <returns>dy/dx in the shape of <paramref name="x"/>.</returns>
    /// <exception cref="InvalidOperationException"><paramref name="y"/> doesn't depend on <paramref name="x"/>, or was not recorded.</exception>
    /// <example><code>
    /// var slope = Gradient.Of(y, x, record: true);
    /// var curvature = Gradient.Of(slope.Sum(), x);
    /// </code></example>
    public static Tensor Of(Tensor y, Tensor x, Tensor? seed = null, bool record = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Of(y, [x], seed, record)[0];
    }

    /// <summary>The gradients of <paramref name="y"/> with respect to several tensors, in one walk.</summary>
    /// <inheritdoc cref="Of(Tensor, Tensor, Tensor, bool)"/>
    [OverloadResolutionPriority(1)]
    public static Tensor[] Of(Tensor y, ReadOnlySpan<Tensor> xs, Tensor? seed = null, bool record = false)
    {
        ArgumentNullException.ThrowIfNull(y);
        CheckRecorded("gradient", y);
        var gradients = OrNull(y, xs, seed, record);
        for (var i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is null)
            {
                throw new InvalidOperationException(
                    $"gradient: {y.Describe()} does not depend on {xs[i].Describe()} (number {i} of {xs.Length}) through recorded operations. "
                    + "Use Gradient.OrNull where that is expected.");
            }
        }

        return gradients!;
    }

    /// <summary>Like <see cref="Of(Tensor, ReadOnlySpan{Tensor}, Tensor, bool)"/>, with null where there is no dependence.</summary>
    /// <inheritdoc cref="Of(Tensor, Tensor, Tensor, bool)"/>
    public static Tensor?[] OrNull(Tensor y, ReadOnlySpan<Tensor> xs, Tensor? seed = null, bool record = false)
    {
        ArgumentNullException.ThrowIfNull(y);
        var targets = new Node[xs.Length];
        for (var i = 0; i < xs.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(xs[i], nameof(xs));
            targets[i] = xs[i].Node ?? throw new InvalidOperationException(
                $"gradient: {xs[i].Describe()} (number {i} of {xs.Length}) takes no part in recording. Call RequireGradient() on it before computing with it.");
        }

        if (y.Node is null)
        {
            return new Tensor?[targets.Length];
        }

        var (root, start) = Seed("gradient", y, seed);
        return targets.Length == 0 ? [] : Walk.To(targets, root, start, record);
    }

    /// <summary>The root and the checked seed of a walk.</summary>
    internal static (Node Root, Tensor Seed) Seed(string operation, Tensor y, Tensor? seed)
    {
        y.CheckAlive();
        var root = CheckRecorded(operation, y);
        if (seed is null)
        {
            if (y.Count != 1)
            {
                throw new InvalidOperationException(
                    $"{operation}: {y.Describe()} is not a scalar; reduce it first, for instance with Sum(), or pass a seed of its shape.");
            }

            return (root, Tensor.Full(y.Shape, 1, y.DType));
        }

        seed.CheckAlive();
        seed = seed.Adopt(operation, y.DType);
        if (seed.DType != y.DType)
        {
            throw Error.DTypesDiffer($"{operation} (tensor, seed)", y.DType, seed.DType);
        }

        if (!seed.Layout.HasShape(y.Shape))
        {
            throw new ShapeException($"{operation}: the seed is {seed.Describe()}; it must have the shape of {y.Describe()}.");
        }

        return (root, seed);
    }

    private static Node CheckRecorded(string operation, Tensor y) => y.Node ?? throw new InvalidOperationException(
        $"{operation}: {y.Describe()} was not recorded: nothing it was computed from requires a gradient, or recording was paused.");
}
