namespace Backprop.Layers;

/// <summary>One step of a gated recurrent unit: see <see cref="Tensor.GruCell"/>.</summary>
public sealed class GruCell : RecurrentCell
{
    /// <summary>A unit with random weights.</summary>
    /// <param name="inFeatures">The size of the last axis of the input; at least 1.</param>
    /// <param name="size">Elements of a state; at least 1.</param>
    /// <param name="bias">Whether biases are added.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public GruCell(
        int inFeatures, int size, bool bias = true, Generator? generator = null, DType dtype = DType.Float32)
        : base("gru_cell", gates: 3, inFeatures, size, bias, generator, dtype)
    {
    }

    /// <summary>The hidden state after one step from a state of zeros.</summary>
    /// <inheritdoc cref="Step"/>
    public override Tensor Forward(Tensor x) => Step(x);

    /// <summary>One step.</summary>
    /// <param name="x">[batch, in], or [in] for one sequence.</param>
    /// <param name="hidden">The state, [batch, size] or [size]; zeros if not given.</param>
    /// <returns>The new state, in the same shape.</returns>
    /// <exception cref="ShapeException">The shapes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes differ.</exception>
    public Tensor Step(Tensor x, Tensor? hidden = null)
    {
        using var region = Enter();
        var (input, states, single) = Prepare(x, hidden);
        var h = Tensor.GruCell(input, states[0], Weights.Input, Weights.Hidden, Weights.BiasInput, Weights.BiasHidden);
        return single ? h.Squeeze(0) : h;
    }
}
