namespace Backprop.Ops;

/// <summary>What recurrent operations demand of their inputs.</summary>
internal readonly ref struct RecurrentShapes(string operation, int gates)
{
    /// <summary>Checks everything but the lengths' values.</summary>
    /// <param name="x">[steps, batch, in], or [batch, in] for one step.</param>
    /// <param name="steps">Whether x has steps.</param>
    /// <param name="weights">The input's weight [gates · size, in] and the state's [gates · size, size].</param>
    /// <param name="states">Hidden state, and cell state if there is one: [batch, size] each.</param>
    /// <param name="biases">[gates · size] each; null where there is none.</param>
    public void Check(Tensor x, bool steps, (Tensor Input, Tensor Hidden) weights, ReadOnlySpan<Tensor> states, ReadOnlySpan<Tensor?> biases)
    {
        CheckType(x, weights.Input);
        CheckType(x, weights.Hidden);
        var rank = steps ? 3 : 2;
        if (x.Rank != rank)
        {
            throw Error.Shape(operation, $"the input {Error.Text(x.Shape)} must be {(steps ? "[steps, batch, in]" : "[batch, in]")}.");
        }

        if (weights.Hidden.Rank != 2 || weights.Hidden.Shape[0] != (long)gates * weights.Hidden.Shape[1])
        {
            throw Error.Shape(operation, $"the state's weight {Error.Text(weights.Hidden.Shape)} must be {Wide("size")}, gates first.");
        }

        var size = weights.Hidden.Shape[1];
        if (!weights.Input.Layout.HasShape([gates * size, x.Shape[^1]]))
        {
            throw Error.Shape(operation, $"the input's weight {Error.Text(weights.Input.Shape)} must be [{gates * size}, {x.Shape[^1]}], for an input "
                + $"{Error.Text(x.Shape)} and states of {size}.");
        }

        foreach (var state in states)
        {
            CheckType(x, state);
            if (!state.Layout.HasShape([x.Shape[^2], size]))
            {
                throw Error.Shape(operation, $"a state {Error.Text(state.Shape)} must be [{x.Shape[^2]}, {size}], for an input {Error.Text(x.Shape)} and a "
                    + $"state's weight {Error.Text(weights.Hidden.Shape)}.");
            }
        }

        foreach (var bias in biases)
        {
            if (bias is not null)
            {
                CheckType(x, bias);
                if (!bias.Layout.HasShape([gates * size]))
                {
                    throw Error.Shape(operation, $"a bias {Error.Text(bias.Shape)} must be [{gates * size}], as the weights' first axis.");
                }
            }
        }
    }

    /// <summary>Lengths in int64, one per sequence; their values are checked when the operation runs.</summary>
    public Tensor? Lengths(Tensor? lengths, Tensor x)
    {
        if (lengths is null)
        {
            return null;
        }

        if (lengths.DType is not (DType.Int64 or DType.Int32))
        {
            throw Error.DType(operation, lengths.DType, "lengths count steps; use int64.");
        }

        if (!lengths.Layout.HasShape([x.Shape[1]]))
        {
            throw Error.Shape(operation, $"the lengths {Error.Text(lengths.Shape)} must be [{x.Shape[1]}], one per sequence of the input "
                + $"{Error.Text(x.Shape)}.");
        }

        return lengths.To(DType.Int64);
    }

    private string Wide(string size) => gates == 1 ? $"[{size}, {size}]" : $"[{gates} · {size}, {size}]";

    private void CheckType(Tensor x, Tensor other)
    {
        if (!x.DType.IsFloating())
        {
            throw Error.DType(operation, x.DType, "convert with To(DType.Float32) first.");
        }

        if (other.DType != x.DType)
        {
            throw Error.DTypesDiffer(operation, x.DType, other.DType);
        }
    }
}
