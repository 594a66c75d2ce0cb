namespace Backprop;

public static partial class Calculus
{
    /// <summary>The gradient of every sample's own loss, for all samples at once: what clipping per sample, influence or noise scales need.</summary>
    /// <param name="losses">A recorded vector, one loss per sample: not reduced, as <c>Reduction.None</c> leaves it, or a mean over all other axes.</param>
    /// <param name="parameters">Tensors that the losses were computed from.</param>
    /// <param name="record">Whether to record the computation, so that the results can be differentiated again.</param>
    /// <returns>
    /// One tensor [samples, shape of the parameter] per parameter, whose row i is the gradient of <paramref name="losses"/>[i]; zeros where the losses
    /// don't depend on a parameter. No <see cref="Tensor.Gradient"/> is touched, and the tape is kept.
    /// </returns>
    /// <remarks>
    /// <para>
    /// One walk, however many samples there are (Goodfellow, "Efficient per-example gradient computations", 2015): what has the samples along an axis keeps
    /// one gradient, for samples don't mix, and only where a parameter comes in, the contributions of the samples are not added up. The cost is about that
    /// of <see cref="Tensor.Backward"/>, and the memory that of the results: as many times the parameters as there are samples.
    /// </para>
    /// <para>
    /// Where the samples are is followed from the losses backwards, through every operation. What can't be proved to belong to one sample is computed for
    /// each loss, or refused; it is never guessed. Parameters may be shared, transposed, sliced or computed from others before they are used. Fused
    /// operations without a rule of their own (recurrent sweeps, normalisations, attention) go by way of their definition, which is slower than their kernels.
    /// </para>
    /// </remarks>
    /// <exception cref="ShapeException">The losses are no vector, or a result would be too large.</exception>
    /// <exception cref="InvalidOperationException">
    /// An operation mixes samples, as batch norm does in training, or has no rule for this; the message names it. Or a parameter takes no part in recording.
    /// </exception>
    /// <example><code>
    /// // Every sample's gradient is clipped to a norm of 1 before they are averaged.
    /// var losses = Losses.CrossEntropy(model.Forward(images), labels, reduction: Reduction.None);
    /// var gradients = Calculus.PerSampleGradients(losses, model.Parameters());
    /// var squares = gradients.Select(g => g.Flatten(1).Square().Sum(1)).Aggregate((a, b) => a + b);
    /// var factors = (1 / squares.Sqrt()).Clamp(high: 1);
    /// foreach (var (parameter, g) in model.Parameters().Zip(gradients))
    /// {
    ///     parameter.Gradient = (factors.MatMul(g.Flatten(1)) / factors.Count).Reshape(parameter.Shape);
    /// }
    /// </code></example>
    public static Tensor[] PerSampleGradients(Tensor losses, ReadOnlySpan<Tensor> parameters, bool record = false)
    {
        ArgumentNullException.ThrowIfNull(losses);
        CheckLosses(losses);
        foreach (var (i, parameter) in parameters.ToArray().Index())
        {
            ArgumentNullException.ThrowIfNull(parameter, nameof(parameters));
            if (parameter.Node is null)
            {
                throw new InvalidOperationException(
                    $"{PerSample}: {parameter.Describe()} (number {i} of {parameters.Length}) takes no part in recording. "
                    + "Call RequireGradient() on it before computing with it.");
            }
        }

        return losses.Node is not null ? RowsOf(losses, parameters, record) : throw new InvalidOperationException(
            $"{PerSample}: {losses.Describe()} was not recorded: nothing it was computed from requires a gradient, or recording was paused.");
    }

    /// <summary>The losses of all samples and their gradients, each with respect to the arguments of a function.</summary>
    /// <param name="losses">A function with a vector as result, one loss per sample.</param>
    /// <param name="xs">Where: what all samples share, that is the parameters. Samples are what the function uses besides.</param>
    /// <returns>The losses, and one tensor [samples, shape of the argument] per argument.</returns>
    /// <inheritdoc cref="PerSampleGradients(Tensor, ReadOnlySpan{Tensor}, bool)"/>
    public static (Tensor Losses, Tensor[] Gradients) PerSampleGradients(Func<Tensor[], Tensor> losses, Tensor[] xs)
    {
        var at = new Point(PerSample, losses, xs);
        CheckLosses(at.Value);
        return (at.Result, at.Rows());
    }

    private const string PerSample = "per_sample_gradients";

    /// <summary>The gradients of all elements of a vector; the arguments have been checked.</summary>
    internal static Tensor[] RowsOf(Tensor losses, ReadOnlySpan<Tensor> xs, bool record)
    {
        var samples = losses.Count;
        var nodes = new Node[xs.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = xs[i].Node!;
            Layout.CheckedCount(PerSample, [samples, .. xs[i].Shape]);
        }

        var rows = new Tensor[nodes.Length];
        var found = new SampleGradient?[nodes.Length];
        var seed = Tensor.OnesLike(losses);
        if (losses.Node is not null && samples > 1)
        {
            using (Recording.Set(record))
            {
                found = SampleWalk.To(nodes, losses.Node, new SampleGradient(seed, new SampleAxis(0, samples)), samples);
            }
        }
        else if (samples == 1)
        {
            // The only loss: nothing can mix, and every operation has a gradient.
            found = [.. Backprop.Gradient.OrNull(losses, xs, seed, record)
                .Select(gradient => gradient is null ? (SampleGradient?)null : new SampleGradient(gradient.Unsqueeze(0), null))];
        }

        var storages = new HashSet<object> { seed.Storage };
        using (Recording.Set(record))
        {
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = Own(found[i], xs[i], samples, storages);
            }
        }

        return rows;
    }

    /// <summary>A result that is dense and nobody else's.</summary>
    private static Tensor Own(SampleGradient? found, Tensor x, int samples, HashSet<object> storages)
    {
        if (found is not { } result)
        {
            return Tensor.Zeros([samples, .. x.Shape], x.DType);
        }

        var gradient = (result.Axis is { } axis ? axis.Spread(result.Gradient) : result.Gradient).To(x.DType);
        return storages.Add(gradient.Storage) && gradient.IsContiguous ? gradient : gradient.Clone();
    }

    private static void CheckLosses(Tensor losses)
    {
        losses.CheckAlive();
        if (losses.Rank != 1)
        {
            throw Error.Shape(
                PerSample,
                $"the losses are {losses.Describe()}, but must be a vector, one loss per sample: pass Reduction.None to the loss, and sum or average "
                + "other axes.");
        }
    }
}
