namespace Backprop;

/// <summary>
/// Trades time for memory: what a segment of a computation would save for its gradients is dropped, and computed again when
/// <see cref="Tensor.Backward"/> gets there (Chen et al., "Training deep nets with sublinear memory cost", 2016).
/// </summary>
/// <remarks>
/// <para>
/// The gradients have the same bits as without: the segment's operations are differentiated in their old order, and random numbers (dropout) are
/// those of the first time, while the generators stand where they stood. Gradients of every order exist.
/// </para>
/// <para>
/// The segment is called a second time, so it must do the same again: it may use any tensors and parameters from outside, but shouldn't count, log, or
/// change something. A layer that keeps running statistics looks at <see cref="IsRecomputing"/>. Parameters are made outside of it. Mind that a lambda
/// captures variables and not their values: one that is assigned afterwards (a loop's <c>x</c>) has its new value when the segment is called again. Results
/// with other bits than the first time are refused before any gradient comes of them.
/// </para>
/// <para>In a <see cref="CapturedStep"/>, whose memory is planned as a whole, a segment is an ordinary part of the step: nothing is forgotten.</para>
/// </remarks>
/// <example><code>
/// foreach (var block in blocks)
/// {
///     var input = x;
///     x = Checkpoint.Run(() => block.Forward(input));
/// }
/// </code></example>
public static class Checkpoint
{
    [ThreadStatic]
    private static int recomputing;

    /// <summary>Whether a segment is being computed again on this thread, by a walk that wants its gradients.</summary>
    public static bool IsRecomputing => recomputing > 0;

    /// <summary>Computes a segment without keeping what its gradients need.</summary>
    /// <param name="segment">The computation.</param>
    /// <returns>The segment's result.</returns>
    /// <exception cref="InvalidOperationException">The segment made a parameter.</exception>
    public static Tensor Run(Func<Tensor> segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        return Run(() => new[] { segment() })[0];
    }

    /// <summary>Computes a segment with several results without keeping what their gradients need.</summary>
    /// <inheritdoc cref="Run(Func{Tensor})"/>
    public static Tensor[] Run(Func<Tensor[]> segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        if (!Recording.IsOn || Memory.Ledger.IsOn)
        {
            return segment();
        }

        var begin = TapeClock.Now;
        var numbers = new RandomReplay();
        var scope = TensorScope.Current is null ? null : TensorScope.Begin();
        try
        {
            Tensor[] results;
            using (numbers.Record())
            {
                results = segment();
            }

            Ops.Recomputation.Attach(segment, results, begin, numbers);
            if (scope is not null)
            {
                foreach (var result in results)
                {
                    scope.HandUp(result.Storage);
                }
            }

            return results;
        }
        finally
        {
            scope?.Dispose();
        }
    }

    internal static Tensor[] Again(Func<Tensor[]> segment, RandomReplay numbers)
    {
        recomputing++;
        try
        {
            using (Recording.Set(true))
            using (var player = numbers.Replay())
            {
                var results = segment();
                player.CheckEnd();
                return results;
            }
        }
        finally
        {
            recomputing--;
        }
    }
}
