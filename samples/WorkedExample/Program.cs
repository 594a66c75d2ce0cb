using Backprop;
using WorkedExample;
using static WorkedExample.Paper;

// One step of learning of a network 2-3-3-1 with sigmoid units, number by number, to be followed with a pencil.
// The mathematics is in Network.cs; this file prints it.
// On the right of every line stands what Backprop's tape computed; the formula before it is the chain rule, worked out by hand.
Console.OutputEncoding = System.Text.Encoding.UTF8;
var network = new Network();
var paper = new Paper();
var x = network.Input.ToArray<double>();
var y = network.Target.Item<double>();

var cost = network.Cost(); // forward; everything is written on the tape
cost.Backward();           // backward; every ∂C/∂w is there now

Console.WriteLine($"A network 2-3-3-1 with sigmoid units σ(z) = 1/(1 + e⁻ᶻ) sees x = ({Show(x[0])}, {Show(x[1])}) and should say y = {Show(y)}.");
Console.WriteLine("wᵢⱼ leads from input j to unit i of a layer; inputs of a layer are the a of the layer before it.");

var inputs = x; // of the layer at hand
foreach (var (number, layer) in network.Layers.Index())
{
    Heading($"Forward, layer {number + 1}");
    var (w, b) = (layer.Weight, layer.Bias.ToArray<double>());
    var (z, a) = (layer.Z.ToArray<double>(), layer.A.ToArray<double>());
    var input = number == 0 ? "x" : "a";
    for (var i = 0; i < z.Length; i++)
    {
        var weights = w[i].ToArray<double>();
        var terms = inputs.Select((_, j) => $"{Index("w", i + 1, j + 1)}·{Index(input, j + 1)}");
        var numbers = inputs.Select((value, j) => $"{Show(weights[j])}·{Show(value)}");
        paper.Write(
            Index("z", i + 1),
            $"{string.Join(" + ", terms)} + {Index("b", i + 1)}",
            $"{string.Join(" + ", numbers)} + {Show(b[i])}",
            inputs.Select((value, j) => weights[j] * value).Sum() + b[i],
            z[i]);
        paper.Write(Index("a", i + 1), $"σ({Index("z", i + 1)})", $"1/(1 + e^−{Show(z[i])})", 1 / (1 + Math.Exp(-z[i])), a[i]);
    }

    inputs = a;
}

Heading("Cost");
var said = inputs[0];
paper.Write("C", "½ (y − a₁)²", $"½ ({Show(y)} − {Show(said)})²", 0.5 * (y - said) * (y - said), cost.Item<double>());

Console.WriteLine("\nBackward: δᵢ = ∂C/∂zᵢ, and σ′(z) = a (1 − a).");
for (var number = network.Layers.Count - 1; number >= 0; number--)
{
    Heading($"Backward, layer {number + 1}");
    var layer = network.Layers[number];
    var (a, delta) = (layer.A.ToArray<double>(), layer.Z.Gradient!.ToArray<double>());
    for (var i = 0; i < delta.Length; i++)
    {
        var slope = $"{Index("a", i + 1)} (1 − {Index("a", i + 1)})";
        var slopeNumbers = $"{Show(a[i])} (1 − {Show(a[i])})";
        if (number == network.Layers.Count - 1)
        {
            paper.Write(
                Index("δ", i + 1),
                $"({Index("a", i + 1)} − y) {slope}",
                $"({Show(a[i])} − {Show(y)}) · {slopeNumbers}",
                (a[i] - y) * a[i] * (1 - a[i]),
                delta[i]);
            continue;
        }

        // Unit i is heard by every unit k of the next layer, through the weight wₖᵢ there.
        var next = network.Layers[number + 1];
        var (nextDelta, heard) = (next.Z.Gradient!.ToArray<double>(), next.Weight[.., i].Contiguous().ToArray<double>());
        var terms = heard.Select((_, k) => $"{Index("w", k + 1, i + 1)}·{Index("δ", k + 1)}");
        var numbers = heard.Select((weight, k) => $"{Show(weight)}·{Factor(nextDelta[k])}");
        paper.Write(
            Index("δ", i + 1),
            $"({string.Join(" + ", terms)}, of layer {number + 2}) {slope}",
            $"({string.Join(" + ", numbers)}) · {slopeNumbers}",
            heard.Select((weight, k) => weight * nextDelta[k]).Sum() * a[i] * (1 - a[i]),
            delta[i]);
    }

    var before = number == 0 ? x : network.Layers[number - 1].A.ToArray<double>();
    var input = number == 0 ? "x" : "a";
    var (weightGradient, biasGradient) = (layer.Weight.Gradient!, layer.Bias.Gradient!.ToArray<double>());
    for (var i = 0; i < delta.Length; i++)
    {
        for (var j = 0; j < before.Length; j++)
        {
            paper.Write(
                $"∂C/∂{Index("w", i + 1, j + 1)}",
                $"{Index("δ", i + 1)} · {Index(input, j + 1)}{(number == 0 ? "" : $" of layer {number}")}",
                $"{Show(delta[i])} · {Show(before[j])}",
                delta[i] * before[j],
                weightGradient[i, j].Item<double>());
        }

        paper.Write($"∂C/∂{Index("b", i + 1)}", Index("δ", i + 1), Show(delta[i]), delta[i], biasGradient[i]);
    }
}

var old = network.Layers.Select(layer => (Weight: layer.Weight.Detach().Clone(), Bias: layer.Bias.Detach().Clone())).ToArray();
network.Step();
foreach (var (number, layer) in network.Layers.Index())
{
    Heading($"Update, layer {number + 1}: w ← w − η ∂C/∂w with η = {Show(Network.LearningRate)}");
    for (var i = 0; i < layer.Bias.Count; i++)
    {
        for (var j = 0; j < layer.Weight.Shape[1]; j++)
        {
            Update(Index("w", i + 1, j + 1), old[number].Weight[i, j], layer.Weight.Gradient![i, j], layer.Weight[i, j]);
        }

        Update(Index("b", i + 1), old[number].Bias[i], layer.Bias.Gradient![i], layer.Bias[i]);
    }
}

Heading("After the step");
var after = network.Cost().Item<double>();
Console.WriteLine($"The cost was {Show(cost.Item<double>())} and is {Show(after)} now: the network has learnt.");
Console.WriteLine($"Largest difference between a formula by hand and the tape: {paper.LargestDifference:0.0E+00}");
return after < cost.Item<double>() && paper.LargestDifference < 1e-12 ? 0 : 1;

void Update(string name, Tensor from, Tensor gradient, Tensor to)
{
    var (w, slope) = (from.Item<double>(), gradient.Item<double>());
    paper.Write(
        $"{name} new",
        $"{name} − η · ∂C/∂{name}",
        $"{Show(w)} − {Show(Network.LearningRate)} · {Factor(slope)}",
        w - (Network.LearningRate * slope),
        to.Item<double>());
}
