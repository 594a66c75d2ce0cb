using System.Text.RegularExpressions;

namespace Backprop.Tests.Inspections;

/// <summary>The tape as a table, as drawings, and explained.</summary>
public class TapeViewTests
{
    private readonly Tensor w = Named("w", Tensor.From(new[,] { { 0.1, 0.2 }, { 0.3, 0.4 } }));
    private readonly Tensor b = Named("b", Tensor.From([0.5, -0.5]));
    private readonly Tensor x = Tensor.From([1.0, 2.0]);

    [Fact]
    public void TheTableHasShapesParametersMemoryAndCost()
    {
        var y = (w * 2 + b).Sigmoid().Sum();
        Assert.Equal(
            """
            #  operation     inputs  result          parameters  kept bytes  FLOPs  bytes
            --------------------------------------------------------------------------
            """.Split('\n')[0].TrimEnd('\r'),
            Tape.Of(y).ToTable().Split('\n')[0]);
        Assert.Matches(@"(?m)^1  w +float64 \[2, 2\] +4$", Tape.Of(y).ToTable());
        Assert.Matches(@"(?m)^3  multiply +1 +float64 \[2, 2\] +4 +64$", Tape.Of(y).ToTable()); // 4 elements in, 4 out, 8 bytes each
        Assert.Matches(@"(?m)^5  sigmoid +4 +float64 \[2, 2\] +32 +4 +64$", Tape.Of(y).ToTable());
        Assert.Matches(@"(?m)^ +4 operations +6 +\d+ +13 +248$", Tape.Of(y).ToTable());
    }

    [Fact]
    public void AProductCostsTwiceItsInnerLengthPerElement()
    {
        var left = Tensor.Zeros([8, 16]).RequireGradient();
        var y = left.MatMul(Tensor.Zeros([16, 4]));
        Assert.Matches(@"(?m)matmul .*\[8, 4\] .* 1,024 +896$", Tape.Of(y).ToTable());
    }

    [Fact]
    public void WhatAWalkDroppedIsNotKept()
    {
        var y = w.Exp().Sum();
        Assert.Contains(" 32 ", Tape.Of(y).ToTable().Split('\n')[^2], StringComparison.Ordinal);
        y.Backward();
        Assert.Matches(@"2 operations +4 +0 ", Tape.Of(y).ToTable());
    }

    [Fact]
    public void AnOperandThatIsNoLongerKnownIsMarked()
    {
        var y = w + Tensor.Ones([2, 2], DType.Float64);
        Assert.Matches(@"(?m)add .*\?$", Tape.Of(y).ToTable());
    }

    [Fact]
    public void DotIsAGraph()
    {
        Assert.Equal(
            """
            digraph tape {
                node [shape=box, fontname="sans-serif"];
                n1 [label="w\n[2, 2]", shape=ellipse];
                n2 [label="exp\n[2, 2]"];
                n3 [label="multiply\n[2, 2]"];
                n1 -> n2;
                n2 -> n3;
                n1 -> n3;
            }

            """.ReplaceLineEndings("\n"),
            Tape.Of(w.Exp() * w).ToDot());
    }

    [Fact]
    public void NamesWithQuotesDontBreakDrawings()
    {
        w.Name = "the \"big\" \\one";
        Assert.Contains("n1([\"the #quot;big#quot; \\one<br/>[2, 2]\"])", Tape.Of(w.Exp()).ToMermaid(), StringComparison.Ordinal);
        Assert.Contains("n1 [label=\"the \\\"big\\\" \\\\one\\n[2, 2]\", shape=ellipse];", Tape.Of(w.Exp()).ToDot(), StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainWritesValuesAndLocalDerivatives()
    {
        var text = Tape.Explain(() => (w.MatMul(x) + b).Sigmoid().Sum().Square(), decimals: 4).ReplaceLineEndings("\n");
        Assert.Contains("#6 = sigmoid(#5) = [0.7311 0.6457]", text, StringComparison.Ordinal);
        Assert.Contains("∂#7/∂#6 = [1. 1.]", text, StringComparison.Ordinal);
        Assert.Contains("∂#6/∂#5, element by element = [0.1966 0.2288]", text, StringComparison.Ordinal);
        Assert.Contains(
            "∂#3/∂w, a row for each element of #3, a column for each of w =\n        [[1. 2. 0. 0.]\n         [0. 0. 1. 2.]]",
            text,
            StringComparison.Ordinal);
        Assert.Contains("∂#8/∂w = [[0.5414 1.0827]\n            [0.6299 1.2599]]", text, StringComparison.Ordinal);
        Assert.EndsWith("∂#8/∂b = [0.5414 0.6299]\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainTouchesNoGradientAndDropsNothing()
    {
        var y = (w * b).Sum();
        var inside = 0;
        var text = Tape.Explain(() =>
        {
            inside++;
            return (y * 3).Exp();
        });
        Assert.Equal(1, inside);
        Assert.Null(w.Gradient);
        Assert.Contains("operands not known; computed before this function", text, StringComparison.Ordinal);
        y.Backward(); // its tape is as it was
        Assert.NotNull(w.Gradient);
    }

    [Fact]
    public void ExplainKnowsWhatWasRecordedInsideAWalkAndInsideASegment()
    {
        var text = Tape.Explain(() => Gradient.Of(w.Sin().Sum(), w, record: true).Square().Sum());
        Assert.DoesNotContain("not known", text, StringComparison.Ordinal);
        text = Tape.Explain(() => Checkpoint.Run(() => w.Sin()).Sum());
        Assert.Contains("checkpoint", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" = 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainAbridgesWhatIsLarge()
    {
        var large = Named("large", Tensor.Uniform([40, 30], generator: new Generator(1)));
        var text = Tape.Explain(() => (large.MatMul(large.Transpose()) * large.Sum()).Mean());
        Assert.Matches(@"∂#\d+/∂large has 1600 × 1200 elements, not shown", text);
        Assert.InRange(text.Length, 100, 60_000);
    }

    [Fact]
    public void ExplainKnowsLossesAndLayersToo()
    {
        var model = new Backprop.Layers.Linear(3, 2, generator: new Generator(1));
        _ = model.Parameters();
        var labels = Tensor.From([0, 1]);
        var text = Tape.Explain(() => Backprop.Layers.Losses.CrossEntropy(model.Forward(Tensor.Ones([2, 3])), labels));
        Assert.Contains("linear(", text, StringComparison.Ordinal);
        Assert.Contains("/∂bias = [", text, StringComparison.Ordinal);
        Assert.DoesNotContain("not known", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainNeedsSomethingRecorded()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Tape.Explain(() => x.Exp()));
        Assert.StartsWith("explain: ", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tape.Explain(() => w.Exp(), decimals: 16));
    }

    [Fact]
    public void ExplainedProductsAreTheGradients()
    {
        // The last "owed to w" of a chain is its gradient: 2 w · cos(w²), by hand.
        var text = Tape.Explain(() => w.Square().Sin().Sum());
        var byHand = new[] { 0.1, 0.2, 0.3, 0.4 }.Select(v => Math.Round(2 * v * Math.Cos(v * v), 6)).ToArray();
        var printed = Regex.Matches(text[text.LastIndexOf("owed to w", StringComparison.Ordinal)..], @"-?\d+\.\d*").Take(4).Select(m => double.Parse(m.Value)).ToArray();
        Assert.Equal(byHand, printed);
    }

    private static Tensor Named(string name, Tensor tensor)
    {
        tensor.RequireGradient().Name = name;
        return tensor;
    }
}
