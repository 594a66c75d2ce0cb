namespace Backprop.Tests.Catalog.Operations;

/// <summary>Recurrent layers over sequences, and their single steps. Inputs: x, the states, the weights of input and state, the biases, the lengths.</summary>
internal sealed class RecurrentSamples : ICatalogEntry
{
    private static readonly Tensor Lengths = Tensor.From([3L, 1L]);

    public IEnumerable<Sample> Samples() => [.. Rnns(), .. Lstms(), .. Grus(), .. Cells()];

    public IEnumerable<ErrorCase> Errors()
    {
        foreach (var (operation, gates, call) in new (string, int, Action<Tensor[]>)[]
        {
            ("rnn", 1, t => Tensor.Rnn(t[0], t[1], t[2], t[3], t[4], lengths: t[5])),
            ("lstm", 4, t => Tensor.Lstm(t[0], t[1], t[1], t[2], t[3], t[4], lengths: t[5])),
            ("gru", 3, t => Tensor.Gru(t[0], t[1], t[2], t[3], t[4], lengths: t[5])),
        })
        {
            ErrorCase Case(string situation, Type exception, int index, Tensor wrong, params string[] says)
            {
                Tensor[] t = [Values.Reals(3, 2, 5), Values.Reals(2, 4), Values.Reals(gates * 4, 5), Values.Reals(gates * 4, 4), Values.Reals(gates * 4), Lengths];
                t[index] = wrong;
                var name = operation == "rnn" && situation.StartsWith("a length", StringComparison.Ordinal) ? "rnn_tanh" : operation;
                return new(name, situation, exception, t, call, says);
            }

            yield return Case("an input without steps", typeof(ShapeException), 0, Values.Reals(2, 5), "[2, 5]", "[steps, batch, in]");
            yield return Case("integers", typeof(DTypeException), 0, Values.Positions(3, 3, 2, 5), "int64", "To(DType.Float32)");
            yield return Case("another dtype of the weight", typeof(DTypeException), 2, Values.Reals(gates * 4, 5).To(DType.Float32), "float32", "float64");
            yield return Case("a state of another batch", typeof(ShapeException), 1, Values.Reals(3, 4), "[3, 4]", "[2, 4]");
            yield return Case("a weight for another input", typeof(ShapeException), 2, Values.Reals(gates * 4, 6), $"[{gates * 4}, 6]", $"[{gates * 4}, 5]");
            yield return Case("a state's weight that is not square in each gate", typeof(ShapeException), 3, Values.Reals(gates * 4, 3), $"[{gates * 4}, 3]");
            yield return Case("a bias of another size", typeof(ShapeException), 4, Values.Reals(3), "[3]", $"[{gates * 4}]");
            yield return Case("lengths that are no integers", typeof(DTypeException), 5, Values.Reals(2), "float64", "int64");
            yield return Case("lengths for another batch", typeof(ShapeException), 5, Tensor.From([1L]), "[1]", "[2]");
            yield return Case("a length beyond the steps", typeof(ArgumentOutOfRangeException), 5, Tensor.From([1L, 4L]), "4", "from 0 to 3");
            yield return Case("a length below zero", typeof(ArgumentOutOfRangeException), 5, Tensor.From([-1L, 3L]), "-1", "from 0 to 3");
        }

        yield return new("lstm", "a cell state of another size", typeof(ShapeException),
            [Values.Reals(3, 2, 5), Values.Reals(2, 4), Values.Reals(2, 3), Values.Reals(16, 5), Values.Reals(16, 4)],
            t => Tensor.Lstm(t[0], t[1], t[2], t[3], t[4]), ["[2, 3]", "[2, 4]"]);
        yield return new("lstm_cell", "an input with steps", typeof(ShapeException),
            [Values.Reals(3, 2, 5), Values.Reals(2, 4), Values.Reals(16, 5), Values.Reals(16, 4)],
            t => Tensor.LstmCell(t[0], t[1], t[1], t[2], t[3]), ["[3, 2, 5]", "[batch, in]"]);
        yield return new("gru_cell", "an input without a batch", typeof(ShapeException),
            [Values.Reals(5), Values.Reals(2, 4), Values.Reals(12, 5), Values.Reals(12, 4)],
            t => Tensor.GruCell(t[0], t[1], t[2], t[3]), ["[5]", "[batch, in]"]);
        yield return new("rnn_cell", "no such activation", typeof(ArgumentOutOfRangeException),
            [Values.Reals(2, 5), Values.Reals(2, 4), Values.Reals(4, 5), Values.Reals(4, 4)],
            t => Tensor.RnnCell(t[0], t[1], t[2], t[3], activation: (RecurrentActivation)7), ["7", "RecurrentActivation.Tanh"]);
    }

    private static IEnumerable<Sample> Rnns() =>
    [
        new("rnn_tanh", "biases", [Values.Reals(3, 2, 2), Values.Others(2, 3), .. Weights(1, 2, 3)], t => Both(Tensor.Rnn(t[0], t[1], t[2], t[3], t[4], t[5])))
        {
            Large = () => [Values.Reals(4, 30, 20), Values.Others(30, 200), .. Weights(1, 20, 200)],
        },
        new("rnn_tanh", "lengths, reverse", [Values.Reals(3, 2, 2), Values.Others(2, 2), .. Weights(1, 2, 2), Lengths],
            t => Both(Tensor.Rnn(t[0], t[1], t[2], t[3], lengths: t[6], reverse: true))) { Constants = [4, 5] },
        new("rnn_relu", "biases", [Values.Reals(2, 2, 2), Values.Others(2, 2), .. Weights(1, 2, 2)],
            t => Both(Tensor.Rnn(t[0], t[1], t[2], t[3], t[4], t[5], RecurrentActivation.Relu)))
        {
            Large = () => [Values.Reals(4, 30, 20), Values.Others(30, 200), .. Weights(1, 20, 200)],
        },
        new("rnn_relu", "one bias, reverse", [Values.Reals(2, 2, 2), Values.Others(2, 2), .. Weights(1, 2, 2)],
            t => Both(Tensor.Rnn(t[0], t[1], t[2], t[3], t[4], null, RecurrentActivation.Relu, reverse: true))) { Constants = [5] },
    ];

    private static IEnumerable<Sample> Lstms() =>
    [
        new("lstm", "biases", [Values.Reals(2, 2, 1), Values.Others(2, 2), Values.Reals(2, 2), .. Weights(4, 1, 2)],
            t => All(Tensor.Lstm(t[0], t[1], t[2], t[3], t[4], t[5], t[6])))
        {
            Large = () => [Values.Reals(3, 40, 20), Values.Others(40, 150), Values.Reals(40, 150), .. Weights(4, 20, 150)],
        },
        new("lstm", "reverse, one bias", [Values.Reals(2, 1, 1), Values.Others(1, 2), Values.Reals(1, 2), .. Weights(4, 1, 2)],
            t => All(Tensor.Lstm(t[0], t[1], t[2], t[3], t[4], null, t[6], reverse: true))) { Constants = [5] },
        new("lstm", "lengths", [Values.Reals(3, 2, 1), Values.Others(2, 1), Values.Reals(2, 1), .. Weights(4, 1, 1), Lengths],
            t => All(Tensor.Lstm(t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7]))),
        new("lstm", "lengths, reverse", [Values.Reals(3, 2, 1), Values.Others(2, 1), Values.Reals(2, 1), .. Weights(4, 1, 1), Lengths],
            t => All(Tensor.Lstm(t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], reverse: true)))
        {
            Large = () => [Values.Reals(3, 40, 20), Values.Others(40, 150), Values.Reals(40, 150), .. Weights(4, 20, 150), Values.Positions(4, 40)],
        },
        new("lstm", "only the last states matter", [Values.Reals(2, 1, 1), Values.Others(1, 2), Values.Reals(1, 2), .. Weights(4, 1, 2)],
            t => Tensor.Lstm(t[0], t[1], t[2], t[3], t[4], t[5], t[6]).Cell),
        new("lstm", "no steps", [Values.Reals(0, 2, 2), Values.Others(2, 2), Values.Reals(2, 2), .. Weights(4, 2, 2)],
            t => All(Tensor.Lstm(t[0], t[1], t[2], t[3], t[4], t[5], t[6]))),
    ];

    private static IEnumerable<Sample> Grus() =>
    [
        new("gru", "biases", [Values.Reals(2, 2, 1), Values.Others(2, 2), .. Weights(3, 1, 2)], t => Both(Tensor.Gru(t[0], t[1], t[2], t[3], t[4], t[5])))
        {
            Large = () => [Values.Reals(3, 40, 20), Values.Others(40, 150), .. Weights(3, 20, 150)],
        },
        new("gru", "no biases, reverse", [Values.Reals(2, 2, 1), Values.Others(2, 2), .. Weights(3, 1, 2)],
            t => Both(Tensor.Gru(t[0], t[1], t[2], t[3], reverse: true))) { Constants = [4, 5] },
        new("gru", "lengths", [Values.Reals(3, 2, 1), Values.Others(2, 1), .. Weights(3, 1, 1), Lengths],
            t => Both(Tensor.Gru(t[0], t[1], t[2], t[3], t[4], t[5], t[6]))),
        new("gru", "lengths, reverse", [Values.Reals(3, 2, 1), Values.Others(2, 1), .. Weights(3, 1, 1), Lengths],
            t => Both(Tensor.Gru(t[0], t[1], t[2], t[3], t[4], t[5], t[6], reverse: true))),
    ];

    private static IEnumerable<Sample> Cells() =>
    [
        new("rnn_cell", "tanh", [Values.Reals(2, 3), Values.Others(2, 2), .. Weights(1, 3, 2)], t => Tensor.RnnCell(t[0], t[1], t[2], t[3], t[4], t[5]))
        {
            IsComposite = true,
        },
        new("lstm_cell", "biases", [Values.Reals(2, 2), Values.Others(2, 1), Values.Reals(2, 1), .. Weights(4, 2, 1)],
            t => Both(Tensor.LstmCell(t[0], t[1], t[2], t[3], t[4], t[5], t[6])))
        {
            IsComposite = true,
        },
        new("gru_cell", "biases", [Values.Reals(2, 2), Values.Others(2, 1), .. Weights(3, 2, 1)], t => Tensor.GruCell(t[0], t[1], t[2], t[3], t[4], t[5]))
        {
            IsComposite = true,
        },
    ];

    /// <summary>Small enough that states don't run into the flat ends of the gates.</summary>
    private static Tensor[] Weights(int gates, int inputs, int size) =>
    [
        Values.Reals(gates * size, inputs) / Math.Sqrt(inputs), Values.Others(gates * size, size) / Math.Sqrt(size),
        Values.Reals(gates * size), Values.Others(gates * size),
    ];

    private static Tensor[] Both((Tensor First, Tensor Second) results) => [results.First, results.Second];

    private static Tensor[] All((Tensor Output, Tensor Hidden, Tensor Cell) results) => [results.Output, results.Hidden, results.Cell];
}
