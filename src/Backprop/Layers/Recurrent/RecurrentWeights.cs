namespace Backprop.Layers;

/// <summary>The weights of a recurrent unit, or of one layer of them in one direction.</summary>
public sealed class RecurrentWeights
{
    internal RecurrentWeights(Tensor input, Tensor hidden, Tensor? biasInput, Tensor? biasHidden) =>
        (Input, Hidden, BiasInput, BiasHidden) = (input, hidden, biasInput, biasHidden);

    /// <summary>What the input is multiplied by: [gates · size, in].</summary>
    public Tensor Input { get; }

    /// <summary>What the state is multiplied by: [gates · size, size].</summary>
    public Tensor Hidden { get; }

    /// <summary>The bias beside the input's product: [gates · size]; null where there is none.</summary>
    public Tensor? BiasInput { get; }

    /// <summary>The bias beside the state's product: [gates · size]; null where there is none.</summary>
    public Tensor? BiasHidden { get; }
}
