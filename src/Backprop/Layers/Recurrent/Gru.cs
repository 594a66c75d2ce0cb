namespace Backprop.Layers;

/// <summary>Layers of gated recurrent units: see <see cref="Tensor.Gru"/> (Cho et al., 2014).</summary>
/// <example><code>
/// var gru = new Gru(inFeatures: 8, size: 32, bidirectional: true);
/// var (output, hidden) = gru.Run(x);   // x [batch, steps, 8], output [batch, steps, 64], hidden [2, batch, 32]
/// </code></example>
public sealed class Gru : RecurrentLayer
{
    /// <summary>Layers with random weights.</summary>
    /// <param name="inFeatures">The size of the last axis of the input; at least 1.</param>
    /// <param name="size">Elements of a hidden state; at least 1.</param>
    /// <param name="layers">How many layers lie one above the other; at least 1.</param>
    /// <param name="bias">Whether biases are added.</param>
    /// <param name="batchFirst">Whether input and output are [batch, steps, …] rather than [steps, batch, …].</param>
    /// <param name="dropout">The chance of an element between two layers to be dropped in training; without effect on a single layer.</param>
    /// <param name="bidirectional">Whether each layer also runs from the end.</param>
    /// <param name="generator">Where first weights and dropout come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the dropout is no probability.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public Gru(
        int inFeatures, int size, int layers = 1, bool bias = true, bool batchFirst = true, double dropout = 0, bool bidirectional = false,
        Generator? generator = null, DType dtype = DType.Float32)
        : base("gru", gates: 3, new RecurrentSettings(inFeatures, size, layers, bias, batchFirst, dropout, bidirectional, generator, dtype))
    {
    }

    private protected override Tensor?[] InitialStates => new Tensor?[1];

    /// <summary>Runs over whole sequences.</summary>
    /// <param name="x">
    /// [batch, steps, in], or [steps, batch, in] where <see cref="RecurrentLayer.IsBatchFirst"/> is off, or [steps, in] for one sequence.
    /// </param>
    /// <param name="hidden">The state before the first step, [layers · directions, batch, size]; zeros if not given.</param>
    /// <param name="lengths">
    /// How many steps of each sequence count, [batch] of int64; all if not given. The steps beyond give zeros and leave the states alone, and in
    /// reverse each sequence begins at its own end: padding has no effect on anything.
    /// </param>
    /// <returns>
    /// The last layer's hidden states at all steps, [batch, steps, directions · size] or as the input is, and the last state of every layer and
    /// direction, [layers · directions, batch, size].
    /// </returns>
    /// <exception cref="ShapeException">The shapes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes differ, or the lengths are no integers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length is negative or more than there are steps.</exception>
    public (Tensor Output, Tensor Hidden) Run(Tensor x, Tensor? hidden = null, Tensor? lengths = null)
    {
        var (output, states) = Unroll(x, [hidden], lengths);
        return (output, states[0]);
    }

    private protected override (Tensor Output, Tensor[] States) Sweep(Tensor x, Tensor[] states, RecurrentWeights weights, Tensor? lengths, bool reverse)
    {
        var (output, hidden) = Tensor.Gru(
            x, states[0], weights.Input, weights.Hidden, weights.BiasInput, weights.BiasHidden, lengths, reverse);
        return (output, [hidden]);
    }
}
