namespace Backprop.Data;

/// <summary>A data set that lies in memory: tensors with one example per step along axis 0.</summary>
public sealed class TensorDataset : IDataset
{
    /// <summary>Makes a data set of two tensors.</summary>
    /// <param name="inputs">What a model is given: [n, …].</param>
    /// <param name="targets">What it should say: [n, …].</param>
    /// <exception cref="ShapeException">A tensor is a scalar, or the sizes of axis 0 differ.</exception>
    public TensorDataset(Tensor inputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        if (inputs.Rank == 0 || targets.Rank == 0 || inputs.Shape[0] != targets.Shape[0])
        {
            throw Error.Shape(
                "tensor_dataset",
                $"inputs {Error.Text(inputs.Shape)} and targets {Error.Text(targets.Shape)} need an axis 0 of the same size.");
        }

        Inputs = inputs.Detach().Contiguous();
        Targets = targets.Detach().Contiguous();
    }

    /// <summary>All inputs.</summary>
    public Tensor Inputs { get; }

    /// <summary>All targets.</summary>
    public Tensor Targets { get; }

    /// <inheritdoc/>
    public int Count => Inputs.Shape[0];

    /// <summary>Deals the examples out to two data sets at random: one to learn from and one to judge by, say.</summary>
    /// <param name="fraction">Which share goes to the first; above 0 and below 1. It gets fraction · <see cref="Count"/> examples, rounded.</param>
    /// <param name="seed">Decides which examples, and their order; the same seed gives the same two data sets.</param>
    /// <returns>Two data sets with copies of the examples; each example is in exactly one of them.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is not between 0 and 1.</exception>
    /// <example><code>
    /// var (training, test) = dataset.Split(0.8, seed: 1);
    /// </code></example>
    public (TensorDataset First, TensorDataset Second) Split(double fraction, ulong seed)
    {
        if (!(fraction is > 0 and < 1))
        {
            throw Error.Range("split", nameof(fraction), fraction, "above 0 and below 1");
        }

        // Not the seed itself: weights and batches that a program draws from the same one shall share no bits with this order.
        var key = new Generator(seed) { State = new(seed, ulong.MaxValue - 1) }.NextUInt64();
        ReadOnlySpan<int> order = new Generator(key).Permutation(Count);
        var first = (int)Math.Round(fraction * Count, MidpointRounding.AwayFromZero);
        return (Part(order[..first]), Part(order[first..]));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public Batch GetBatch(ReadOnlySpan<int> indices, Batch? reuse = null)
    {
        Rows.Check(indices, Count);
        return new Batch(Rows.Gather(Inputs, indices, reuse?.Inputs), Rows.Gather(Targets, indices, reuse?.Targets));
    }

    private TensorDataset Part(ReadOnlySpan<int> indices)
    {
        using (TensorScope.Pause()) // a data set outlives the step in which it is made
        {
            return new TensorDataset(Rows.Gather(Inputs, indices, null), Rows.Gather(Targets, indices, null));
        }
    }
}
