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

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public Batch GetBatch(ReadOnlySpan<int> indices, Batch? reuse = null)
    {
        Rows.Check(indices, Count);
        return new Batch(Rows.Gather(Inputs, indices, reuse?.Inputs), Rows.Gather(Targets, indices, reuse?.Targets));
    }
}
