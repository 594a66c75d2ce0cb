namespace Backprop.Layers;

/// <summary>What <see cref="RnnCell"/>, <see cref="LstmCell"/> and <see cref="GruCell"/> share: one step of a recurrent unit, for loops of your own.</summary>
/// <remarks>
/// Parameters have PyTorch's names and shapes: <c>weight_ih</c> [gates · size, in], <c>weight_hh</c> [gates · size, size], <c>bias_ih</c> and
/// <c>bias_hh</c> [gates · size], uniform in ±1/√size at first. Over whole sequences <see cref="Rnn"/>, <see cref="Lstm"/> and <see cref="Gru"/> are faster.
/// </remarks>
public abstract class RecurrentCell : Module
{
    private readonly string operation;

    private protected RecurrentCell(string operation, int gates, int inFeatures, int size, bool bias, Generator? generator, DType dtype)
    {
        new RecurrentSettings(inFeatures, size, 1, bias, true, 0, false, generator, dtype).Check(operation);
        this.operation = operation;
        (InFeatures, Size) = (inFeatures, size);
        var width = gates * size;
        Tensor Draw(string name, params ReadOnlySpan<int> shape) => Register(name, Initialize.UniformByFan(Parameter(shape, dtype), size, generator));
        var (input, hidden) = (Draw("weight_ih", width, inFeatures), Draw("weight_hh", width, size));
        Weights = new RecurrentWeights(input, hidden, bias ? Draw("bias_ih", width) : null, bias ? Draw("bias_hh", width) : null);
    }

    /// <summary>The size of the last axis of the input.</summary>
    public int InFeatures { get; }

    /// <summary>Elements of a state.</summary>
    public int Size { get; }

    /// <summary>The weights.</summary>
    public RecurrentWeights Weights { get; }

    /// <inheritdoc/>
    protected override string Settings => $"{InFeatures} → {Size}{(Weights.BiasInput is null ? ", no bias" : "")}";

    /// <summary>Checks the input and gives states of zeros in place of those that are null; all with a batch of one where the input has none.</summary>
    private protected (Tensor X, Tensor[] States, bool IsSingle) Prepare(Tensor x, params ReadOnlySpan<Tensor?> states)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank is not (1 or 2) || x.Shape[^1] != InFeatures)
        {
            throw new ShapeException(
                $"{operation}: the input {Error.Text(x.Shape)} must be [batch, {InFeatures}], or [{InFeatures}] for one sequence, in {Location}");
        }

        if (x.DType != Weights.Input.DType)
        {
            throw new DTypeException($"{Error.DTypesDiffer(operation, x.DType, Weights.Input.DType).Message} In {Location}");
        }

        var single = x.Rank == 1;
        var all = new Tensor[states.Length];
        for (var i = 0; i < all.Length; i++)
        {
            if (states[i] is not { } state)
            {
                all[i] = Tensor.Zeros([single ? 1 : x.Shape[0], Size], x.DType);
                continue;
            }

            if (!state.Shape.SequenceEqual(single ? [Size] : [x.Shape[0], Size]))
            {
                var wanted = single ? $"[{Size}]" : $"[{x.Shape[0]}, {Size}]";
                throw new ShapeException($"{operation}: a state {Error.Text(state.Shape)} must be {wanted} for an input {Error.Text(x.Shape)}, in {Location}");
            }

            all[i] = single ? state.Unsqueeze(0) : state;
        }

        return (single ? x.Unsqueeze(0) : x, all, single);
    }
}
