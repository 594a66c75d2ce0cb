using Backprop.Layers;

namespace Backprop.Tests.Golden;

internal static partial class GoldenOps
{
    private static void AddRecurrent(OpTable table)
    {
        table.One("rnn_tanh_cell", c => RnnCell(c, RecurrentActivation.Tanh));
        table.One("rnn_relu_cell", c => RnnCell(c, RecurrentActivation.Relu));
        table.Several("lstm_cell", c =>
        {
            var cell = new LstmCell(c.Input.Shape[1], c["h0"].Shape[1], HasBias(c), dtype: DType.Float64);
            c.Bind(cell);
            var (hidden, state) = cell.Step(c.Input, c["h0"], c["c0"]);
            return [hidden, state];
        });
        table.One("gru_cell", c =>
        {
            var cell = new GruCell(c.Input.Shape[1], c["h0"].Shape[1], HasBias(c), dtype: DType.Float64);
            c.Bind(cell);
            return cell.Step(c.Input, c["h0"]);
        });
        table.Several("rnn_tanh", c => Rnn(c, RecurrentActivation.Tanh));
        table.Several("rnn_relu", c => Rnn(c, RecurrentActivation.Relu));
        table.Several("lstm", c =>
        {
            var (features, size, layers, bias, batchFirst, both) = Settings(c);
            var lstm = new Lstm(features, size, layers, bias, batchFirst, bidirectional: both, dtype: DType.Float64);
            c.Bind(lstm);
            var (output, hidden, cell) = lstm.Run(c.Input, c["h0"], c["c0"]);
            return [output, hidden, cell];
        });
        table.Several("gru", c =>
        {
            var (features, size, layers, bias, batchFirst, both) = Settings(c);
            var gru = new Gru(features, size, layers, bias, batchFirst, bidirectional: both, dtype: DType.Float64);
            c.Bind(gru);
            var (output, hidden) = gru.Run(c.Input, c["h0"]);
            return [output, hidden];
        });
    }

    private static Tensor RnnCell(GoldenCall c, RecurrentActivation activation)
    {
        var cell = new RnnCell(c.Input.Shape[1], c["h0"].Shape[1], HasBias(c), activation, dtype: DType.Float64);
        c.Bind(cell);
        return cell.Step(c.Input, c["h0"]);
    }

    private static Tensor[] Rnn(GoldenCall c, RecurrentActivation activation)
    {
        var (features, size, layers, bias, batchFirst, both) = Settings(c);
        var rnn = new Rnn(features, size, layers, bias, batchFirst, bidirectional: both, activation: activation, dtype: DType.Float64);
        c.Bind(rnn);
        var (output, hidden) = rnn.Run(c.Input, c["h0"]);
        return [output, hidden];
    }

    private static bool HasBias(GoldenCall c) => c.Optional("bias_ih") is not null;

    private static (int Features, int Size, int Layers, bool Bias, bool BatchFirst, bool Both) Settings(GoldenCall c) =>
        (c.Input.Shape[^1], c["h0"].Shape[^1], c.Arguments.Integer("num_layers", 1), c.Arguments.Flag("bias", true), c.Arguments.Flag("batch_first"),
            c.Arguments.Flag("bidirectional"));
}
