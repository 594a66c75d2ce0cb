using Backprop.Layers;

namespace Backprop.Tests.Layers.Recurrent;

/// <summary>Recurrent layers against loops of their cells, and what padding, directions, dropout and states do.</summary>
public sealed class RecurrentLayerTests
{
    private static readonly Tensor X = Tensor.Normal([3, 5, 4], dtype: DType.Float64, generator: new Generator(3));

    public static TheoryData<string> Kinds() => ["tanh", "relu", "lstm", "gru"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ALayerIsALoopOfItsCell(string kind)
    {
        var (layer, cell) = (Layer(kind), Cell(kind));
        cell.LoadStateDictionary(layer.StateDictionary().ToDictionary(entry => entry.Key.Replace("_l0", "", StringComparison.Ordinal), entry => entry.Value));
        var (output, states) = Run(layer, X);
        var state = Enumerable.Repeat(Tensor.Zeros([3, 6], DType.Float64), states.Length).ToArray();
        for (var t = 0; t < 5; t++)
        {
            state = Step(cell, X.Select(1, t), state);
            Near(state[0], output.Select(1, t));
        }

        for (var i = 0; i < state.Length; i++)
        {
            Near(state[i], states[i].Select(0, 0));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheOtherDirectionRunsFromTheEnd(string kind)
    {
        var both = Layer(kind, bidirectional: true);
        var alone = Layer(kind);
        alone.LoadStateDictionary(both.StateDictionary().Where(entry => entry.Key.EndsWith("_reverse", StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key.Replace("_reverse", "", StringComparison.Ordinal), entry => entry.Value));
        var (output, states) = Run(both, X);
        var (expected, last) = Run(alone, X.Flip(1));
        Near(expected.Flip(1), output.Narrow(2, 6, 6));
        for (var i = 0; i < last.Length; i++)
        {
            Near(last[i].Select(0, 0), states[i].Select(0, 1));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EachSequenceIsAsIfItWereAlone(string kind)
    {
        var layer = Layer(kind, layers: 2, bidirectional: true);
        long[] lengths = [2, 5, 0];
        var (output, states) = Run(layer, X, Tensor.From(lengths));
        for (var i = 0; i < lengths.Length; i++)
        {
            var length = (int)lengths[i];
            var (expected, last) = Run(layer, X.Narrow(0, i, 1).Narrow(1, 0, length));
            Near(expected, output.Narrow(0, i, 1).Narrow(1, 0, length));
            Assert.All(output.Narrow(0, i, 1).Narrow(1, length, 5 - length).ToArray<double>(), value => Assert.Equal(0, value));
            for (var k = 0; k < last.Length; k++)
            {
                Near(last[k], states[k].Narrow(1, i, 1));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void PaddingGetsNoGradient(string kind)
    {
        var layer = Layer(kind, bidirectional: true);
        var x = X.Clone().RequireGradient();
        Run(layer, x, Tensor.From([2L, 5L, 0L])).Output.Sum().Backward();
        var gradient = x.Gradient!;
        Assert.All(gradient.Narrow(0, 0, 1).Narrow(1, 2, 3).ToArray<double>(), value => Assert.Equal(0, value));
        Assert.All(gradient.Narrow(0, 2, 1).ToArray<double>(), value => Assert.Equal(0, value));
        Assert.All(gradient.Narrow(0, 0, 1).Narrow(1, 0, 2).ToArray<double>(), value => Assert.NotEqual(0, value));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void StepsFirstAndOneSequenceAreTheSame(string kind)
    {
        var (batchFirst, stepsFirst) = (Layer(kind, layers: 2), Layer(kind, layers: 2, batchFirst: false));
        stepsFirst.LoadStateDictionary(batchFirst.StateDictionary());
        var (expected, last) = Run(batchFirst, X);
        var (output, states) = Run(stepsFirst, X.Transpose(0, 1));
        Near(expected, output.Transpose(0, 1));
        Near(last[0], states[0]);
        foreach (var layer in new[] { batchFirst, stepsFirst })
        {
            var (single, ends) = Run(layer, X.Select(0, 1));
            Near(expected.Select(0, 1), single);
            Near(last[0].Select(1, 1), ends[0]);
            Near(expected.Select(0, 1), layer.Forward(X.Select(0, 1)));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ASequenceCanBeContinued(string kind)
    {
        var layer = Layer(kind, layers: 2);
        var (whole, end) = Run(layer, X);
        var (first, state) = Run(layer, X.Narrow(1, 0, 2));
        var (second, last) = Continue(layer, X.Narrow(1, 2, 3), state);
        Near(whole, Tensor.Concatenate([first, second], 1));
        Near(end[0], last[0]);
    }

    [Fact]
    public void DropoutIsBetweenLayersAndInTrainingOnly()
    {
        var layer = new Lstm(4, 6, layers: 2, dropout: 1, dtype: DType.Float64, generator: new Generator(1));
        var same = new Lstm(4, 6, layers: 2, dtype: DType.Float64);
        same.LoadStateDictionary(layer.StateDictionary());
        Near(same.Run(X).Hidden.Select(0, 0), layer.Run(X).Hidden.Select(0, 0));
        Near(same.Run(X * 0).Output * 0 + layer.Run(X * 7).Output, layer.Run(X).Output);
        Assert.NotEqual(same.Forward(X).ToArray<double>(), layer.Forward(X).ToArray<double>());
        layer.Evaluate();
        Near(same.Forward(X), layer.Forward(X));
    }

    [Fact]
    public void NamesShapesAndFirstValuesArePyTorchs()
    {
        var layer = new Gru(3, 4, layers: 2, bidirectional: true);
        Assert.Equal(
            "weight_ih_l0 [12, 3]; weight_hh_l0 [12, 4]; bias_ih_l0 [12]; bias_hh_l0 [12]; weight_ih_l0_reverse [12, 3]; weight_hh_l0_reverse [12, 4]; "
            + "bias_ih_l0_reverse [12]; bias_hh_l0_reverse [12]; weight_ih_l1 [12, 8]; weight_hh_l1 [12, 4]; bias_ih_l1 [12]; bias_hh_l1 [12]; "
            + "weight_ih_l1_reverse [12, 8]; weight_hh_l1_reverse [12, 4]; bias_ih_l1_reverse [12]; bias_hh_l1_reverse [12]",
            Names(layer));
        Assert.Equal("weight_ih_l0 [16, 3]; weight_hh_l0 [16, 4]", Names(new Lstm(3, 4, bias: false)));
        Assert.Equal("weight_ih [4, 3]; weight_hh [4, 4]; bias_ih [4]; bias_hh [4]", Names(new RnnCell(3, 4)));
        var values = layer.Parameters().SelectMany(parameter => parameter.ToArray<float>()).ToArray();
        Assert.All(values, value => Assert.InRange(value, -0.5, 0.5));
        Assert.InRange(values.Max(), 0.45, 0.5);
        Assert.InRange(values.Min(), -0.5, -0.45);
    }

    [Fact]
    public void TheTextShowsTheSettings()
    {
        Assert.Equal("Lstm(3 → 4)", new Lstm(3, 4).ToString());
        Assert.Equal("Gru(3 → 4, 2 layers, bidirectional, no bias, steps first)", new Gru(3, 4, 2, bias: false, batchFirst: false, bidirectional: true).ToString());
        Assert.Equal("RnnCell(3 → 4, relu)", new RnnCell(3, 4, activation: RecurrentActivation.Relu).ToString());
        Assert.Equal("GruCell(3 → 4, no bias)", new GruCell(3, 4, bias: false).ToString());
    }

    [Fact]
    public void StatesAreSavedAndLoaded()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.safetensors");
        try
        {
            var (saved, loaded) = (Layer("lstm", layers: 2), Layer("lstm", layers: 2));
            saved.Save(path);
            loaded.Load(path);
            Assert.Equal(saved.Forward(X).ToArray<double>(), loaded.Forward(X).ToArray<double>());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void WrongInputIsRefusedWithTheLayersName()
    {
        var lstm = new Lstm(4, 6, dtype: DType.Float64);
        Says<ShapeException>(() => lstm.Forward(X.Narrow(2, 0, 3)), "lstm:", "[3, 5, 3]", "[batch, steps, 4]", "Lstm 4 → 6");
        Says<ShapeException>(() => lstm.Forward(Tensor.Scalar(1.0)), "lstm:", "[]");
        Says<DTypeException>(() => lstm.Forward(X.To(DType.Float32)), "lstm:", "float32", "Lstm 4 → 6");
        Says<ShapeException>(() => lstm.Run(X, Tensor.Zeros([1, 2, 6], DType.Float64)), "lstm:", "[1, 2, 6]", "[1, 3, 6]");
        Says<ShapeException>(() => lstm.Run(X.Select(0, 0), cell: Tensor.Zeros([1, 3, 6], DType.Float64)), "lstm:", "[1, 3, 6]", "[1, 6]");
        Says<ShapeException>(() => new GruCell(4, 6, dtype: DType.Float64).Step(X), "gru_cell:", "[3, 5, 4]", "[batch, 4]");
        Says<ShapeException>(
            () => new GruCell(4, 6, dtype: DType.Float64).Step(X.Select(1, 0), Tensor.Zeros([6], DType.Float64)), "gru_cell:", "[6]", "[3, 6]");
        Says<ArgumentOutOfRangeException>(() => new Lstm(0, 6), "lstm:", "inFeatures", "at least 1");
        Says<ArgumentOutOfRangeException>(() => new Rnn(2, 0), "rnn:", "size", "at least 1");
        Says<ArgumentOutOfRangeException>(() => new Gru(2, 3, layers: 0), "gru:", "layers", "at least 1");
        Says<ArgumentOutOfRangeException>(() => new Gru(2, 3, dropout: 1.5), "gru:", "dropout", "from 0 to 1");
        Says<ArgumentOutOfRangeException>(() => new Rnn(2, 3, activation: (RecurrentActivation)9), "rnn:", "9");
        Says<ArgumentOutOfRangeException>(() => new RnnCell(2, 3, activation: (RecurrentActivation)9), "rnn_cell:", "9");
        Says<DTypeException>(() => new Lstm(2, 3, dtype: DType.Int64), "lstm:", "int64");
    }

    [Fact]
    public void AnUnrecordedSweepKeepsNothingForGradients()
    {
        var lstm = new Lstm(4, 6, dtype: DType.Float64);
        var recorded = lstm.Run(X);
        using (Recording.Pause())
        {
            var plain = lstm.Run(X);
            Assert.Equal(recorded.Output.ToArray<double>(), plain.Output.ToArray<double>());
            Assert.True(plain.Output.Storage.ByteLength < recorded.Output.Storage.ByteLength);
        }
    }

    private static void Says<TException>(Action call, params string[] words)
        where TException : Exception
    {
        var thrown = Assert.Throws<TException>(call);
        Assert.StartsWith(words[0], thrown.Message);
        Assert.All(words, word => Assert.Contains(word, thrown.Message));
    }

    private static string Names(Module module) => string.Join(
        "; ", module.NamedParameters().Select(entry => $"{entry.Name} [{string.Join(", ", entry.Parameter.Shape.ToArray())}]"));

    private static RecurrentLayer Layer(string kind, int layers = 1, bool bidirectional = false, bool batchFirst = true) => kind switch
    {
        "lstm" => new Lstm(4, 6, layers, batchFirst: batchFirst, bidirectional: bidirectional, dtype: DType.Float64),
        "gru" => new Gru(4, 6, layers, batchFirst: batchFirst, bidirectional: bidirectional, dtype: DType.Float64),
        "relu" => new Rnn(4, 6, layers, batchFirst: batchFirst, bidirectional: bidirectional, activation: RecurrentActivation.Relu, dtype: DType.Float64),
        _ => new Rnn(4, 6, layers, batchFirst: batchFirst, bidirectional: bidirectional, dtype: DType.Float64),
    };

    private static RecurrentCell Cell(string kind) => kind switch
    {
        "lstm" => new LstmCell(4, 6, dtype: DType.Float64),
        "gru" => new GruCell(4, 6, dtype: DType.Float64),
        "relu" => new RnnCell(4, 6, activation: RecurrentActivation.Relu, dtype: DType.Float64),
        _ => new RnnCell(4, 6, dtype: DType.Float64),
    };

    private static (Tensor Output, Tensor[] States) Run(RecurrentLayer layer, Tensor x, Tensor? lengths = null)
    {
        switch (layer)
        {
            case Lstm lstm:
                var (output, hidden, cell) = lstm.Run(x, lengths: lengths);
                return (output, [hidden, cell]);
            case Gru gru:
                var (ofGru, state) = gru.Run(x, lengths: lengths);
                return (ofGru, [state]);
            default:
                var (ofRnn, last) = ((Rnn)layer).Run(x, lengths: lengths);
                return (ofRnn, [last]);
        }
    }

    private static (Tensor Output, Tensor[] States) Continue(RecurrentLayer layer, Tensor x, Tensor[] states)
    {
        switch (layer)
        {
            case Lstm lstm:
                var (output, hidden, cell) = lstm.Run(x, states[0], states[1]);
                return (output, [hidden, cell]);
            case Gru gru:
                var (ofGru, state) = gru.Run(x, states[0]);
                return (ofGru, [state]);
            default:
                var (ofRnn, last) = ((Rnn)layer).Run(x, states[0]);
                return (ofRnn, [last]);
        }
    }

    private static Tensor[] Step(RecurrentCell cell, Tensor x, Tensor[] states)
    {
        switch (cell)
        {
            case LstmCell lstm:
                var (hidden, state) = lstm.Step(x, states[0], states[1]);
                return [hidden, state];
            case GruCell gru:
                return [gru.Step(x, states[0])];
            default:
                return [((RnnCell)cell).Step(x, states[0])];
        }
    }

    private static void Near(Tensor expected, Tensor actual)
    {
        Assert.True(expected.Shape.SequenceEqual(actual.Shape), $"{actual.Layout} instead of {expected.Layout}");
        Assert.All(expected.ToArray<double>().Zip(actual.ToArray<double>()), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }
}
