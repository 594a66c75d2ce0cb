namespace Backprop.Layers;

/// <summary>One step of a simple recurrent unit: see <see cref="Tensor.RnnCell"/>.</summary>
public sealed class RnnCell : RecurrentCell
{
    /// <summary>A unit with random weights.</summary>
    /// <param name="inFeatures">The size of the last axis of the input; at least 1.</param>
    /// <param name="size">Elements of a state; at least 1.</param>
    /// <param name="bias">Whether biases are added.</param>
    /// <param name="activation">What the sum goes through.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public RnnCell(
        int inFeatures, int size, bool bias = true, RecurrentActivation activation = RecurrentActivation.Tanh, Generator? generator = null,
        DType dtype = DType.Float32)
        : base("rnn_cell", gates: 1, inFeatures, size, bias, generator, dtype)
    {
        if (activation is not (RecurrentActivation.Tanh or RecurrentActivation.Relu))
        {
            throw Error.Range("rnn_cell", nameof(activation), activation, "RecurrentActivation.Tanh or RecurrentActivation.Relu");
        }

        Activation = activation;
    }

    /// <summary>What the sum goes through.</summary>
    public RecurrentActivation Activation { get; }

    /// <inheritdoc/>
    protected override string Settings => $"{base.Settings}{(Activation == RecurrentActivation.Relu ? ", relu" : "")}";

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
        var h = Tensor.RnnCell(input, states[0], Weights.Input, Weights.Hidden, Weights.BiasInput, Weights.BiasHidden, Activation);
        return single ? h.Squeeze(0) : h;
    }
}
