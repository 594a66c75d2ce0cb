namespace Backprop.Layers;

/// <summary>One step of long short-term memory: see <see cref="Tensor.LstmCell"/>.</summary>
public sealed class LstmCell : RecurrentCell
{
    /// <summary>A unit with random weights.</summary>
    /// <param name="inFeatures">The size of the last axis of the input; at least 1.</param>
    /// <param name="size">Elements of a state; at least 1.</param>
    /// <param name="bias">Whether biases are added.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public LstmCell(
        int inFeatures, int size, bool bias = true, Generator? generator = null, DType dtype = DType.Float32)
        : base("lstm_cell", gates: 4, inFeatures, size, bias, generator, dtype)
    {
    }

    /// <summary>The hidden state after one step from states of zeros.</summary>
    /// <inheritdoc cref="Step"/>
    public override Tensor Forward(Tensor x) => Step(x).Hidden;

    /// <summary>One step.</summary>
    /// <param name="x">[batch, in], or [in] for one sequence.</param>
    /// <param name="hidden">The hidden state, [batch, size] or [size]; zeros if not given.</param>
    /// <param name="cell">The cell state, [batch, size] or [size]; zeros if not given.</param>
    /// <returns>The new states, in the same shapes.</returns>
    /// <exception cref="ShapeException">The shapes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes differ.</exception>
    public (Tensor Hidden, Tensor Cell) Step(Tensor x, Tensor? hidden = null, Tensor? cell = null)
    {
        using var region = Enter();
        var (input, states, single) = Prepare(x, hidden, cell);
        var (h, c) = Tensor.LstmCell(input, states[0], states[1], Weights.Input, Weights.Hidden, Weights.BiasInput, Weights.BiasHidden);
        return single ? (h.Squeeze(0), c.Squeeze(0)) : (h, c);
    }
}
