using System.Globalization;

namespace Backprop.Layers;

/// <summary>What <see cref="Rnn"/>, <see cref="Lstm"/> and <see cref="Gru"/> share: layers one above the other, each in one direction or both.</summary>
/// <remarks>
/// <para>
/// Parameters have PyTorch's names and shapes, so that states can be exchanged: <c>weight_ih_l0</c> [gates · size, in], <c>weight_hh_l0</c>
/// [gates · size, size], <c>bias_ih_l0</c> and <c>bias_hh_l0</c> [gates · size], then <c>…_l0_reverse</c>, <c>…_l1</c> and so on. All start uniform in
/// ±1/√size.
/// </para>
/// <para>
/// The batch is the first axis of input and output, as everywhere in this library, unless <see cref="IsBatchFirst"/> is off, which saves a copy. States
/// are [layers · directions, batch, size] in any case. An input of two axes is one sequence, and its states have two axes.
/// </para>
/// </remarks>
public abstract class RecurrentLayer : Module
{
    private readonly RecurrentWeights[] weights;
    private readonly Dropout? dropout;
    private readonly string operation;

    private protected RecurrentLayer(string operation, int gates, in RecurrentSettings settings)
    {
        settings.Check(operation);
        this.operation = operation;
        (InFeatures, Size, Layers) = (settings.InFeatures, settings.Size, settings.Layers);
        (IsBidirectional, IsBatchFirst) = (settings.Bidirectional, settings.BatchFirst);
        DType = settings.DType;
        weights = new RecurrentWeights[Layers * Directions];
        for (var i = 0; i < weights.Length; i++)
        {
            var layer = (i / Directions).ToString(CultureInfo.InvariantCulture);
            var features = i < Directions ? InFeatures : Directions * Size;
            weights[i] = Create($"_l{layer}{(i % Directions == 1 ? "_reverse" : "")}", gates * Size, features, settings);
        }

        dropout = settings.Dropout > 0 && Layers > 1 ? new Dropout(settings.Dropout, settings.Generator) : null;
    }

    /// <summary>The size of the last axis of the input.</summary>
    public int InFeatures { get; }

    /// <summary>Elements of a hidden state.</summary>
    public int Size { get; }

    /// <summary>How many layers lie one above the other.</summary>
    public int Layers { get; }

    /// <summary>Whether each layer also runs from the end, and its results are appended along the last axis.</summary>
    public bool IsBidirectional { get; }

    /// <summary>Whether input and output are [batch, steps, …] rather than [steps, batch, …].</summary>
    public bool IsBatchFirst { get; }

    /// <summary>The weights: layer by layer, forward before reverse.</summary>
    public IReadOnlyList<RecurrentWeights> Weights => weights;

    /// <inheritdoc/>
    protected override string Settings => $"{InFeatures} → {Size}" + (Layers > 1 ? $", {Layers} layers" : "") + (IsBidirectional ? ", bidirectional" : "")
        + (weights[0].BiasInput is null ? ", no bias" : "") + (IsBatchFirst ? "" : ", steps first");

    private protected DType DType { get; }

    private int Directions => IsBidirectional ? 2 : 1;

    /// <summary>The hidden states of the last layer at all steps, from states of zeros: the first of the results of <c>Run</c>.</summary>
    /// <param name="x">[batch, steps, in], or [steps, batch, in] where <see cref="IsBatchFirst"/> is off, or [steps, in] for one sequence.</param>
    /// <returns>[batch, steps, directions · size], or as the input is.</returns>
    /// <exception cref="ShapeException">The shape doesn't fit.</exception>
    /// <exception cref="DTypeException">The dtype is not the weights'.</exception>
    public override Tensor Forward(Tensor x) => Unroll(x, InitialStates, null).Output;

    /// <summary>As many as the unit has kinds of states, all null.</summary>
    private protected abstract Tensor?[] InitialStates { get; }

    /// <summary>One layer in one direction over x [steps, batch, in].</summary>
    private protected abstract (Tensor Output, Tensor[] States) Sweep(Tensor x, Tensor[] states, RecurrentWeights weights, Tensor? lengths, bool reverse);

    private protected (Tensor Output, Tensor[] States) Unroll(Tensor x, Tensor?[] initial, Tensor? lengths)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        CheckInput(x);
        var single = x.Rank == 2;
        var swap = IsBatchFirst && !single;
        x = single ? x.Unsqueeze(1) : swap ? x.Transpose(0, 1) : x;
        lengths = single && lengths is { Rank: 0 } ? lengths.Unsqueeze(0) : lengths;
        var states = new Tensor[initial.Length];
        for (var kind = 0; kind < states.Length; kind++)
        {
            states[kind] = State(initial[kind], x.Shape[1], single);
        }

        var last = Array.ConvertAll(states, _ => new List<Tensor>());

        for (var layer = 0; layer < Layers; layer++)
        {
            var outputs = new Tensor[Directions];
            for (var direction = 0; direction < Directions; direction++)
            {
                var index = (layer * Directions) + direction;
                var before = Array.ConvertAll(states, state => state.Select(0, index));
                (outputs[direction], var after) = Sweep(x, before, weights[index], lengths, reverse: direction == 1);
                for (var kind = 0; kind < last.Length; kind++)
                {
                    last[kind].Add(after[kind]);
                }
            }

            x = Directions == 1 ? outputs[0] : Tensor.Concatenate(outputs, -1);
            x = dropout is null || layer == Layers - 1 ? x : dropout.Forward(x);
        }

        var results = Array.ConvertAll(last, kind => kind.Count == 1 ? kind[0].Unsqueeze(0) : Tensor.Stack([.. kind]));
        return single ? (x.Squeeze(1), Array.ConvertAll(results, state => state.Squeeze(1))) : (swap ? x.Transpose(0, 1) : x, results);
    }

    private void CheckInput(Tensor x)
    {
        if (x.Rank is not (2 or 3) || x.Shape[^1] != InFeatures)
        {
            var wanted = IsBatchFirst ? $"[batch, steps, {InFeatures}]" : $"[steps, batch, {InFeatures}]";
            throw new ShapeException(
                $"{operation}: the input {Error.Text(x.Shape)} must be {wanted}, or [steps, {InFeatures}] for one sequence, in {Location}");
        }

        if (x.DType != DType)
        {
            throw new DTypeException($"{Error.DTypesDiffer(operation, x.DType, DType).Message} In {Location}");
        }
    }

    /// <summary>A state as given, or zeros: [layers · directions, batch, size].</summary>
    private Tensor State(Tensor? given, int batch, bool single)
    {
        var all = weights.Length;
        if (given is null)
        {
            return Tensor.Zeros([all, batch, Size], DType);
        }

        if (!given.Shape.SequenceEqual(single ? [all, Size] : [all, batch, Size]))
        {
            var wanted = single ? $"[{all}, {Size}]" : $"[{all}, {batch}, {Size}]";
            throw new ShapeException($"{operation}: an initial state {Error.Text(given.Shape)} must be {wanted}, one per layer and direction, in {Location}");
        }

        return single ? given.Unsqueeze(1) : given;
    }

    private RecurrentWeights Create(string suffix, int width, int features, RecurrentSettings settings)
    {
        Tensor Draw(string name, params ReadOnlySpan<int> shape) =>
            Register(name + suffix, Initialize.UniformByFan(Parameter(shape, settings.DType), settings.Size, settings.Generator));
        var (input, hidden) = (Draw("weight_ih", width, features), Draw("weight_hh", width, settings.Size));
        return settings.Bias
            ? new RecurrentWeights(input, hidden, Draw("bias_ih", width), Draw("bias_hh", width))
            : new RecurrentWeights(input, hidden, null, null);
    }
}

/// <summary>What the constructors of recurrent layers take.</summary>
internal readonly record struct RecurrentSettings(
    int InFeatures, int Size, int Layers, bool Bias, bool BatchFirst, double Dropout, bool Bidirectional, Generator? Generator, DType DType)
{
    /// <summary>Keeps the products with the number of gates and directions in an int; larger weights are refused by their shape.</summary>
    private const int MostSize = int.MaxValue / 8;

    private const int MostLayers = 1 << 16;

    public void Check(string operation)
    {
        if (InFeatures < 1)
        {
            throw Error.Range(operation, "inFeatures", InFeatures, "at least 1");
        }

        if (Size is < 1 or > MostSize)
        {
            throw Error.Range(operation, "size", Size, Size < 1 ? "at least 1" : $"at most {MostSize}");
        }

        if (Layers is < 1 or > MostLayers)
        {
            throw Error.Range(operation, "layers", Layers, Layers < 1 ? "at least 1" : $"at most {MostLayers}");
        }

        if (!(Dropout is >= 0 and <= 1))
        {
            throw Error.Range(operation, "dropout", Dropout, "from 0 to 1");
        }

        if (!DType.IsFloating())
        {
            throw Error.DType(operation, DType, "weights are float32 or float64.");
        }
    }
}
